use with_defer::{defer, with_defer};

fn close() -> Result<(), String> {
    Ok(())
}

#[with_defer]
fn main() {
    defer!(close()?);
}
