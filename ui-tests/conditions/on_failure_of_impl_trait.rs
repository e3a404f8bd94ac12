use with_defer::{defer_on_failure, with_defer};

fn close() {}

#[with_defer]
fn job() -> impl Iterator<Item = u32> {
    defer_on_failure!(close());
    0..3
}

fn main() {
    job();
}
