use with_defer::{defer, with_defer};

#[with_defer((count, 0) = (0, 0))]
fn job() -> (u32, u32) {
    defer! {
        *count += 1;
    }
    (1, 2)
}

fn main() {
    job();
}
