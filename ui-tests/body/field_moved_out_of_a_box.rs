//! A closure takes the whole box along.

use with_defer::{defer, with_defer};

struct Pair {
    left: String,
    right: String,
}

#[with_defer]
fn job(pair: Box<Pair>) -> String {
    defer! {
        println!("{}", pair.right);
    }
    pair.left
}

fn main() {
    job(Box::new(Pair { left: String::new(), right: String::new() }));
}
