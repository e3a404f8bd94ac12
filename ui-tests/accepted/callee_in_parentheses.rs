//! The parentheses around a callee are Rust's, not too many.

#![deny(warnings)]

use with_defer::{defer, with_defer};

struct Job {
    close: fn(),
}

fn close() {}

#[with_defer]
fn main() {
    let job = Job { close };
    let name = String::new();
    defer!((job.close)());
    defer!((|| close())());
    defer!((move || drop(name))());
}
