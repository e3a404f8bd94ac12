use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let mut name = String::new();
    defer!(name.clear());
    drop(name);
}
