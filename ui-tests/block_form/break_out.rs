//! A block has no loop around it but one of its own.

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer! {
        break;
    }
}
