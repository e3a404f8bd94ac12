//! BEHAVIOURS G183.

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer! {
        drop(recover!(1));
    }
}
