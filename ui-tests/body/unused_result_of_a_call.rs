#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
    "1".parse::<u32>();
}
