//! A label is used, whatever becomes of the `continue` that names it.

#![deny(warnings)]

use with_defer::{defer, with_defer};

#[with_defer]
fn scope(numbers: &[u32]) -> u32 {
    let mut sum = 0;
    #[defer_scope]
    'turn: for n in numbers {
        defer!(println!("{n}"));
        if *n == 0 {
            continue 'turn;
        }
        sum += n;
    }
    sum
}

#[with_defer]
fn function(numbers: &[u32]) -> u32 {
    let mut sum = 0;
    'turn: for n in numbers {
        let kept = vec![n];
        defer! {
            println!("{kept:?}");
        }
        if *n == 0 {
            continue 'turn;
        }
        sum += n;
    }
    sum
}

fn main() {
    assert_eq!(scope(&[1, 0, 2]), 3);
    assert_eq!(function(&[1, 0, 2]), 3);
}
