use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let count = 0;
    println!("{count}");
    defer!(close());
    count = 1;
}
