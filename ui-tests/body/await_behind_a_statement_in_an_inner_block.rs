//! What stands there becomes an async block, which would take the `await`.

use with_defer::{defer, with_defer};

fn close() {}

async fn job() {}

#[with_defer]
fn main() {
    for _ in 0..2 {
        defer!(close());
        job().await;
    }
}
