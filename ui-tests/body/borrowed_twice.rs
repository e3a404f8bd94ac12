use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let mut list = vec![1];
    defer!(close());
    let first = &list[0];
    list.push(2);
    println!("{first}");
}
