use with_defer::with_defer;

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
