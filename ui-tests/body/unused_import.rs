#![deny(unused_imports)]

use with_defer::{defer, defer_on_panic, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
