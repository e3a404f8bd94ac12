use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> Jbo {
    defer!(close());
    1
}

fn main() {
    job();
}
