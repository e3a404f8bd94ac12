#![deny(unused_mut)]

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let mut name = String::new();
    defer!(close());
    drop(name);
}
