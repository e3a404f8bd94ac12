//! BEHAVIOURS G185: one error, at the method.

use with_defer::{defer, with_defer};

struct Job;

#[with_defer]
fn main() {
    let job = Job;
    defer!(job.finish());
}
