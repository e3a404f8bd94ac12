use with_defer::defer_on_success;

fn close() {}

fn main() {
    defer_on_success!(close());
}
