use with_defer::{defer_on_failure, with_defer};

fn close() {}

#[with_defer]
fn job() -> u32 {
    defer_on_failure!(close());
    1
}

fn main() {
    job();
}
