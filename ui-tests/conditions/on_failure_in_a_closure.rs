use with_defer::{defer_on_failure, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let job = || {
        defer_on_failure!(close());
        1
    };
    job();
}
