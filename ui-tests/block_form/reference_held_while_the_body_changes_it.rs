//! A reference that deferred code names was taken before, by the user.

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut list = vec![1];
    let first = &list[0];
    defer! {
        println!("{first}");
    }
    list.push(2);
}
