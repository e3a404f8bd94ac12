//! `defer recover()` does nothing in Go, and is no call here.

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer!(recover!());
}
