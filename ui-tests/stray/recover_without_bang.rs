use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer! {
        drop(recover());
    }
}
