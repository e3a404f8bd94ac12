#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

async fn close() {}

#[with_defer]
async fn f() {
    defer!(close());
}

fn main() {
    drop(f());
}
