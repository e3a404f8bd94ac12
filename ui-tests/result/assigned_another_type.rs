use with_defer::{defer, with_defer};

#[with_defer(result = 0)]
fn job() -> u32 {
    defer! {
        *result = "two";
    }
    1
}

fn main() {
    job();
}
