use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> ! {
    defer!(close());
}

fn main() {
    job();
}
