use with_defer::defer_on_panic;

fn close() {}

fn main() {
    defer_on_panic!(close());
}
