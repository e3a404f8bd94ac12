use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer! {
        println!("{code}");
    }
    let code = 1;
    println!("{code}");
}
