use with_defer::with_defer;

#[with_defer]
pub use std::fmt;

fn main() {}
