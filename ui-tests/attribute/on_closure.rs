use with_defer::{defer, with_defer};

fn main() {
    let job = #[with_defer]
    || {
        defer!(close());
    };
    job();
}

fn close() {}
