use with_defer::{defer_on_error, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer_on_error!(close());
}
