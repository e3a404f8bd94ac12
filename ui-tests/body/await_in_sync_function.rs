use with_defer::{defer, with_defer};

fn close() {}

async fn job() {}

#[with_defer]
fn main() {
    defer!(close());
    job().await;
}
