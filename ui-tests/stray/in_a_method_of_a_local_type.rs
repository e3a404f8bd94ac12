use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    struct Job;
    impl Job {
        fn run(&self) {
            defer!(close());
        }
    }
    defer!(close());
    Job.run();
}
