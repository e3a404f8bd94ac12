use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(close(););
}
