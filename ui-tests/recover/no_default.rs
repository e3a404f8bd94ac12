use with_defer::{defer, recover, with_defer};

pub struct Job(u32);

#[with_defer]
fn job() -> Job {
    defer! {
        drop(recover!());
    }
    Job(1)
}

fn main() {
    let _ = job().0;
}
