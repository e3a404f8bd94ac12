use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let name = String::new();
    drop(name);
    defer!(close());
    drop(name);
}
