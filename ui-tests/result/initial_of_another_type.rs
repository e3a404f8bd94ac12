use with_defer::{defer, with_defer};

#[with_defer(result = "none")]
fn job() -> u32 {
    defer! {
        *result += 1;
    }
    1
}

fn main() {
    job();
}
