use with_defer::defer_keyword;

fn close() {}

defer_keyword! {
    defer close();

    fn send() {
        defer close();
    }
}

fn main() {
    send();
}
