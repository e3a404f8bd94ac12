use with_defer::{defer, with_defer};

unsafe fn close() {}

#[with_defer]
fn main() {
    defer! {
        close();
    }
}
