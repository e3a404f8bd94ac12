use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let length = {
        let text = String::from("text");
        defer! {
            println!("{}", text);
        }
        &text
    };
    println!("{}", length.len());
}
