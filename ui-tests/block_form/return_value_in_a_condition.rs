use with_defer::{defer, with_defer};

#[with_defer]
fn job(code: u32) -> Result<u32, String> {
    defer! {
        if code > 3 {
            return Err(String::from("too many"));
        }
        println!("{code}");
    }
    Ok(code)
}

fn main() {
    let _ = job(1);
}
