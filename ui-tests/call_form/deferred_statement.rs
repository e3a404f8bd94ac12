//! BEHAVIOURS K009: a statement in place of a call.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(defer!(close()));
}
