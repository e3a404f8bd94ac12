use with_defer::defer_keyword;

fn close() {}

defer_keyword! {
    fn send(open: bool) {
        defer if open { close() }
        drop(open);
    }
}

fn main() {
    send(true);
}
