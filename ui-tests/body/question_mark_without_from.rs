use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(text: &str) -> Result<u32, String> {
    defer!(close());
    Ok(text.parse::<u32>()?)
}

fn main() {
    let _ = job("");
}
