use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
    let count: u32 = "one";
    drop(count);
}
