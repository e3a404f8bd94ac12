use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
async fn f() {
    let closure = || {
        defer! {
            ready(()).await;
        }
    };
    closure();
}

fn main() {
    drop(f());
}
