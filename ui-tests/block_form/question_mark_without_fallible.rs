use with_defer::{defer, with_defer};

#[with_defer]
fn job() -> u32 {
    defer! {
        "1".parse::<u32>()?;
    }
    1
}

fn main() {
    job();
}
