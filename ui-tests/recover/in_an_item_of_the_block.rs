//! BEHAVIOURS G123.

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer! {
        fn rescue() {
            drop(recover!());
        }
        rescue();
    }
}
