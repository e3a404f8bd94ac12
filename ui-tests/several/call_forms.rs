//! All defects of a function are reported at once.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer(scope = 1)]
fn job(name: &str) -> u32 {
    defer!();
    defer!(close);
    defer!(|| close());
    defer!(format!("{name}"));
    defer!(name.trim().len());
    1
}

fn main() {
    job("");
}
