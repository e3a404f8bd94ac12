use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> u32 {
    defer!(close());
    1;
}

fn main() {
    job();
}
