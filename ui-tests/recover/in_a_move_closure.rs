//! A `move` closure is built now.

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer!((move || drop(recover!()))());
}
