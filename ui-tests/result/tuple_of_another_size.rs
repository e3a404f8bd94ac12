use with_defer::{defer, with_defer};

#[with_defer((count, err, more) = (0, None))]
fn job() -> (u32, Option<String>) {
    defer! {
        *count += 1;
    }
    (1, None)
}

fn main() {
    job();
}
