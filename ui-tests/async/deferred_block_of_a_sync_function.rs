use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
fn f() {
    defer! {
        ready(()).await;
    }
}

fn main() {
    f();
}
