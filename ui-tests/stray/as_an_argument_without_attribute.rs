use with_defer::defer;

fn close() {}

fn main() {
    drop(defer!(close()));
}
