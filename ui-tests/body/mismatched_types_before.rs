use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let count: u32 = "one";
    defer!(close());
    drop(count);
}
