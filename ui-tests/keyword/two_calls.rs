use with_defer::defer_keyword;

fn close() {}

defer_keyword! {
    fn send() {
        defer close(), close();
    }
}

fn main() {
    send();
}
