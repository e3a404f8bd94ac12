use with_defer::defer;

fn close() {}

fn main() {
    defer!(close());
}
