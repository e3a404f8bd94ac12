use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let count = 0;
    println!("{count}");
    defer! {
        count = 1;
    }
}
