use with_defer::{defer, with_defer};

fn main() {
    #[with_defer]
    {
        defer!(close());
    }
}

fn close() {}
