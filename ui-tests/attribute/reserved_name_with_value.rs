use with_defer::{defer, with_defer};

#[with_defer(expand = true)]
fn job() -> bool {
    defer!(close());
    false
}

fn close() {}

fn main() {
    job();
}
