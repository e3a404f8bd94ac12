use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut count = 0_u32;
    defer! {
        count = "three";
    }
    count += 1;
    assert_eq!(count, 1);
}
