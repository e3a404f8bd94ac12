use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(text: &str) -> u32 {
    defer!(close());
    text.parse::<u32>()?
}

fn main() {
    job("");
}
