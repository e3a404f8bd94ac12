use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn longest(left: &str, right: &str) -> &str {
    defer!(close());
    if left.len() > right.len() { left } else { right }
}

fn main() {
    longest("", "");
}
