//! BEHAVIOURS V019.

use with_defer::{defer, with_defer};

#[with_defer]
fn job() -> u32 {
    defer! {
        *result += 1;
    }
    1
}

fn main() {
    job();
}
