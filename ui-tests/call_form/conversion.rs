use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let x = 1_u32;
    defer!(x as u8);
}
