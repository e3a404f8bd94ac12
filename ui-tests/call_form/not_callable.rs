use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let count = 3;
    defer!(count());
}
