//! BEHAVIOURS K009.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let open = true;
    while open
        defer!(close());
}
