use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
async fn f() {
    defer!(async { close() }.await);
}

fn main() {
    drop(f());
}
