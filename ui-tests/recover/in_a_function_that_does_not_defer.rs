use with_defer::{recover, with_defer};

#[with_defer]
fn main() {
    drop(recover!());
}
