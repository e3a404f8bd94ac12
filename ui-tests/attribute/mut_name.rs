use with_defer::{defer, with_defer};

#[with_defer(mut result = 0)]
fn job() -> u32 {
    defer!(close());
    1
}

fn close() {}

fn main() {
    job();
}
