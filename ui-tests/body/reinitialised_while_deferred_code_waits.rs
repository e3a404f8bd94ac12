//! The body takes the variable along, although it puts something back.

use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut text = String::from("a");
    defer! {
        println!("{text}");
    }
    text = text + "b";
}
