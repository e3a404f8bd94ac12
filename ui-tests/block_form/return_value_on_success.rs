use with_defer::{defer_on_success, with_defer};

#[with_defer]
fn job() -> Result<u32, String> {
    defer_on_success! {
        return Ok(2);
    }
    Ok(1)
}

fn main() {
    let _ = job();
}
