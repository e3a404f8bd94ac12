use with_defer::{defer, with_defer};

fn close(_name: &String) {}

#[with_defer]
fn main() {
    let names = vec![String::new()];
    defer!(close(&names["first"]));
}
