use with_defer::defer_keyword;

fn defer(count: u32) -> u32 {
    count
}

defer_keyword! {
    fn send(count: u32) -> u32 {
        defer(count);
        defer(count)
    }
}

fn main() {
    send(1);
}
