use with_defer::{defer, with_defer};

#[derive(Default)]
struct Job {
    count: u32,
}

#[with_defer(Job { cuont } = Job::default())]
fn job() -> Job {
    defer! {
        *cuont += 1;
    }
    Job { count: 1 }
}

fn main() {
    let _ = job().count;
}
