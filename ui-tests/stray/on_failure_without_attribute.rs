use with_defer::defer_on_failure;

fn close() {}

fn main() {
    defer_on_failure!(close());
}
