use with_defer::defer_keyword;

fn close() {}

defer_keyword! {
    #![allow(unused)]

    fn send() {
        defer close();
    }
}

fn main() {
    send();
}
