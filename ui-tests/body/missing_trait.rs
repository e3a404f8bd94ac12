use with_defer::{defer, with_defer};

fn close() {}

struct Job;

#[with_defer]
fn main() {
    defer!(close());
    let job = Job;
    println!("{job}");
}
