use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(early: bool) -> u32 {
    defer!(close());
    if early {
        return;
    }
    1
}

fn main() {
    job(true);
}
