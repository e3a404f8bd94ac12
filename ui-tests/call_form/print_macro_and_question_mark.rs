use std::fmt::Write;

use with_defer::{defer, with_defer};

#[with_defer]
fn job(mut out: String) -> std::fmt::Result {
    defer!(writeln!(out, "done")?);
    out.write_str("busy")
}

fn main() {
    let _ = job(String::new());
}
