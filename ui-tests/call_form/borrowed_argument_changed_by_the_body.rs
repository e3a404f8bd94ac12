//! A reference made before the statement is a value: it keeps what it points at borrowed.

use with_defer::{defer, with_defer};

fn close(_names: &[String]) {}

#[with_defer]
fn main() {
    let mut names = vec![String::new()];
    let first = &names[..1];
    defer!(close(first));
    names.clear();
}
