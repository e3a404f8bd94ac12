use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn longest<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
    defer!(close());
    if left.len() > right.len() { left } else { right }
}

fn main() {
    longest("", "");
}
