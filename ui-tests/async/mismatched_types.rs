use std::future::ready;

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
async fn f() -> u8 {
    defer!(close());
    ready(()).await;
    "one"
}

fn main() {
    drop(f());
}
