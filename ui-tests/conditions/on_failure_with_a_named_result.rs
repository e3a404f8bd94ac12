use with_defer::{defer_on_failure, with_defer};

fn close() {}

#[with_defer(result = 0)]
fn job() -> u32 {
    defer_on_failure!(close());
    1
}

fn main() {
    job();
}
