use with_defer::{defer, with_defer};

fn trace(_name: &str) -> u32 {
    1
}

#[with_defer]
fn main() {
    defer!(trace("main")());
}
