use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    defer!(drop("1".parse::<u32>()?));
}
