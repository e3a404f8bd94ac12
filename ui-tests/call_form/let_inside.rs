use with_defer::{defer, with_defer};

fn close() -> u32 {
    1
}

#[with_defer]
fn main() {
    defer!(let x = close());
}
