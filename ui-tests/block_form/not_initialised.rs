use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let name: String;
    defer! {
        println!("{name}");
    }
    name = String::new();
}
