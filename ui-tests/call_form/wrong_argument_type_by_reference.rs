use with_defer::{defer, with_defer};

fn close(_file: &mut u32) {}

#[with_defer]
fn main() {
    let mut name = String::new();
    defer!(close(&mut name));
    name.push('x');
}
