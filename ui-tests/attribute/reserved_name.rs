use with_defer::{defer, with_defer};

#[with_defer(scope)]
fn job() {
    defer!(close());
}

fn close() {}

fn main() {
    job();
}
