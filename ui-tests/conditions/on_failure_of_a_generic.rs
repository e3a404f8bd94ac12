use with_defer::{defer_on_failure, with_defer};

fn close() {}

#[with_defer]
fn job<T>(value: T) -> T {
    defer_on_failure!(close());
    value
}

fn main() {
    job(1);
}
