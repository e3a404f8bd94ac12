//! As Go's `recover` it must stand in the deferred code itself.

use with_defer::{defer, recover, with_defer};

fn rescue() {
    drop(recover!());
}

#[with_defer]
fn main() {
    defer!(rescue());
}
