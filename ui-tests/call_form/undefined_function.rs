use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer!(closs());
}
