use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut names: Vec<&str> = Vec::new();
    defer! {
        println!("{names:?}");
    }
    let name = String::from("x");
    names.push(&name);
}
