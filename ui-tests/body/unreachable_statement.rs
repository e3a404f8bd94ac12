#![deny(unreachable_code)]

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> u32 {
    defer!(close());
    return 1;
    close();
}

fn main() {
    job();
}
