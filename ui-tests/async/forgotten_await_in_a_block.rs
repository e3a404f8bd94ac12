#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

async fn close() {}

#[with_defer]
async fn f() {
    defer! {
        close();
        close().await;
    }
}

fn main() {
    drop(f());
}
