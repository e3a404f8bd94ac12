use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    for name in ["a", "b"] {
        let text = String::from(name);
        defer! {
            println!("{}", text);
        }
        drop(text);
    }
}
