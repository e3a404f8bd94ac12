//! BEHAVIOURS Z021.

#![deny(unused_must_use, path_statements)]

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let a = 1;
    defer! {
        a;
    }
}
