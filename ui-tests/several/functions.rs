use with_defer::{defer, with_defer};

struct Job;

impl Job {
    #[with_defer]
    fn run(&self) {
        defer!();
    }

    #[with_defer]
    fn stop(&self) {
        defer!(|| drop(1));
    }
}

fn main() {
    Job.run();
    Job.stop();
}
