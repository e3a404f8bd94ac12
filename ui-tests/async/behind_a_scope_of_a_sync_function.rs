use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
fn f(numbers: &[u8]) {
    #[defer_scope]
    for number in numbers {
        defer!(assert(*number));
        ready(()).await;
    }
}

fn assert(number: u8) {
    assert_eq!(number, 1);
}

fn main() {
    f(&[1]);
}
