use with_defer::{defer, with_defer};

struct Job(u32);

#[with_defer(result)]
fn job() -> Job {
    defer! {
        result.0 += 1;
    }
    Job(1)
}

fn main() {
    job();
}
