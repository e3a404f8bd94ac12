//! BEHAVIOURS V031, D033, Z017.

use with_defer::{defer, with_defer};

#[with_defer]
fn job() -> u32 {
    defer! {
        return 12;
    }
    1
}

fn main() {
    job();
}
