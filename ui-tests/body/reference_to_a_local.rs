use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job<'a>() -> &'a str {
    defer!(close());
    let name = String::new();
    &name
}

fn main() {
    job();
}
