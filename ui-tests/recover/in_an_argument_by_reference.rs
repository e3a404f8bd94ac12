use with_defer::{defer, recover, with_defer};

fn log<T>(_panic: &T) {}

#[with_defer]
fn main() {
    defer!(log(&recover!()));
}
