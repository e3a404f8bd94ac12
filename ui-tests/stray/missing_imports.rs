fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
