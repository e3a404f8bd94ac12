use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    fn inner() {
        defer!(close());
    }
    inner();
}
