use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
fn f(numbers: &[u8]) {
    for number in numbers {
        let copy = *number;
        defer! {
            assert_eq!(copy, 1);
        }
        assert_eq!(ready(1).await, copy);
    }
}

fn main() {
    f(&[1]);
}
