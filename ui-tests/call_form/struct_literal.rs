use with_defer::{defer, with_defer};

struct Job {
    id: u32,
}

#[with_defer]
fn main() {
    let job = Job { id: 1 };
    defer!(Job { id: job.id });
}
