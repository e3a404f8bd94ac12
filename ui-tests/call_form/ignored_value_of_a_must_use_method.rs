#![deny(unused_must_use)]

use with_defer::{defer, with_defer};

struct Job;

impl Job {
    #[must_use]
    fn finish(&self) -> u32 {
        1
    }
}

#[with_defer]
fn main() {
    let job = Job;
    defer!(job.finish());
}
