#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

async fn close() -> Result<(), String> {
    Ok(())
}

#[with_defer]
async fn f() {
    defer!(close().await);
}

fn main() {
    drop(f());
}
