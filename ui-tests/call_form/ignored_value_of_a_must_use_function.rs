#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

#[must_use]
fn token() -> u32 {
    1
}

#[with_defer]
fn main() {
    defer!(token());
}
