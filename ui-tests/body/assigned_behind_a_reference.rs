use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(count: &u32) {
    defer!(close());
    *count = 1;
}

fn main() {
    job(&1);
}
