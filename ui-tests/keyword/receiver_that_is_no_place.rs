use std::sync::Mutex;

use with_defer::defer_keyword;

defer_keyword! {
    fn send(log: &Mutex<Vec<u32>>) {
        defer log.lock().unwrap().push(1);
    }
}

fn main() {
    send(&Mutex::default());
}
