use with_defer::{defer, with_defer};

struct Job;

#[with_defer]
fn main() {
    let job = Job;
    defer! {
        job.finish();
    }
}
