use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job() -> impl Fn(&str) -> usize {
    defer!(close());
    |text| text.trim()
}

fn main() {
    job();
}
