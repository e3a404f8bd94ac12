//! BEHAVIOURS S007, Z019: the loop is outside of the deferred block.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    for _ in 0..3 {
        let turn = || {
            defer!({
                close();
                break;
            });
        };
        turn();
    }
}
