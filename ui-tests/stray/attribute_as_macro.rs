use with_defer::with_defer;

fn close() {}

fn main() {
    with_defer!(close());
}
