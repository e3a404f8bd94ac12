use with_defer::{defer, with_defer};

fn open() -> String {
    String::new()
}

#[with_defer]
fn main() {
    defer!(open().clear());
}
