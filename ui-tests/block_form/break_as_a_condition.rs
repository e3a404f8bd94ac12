use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer! {
        while break {}
        println!("deferred");
    }
    println!("body");
}
