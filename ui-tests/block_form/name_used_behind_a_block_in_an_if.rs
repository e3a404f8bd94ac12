//! BEHAVIOURS N001, in an inner block.

use with_defer::{defer, with_defer};

#[with_defer]
fn job(open: bool) {
    if open {
        defer! {
            let code = 1;
            drop(code);
        }
        println!("{code}");
    }
}

fn main() {
    job(true);
}
