//! BEHAVIOURS Z023: a name that the attribute gives is no unused variable.

#![deny(warnings)]

use with_defer::{defer, with_defer};

#[with_defer((count, _err) = (0, None))]
fn job() -> (u32, Option<String>) {
    defer! {
        println!("done");
    }
    (1, None)
}

#[with_defer((count, err) = (0, None))]
fn count() -> (u32, Option<String>) {
    defer! {
        *count += 1;
    }
    (1, None)
}

fn main() {
    assert_eq!(job(), (1, None));
    assert_eq!(count(), (2, None));
}
