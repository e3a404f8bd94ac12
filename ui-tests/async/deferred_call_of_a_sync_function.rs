use with_defer::{defer, with_defer};

async fn close() {}

#[with_defer]
fn f() {
    defer!(close().await);
}

fn main() {
    f();
}
