use with_defer::{defer, recover, with_defer};

struct Job;

#[with_defer]
fn main() {
    let job = || -> Job {
        defer! {
            drop(recover!());
        }
        Job
    };
    job();
}
