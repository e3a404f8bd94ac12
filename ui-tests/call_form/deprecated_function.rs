#![deny(deprecated)]

use with_defer::{defer, with_defer};

#[deprecated]
fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
