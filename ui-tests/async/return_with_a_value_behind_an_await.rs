use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
async fn f() -> u8 {
    defer! {
        if ready(true).await {
            return 1;
        }
    }
    2
}

fn main() {
    drop(f());
}
