use with_defer::{defer, with_defer};

#[with_defer(count = 0)]
fn job(count: u32) -> u32 {
    defer! {
        *count += 1;
    }
    count
}

fn main() {
    job(1);
}
