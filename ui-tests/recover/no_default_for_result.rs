use with_defer::{defer, recover, with_defer};

#[with_defer]
fn job() -> Result<u32, String> {
    defer! {
        drop(recover!());
    }
    Ok(1)
}

fn main() {
    let _ = job();
}
