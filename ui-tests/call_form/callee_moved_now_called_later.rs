use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    let name = String::new();
    let close = move || drop(name);
    defer!(close());
    close();
}
