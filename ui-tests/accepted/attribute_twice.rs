//! Nothing is left to do for the second one: as on an `impl` and on a function in it.

#![deny(warnings)]

use std::sync::atomic::{AtomicU32, Ordering};

use with_defer::{defer, with_defer};

static CLOSED: AtomicU32 = AtomicU32::new(0);

fn close() {
    CLOSED.fetch_add(1, Ordering::Relaxed);
}

#[with_defer]
#[with_defer]
fn job() {
    defer!(close());
    defer! {
        close();
    }
}

fn main() {
    job();
    assert_eq!(CLOSED.load(Ordering::Relaxed), 2);
}
