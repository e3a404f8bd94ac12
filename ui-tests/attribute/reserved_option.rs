use with_defer::{defer, with_defer};

#[with_defer(allow(dead_code))]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
