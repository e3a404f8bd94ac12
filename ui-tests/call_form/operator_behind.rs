use with_defer::{defer, with_defer};

fn one() -> u8 {
    1
}

#[with_defer]
fn main() {
    defer!(one()) + 1;
}
