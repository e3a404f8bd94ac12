use with_defer::{defer, with_defer};

fn close(_file: u32) {}

#[with_defer]
fn main() {
    defer!(close(1, 2));
}
