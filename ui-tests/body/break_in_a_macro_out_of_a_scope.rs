//! What stands in the arguments of a macro stays as it is, and the turn is a block of its own.

use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    #[defer_scope]
    for n in 0..3 {
        defer!(close());
        println!("{}", if n == 1 { break } else { n });
    }
}
