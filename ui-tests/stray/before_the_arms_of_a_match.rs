//! BEHAVIOURS C031.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let n = 1;
    match n {
        defer!(close());
        _ => {}
    }
}
