//! The braces of a block that holds nothing but a deferred statement are not unnecessary.

#![deny(warnings)]

use with_defer::{defer, with_defer};

#[with_defer]
fn count(condition: bool) -> i32 {
    let mut n = 0;
    if condition {
        defer! { println!("{n}") }
    }
    {
        defer!(println!("block"));
    }
    match n {
        0 => {
            defer!(println!("zero"));
        }
        _ => defer!(println!("other")),
    }
    n += 1;
    n
}

fn main() {
    assert_eq!(count(true), 1);
}
