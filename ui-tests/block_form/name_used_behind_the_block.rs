//! BEHAVIOURS N001, D037: what a deferred block declares is not seen outside.

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer! {
        let code = 1;
        drop(code);
    }
    println!("{code}");
}
