use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let name = String::new();
    defer!(drop(name));
    println!("{name}");
}
