use with_defer::{defer, with_defer};

#[with_defer(crat = ::with_defer)]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
