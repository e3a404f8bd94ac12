use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut text = String::new();
    defer!((&mut text).clear());
    text.push('x');
}
