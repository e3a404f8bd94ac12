use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
async fn wait() {
    defer!(ready(())).await;
    ready(()).await;
}

fn main() {
    drop(wait());
}
