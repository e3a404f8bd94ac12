use with_defer::{defer, with_defer};

fn close() {}

trait Run {
    fn run(&self) -> u32;
}

struct Job;

impl Run for Job {
    #[with_defer]
    fn run(&self) -> u64 {
        defer!(close());
        1
    }
}

fn main() {
    Job.run();
}
