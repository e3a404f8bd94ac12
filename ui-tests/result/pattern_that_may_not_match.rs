use with_defer::{defer, with_defer};

#[with_defer(Ok(count) = Ok(0))]
fn job() -> Result<u32, String> {
    defer! {
        *count += 1;
    }
    Ok(1)
}

fn main() {
    let _ = job();
}
