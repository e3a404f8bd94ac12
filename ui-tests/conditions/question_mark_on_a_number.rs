use with_defer::{defer, with_defer};

fn close() -> u32 {
    1
}

#[with_defer]
fn job() -> Result<u32, String> {
    defer!(close()?);
    Ok(1)
}

fn main() {
    let _ = job();
}
