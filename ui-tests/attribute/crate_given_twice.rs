use with_defer::{defer, with_defer};

#[with_defer(crate = ::with_defer, crate = ::with_defer)]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
