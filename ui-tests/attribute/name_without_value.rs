use with_defer::{defer, with_defer};

#[with_defer(result =)]
fn job() -> u32 {
    defer!(close());
    1
}

fn close() {}

fn main() {
    job();
}
