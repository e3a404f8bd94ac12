use with_defer::{defer, with_defer};

async fn close() {}

#[with_defer]
fn main() {
    defer! {
        close().await;
    }
}
