use std::sync::Mutex;

use with_defer::{defer, with_defer};

#[with_defer]
fn log(lines: &Mutex<Vec<u32>>) {
    defer!(lines.lock().unwrap().push(1));
}

fn main() {
    log(&Mutex::new(Vec::new()));
}
