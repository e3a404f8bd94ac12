//! BEHAVIOURS K009.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    for _ in 0..2
        defer!(close());
}
