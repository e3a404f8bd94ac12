//! BEHAVIOURS G009: a chain of receivers.

use with_defer::{defer, with_defer};

struct Tracer;

impl Tracer {
    fn mark(&self, n: u32) -> &Self {
        println!("{n}");
        self
    }
}

#[with_defer]
fn main() {
    let tracer = Tracer;
    defer!(tracer.mark(1).mark(2));
    tracer.mark(3).mark(4);
}
