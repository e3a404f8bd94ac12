use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer! {
        let message: String = recover!();
        drop(message);
    }
}
