use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(early: bool) -> impl std::fmt::Display {
    defer!(close());
    if early {
        return 1;
    }
    "one"
}

fn main() {
    job(true);
}
