//! The name stays when the last deferred statement goes.

#![deny(warnings)]

use with_defer::with_defer;

#[with_defer(result = 0)]
fn job(early: bool) -> u32 {
    *result = 1;
    if early {
        return;
    }
    2
}

fn main() {
    assert_eq!(job(true), 1);
    assert_eq!(job(false), 2);
}
