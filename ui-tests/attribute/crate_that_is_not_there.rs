use with_defer::{defer, with_defer};

#[with_defer(crate = ::with_defer_2)]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
