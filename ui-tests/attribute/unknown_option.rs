//! Any word may name the result, so the value has a wrong type.

use with_defer::{defer, with_defer};

#[with_defer(timeout = 5)]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
