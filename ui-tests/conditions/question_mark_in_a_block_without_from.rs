use with_defer::{defer, with_defer};

struct Closed;

fn close() -> Result<(), Closed> {
    Ok(())
}

#[with_defer]
fn job() -> Result<u32, String> {
    defer! {
        close()?;
    }
    Ok(1)
}

fn main() {
    let _ = job();
}
