use std::future::ready;

use with_defer::{defer, with_defer};

#[with_defer]
async fn f(name: String) {
    defer! {
        ready(()).await;
        assert_eq!(name, "name");
    }
    drop(name);
}

fn main() {
    drop(f(String::new()));
}
