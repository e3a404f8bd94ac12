use with_defer::{defer, with_defer};

#[with_defer]
const fn size() -> usize {
    defer!(close());
    8
}

const fn close() {}

fn main() {
    size();
}
