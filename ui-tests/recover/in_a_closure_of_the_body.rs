use with_defer::{defer, recover, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
    let rescue = || drop(recover!());
    rescue();
}
