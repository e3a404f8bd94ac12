//! The result may have a name that differs from an option's in one letter.

#![deny(warnings)]

use with_defer::{defer, with_defer};

#[with_defer(rate = start)]
fn rate(start: u32) -> u32 {
    defer! {
        *rate += 1;
    }
    start
}

#[with_defer(score)]
fn score() -> u32 {
    defer! {
        *score += 1;
    }
    1
}

fn main() {
    assert_eq!(rate(1), 2);
    assert_eq!(score(), 2);
}
