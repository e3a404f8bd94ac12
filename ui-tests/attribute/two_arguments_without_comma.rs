use with_defer::{defer, with_defer};

#[with_defer(result = 0 crate = ::with_defer)]
fn job() -> u32 {
    defer!(close());
    1
}

fn close() {}

fn main() {
    job();
}
