use with_defer::{defer, recover, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let panic = recover!();
    defer!(close());
    drop(panic);
}
