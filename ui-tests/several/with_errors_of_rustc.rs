use with_defer::{defer, with_defer};

#[with_defer]
fn job() -> u32 {
    let count: u32 = "one";
    defer!(count);
    defer! {
        drop(fil);
    }
    "two"
}

fn main() {
    job();
}
