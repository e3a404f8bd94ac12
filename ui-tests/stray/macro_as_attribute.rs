use with_defer::defer;

fn close() {}

#[defer]
fn main() {
    defer!(close());
}
