use with_defer::{defer_on_failure, with_defer};

#[with_defer]
fn main() {
    defer_on_failure!();
}
