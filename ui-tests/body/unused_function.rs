#![deny(dead_code)]

use with_defer::{defer, with_defer};

#[with_defer]
fn job() {
    defer!(drop(1));
}

fn main() {}
