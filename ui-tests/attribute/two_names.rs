use with_defer::{defer, with_defer};

#[with_defer(count = 0, err = None)]
fn job() -> (u32, Option<String>) {
    defer!(close());
    (1, None)
}

fn close() {}

fn main() {
    job();
}
