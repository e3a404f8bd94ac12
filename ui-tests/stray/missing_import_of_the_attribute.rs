use with_defer::defer;

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
