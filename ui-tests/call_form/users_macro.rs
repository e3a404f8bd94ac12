use with_defer::{defer, with_defer};

macro_rules! close {
    ($file:expr) => {
        drop($file)
    };
}

#[with_defer]
fn main() {
    let file = String::new();
    defer!(close!(file));
}
