use with_defer::{defer, with_defer};

#[with_defer(result = START)]
fn job() -> u32 {
    defer! {
        *result += 1;
    }
    1
}

fn main() {
    job();
}
