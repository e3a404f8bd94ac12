use with_defer::{defer, with_defer};

fn close() {}

macro_rules! twice {
    ($($body:tt)*) => {
        $($body)*
        $($body)*
    };
}

#[with_defer]
fn main() {
    twice! {
        defer!(close());
    }
}
