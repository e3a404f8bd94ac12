use with_defer::{defer, recover, with_defer};

#[with_defer]
fn job<T>(value: T) -> T {
    defer! {
        drop(recover!());
    }
    value
}

fn main() {
    job(1);
}
