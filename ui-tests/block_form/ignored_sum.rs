//! BEHAVIOURS S013.

#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let a = 1;
    defer! {
        a + 42;
    }
}
