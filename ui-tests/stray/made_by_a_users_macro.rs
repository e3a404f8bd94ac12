use with_defer::{defer, with_defer};

fn close() {}

macro_rules! close_later {
    () => {
        defer!(close());
    };
}

#[with_defer]
fn main() {
    close_later!();
}
