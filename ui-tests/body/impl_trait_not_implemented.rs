use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> impl std::fmt::Display {
    defer!(close());
    vec![1]
}

fn main() {
    job();
}
