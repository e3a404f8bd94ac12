use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let file = String::new();
    defer!(move || drop(file));
}
