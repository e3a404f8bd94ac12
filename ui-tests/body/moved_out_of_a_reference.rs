use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn job(name: &String) -> String {
    defer!(close());
    *name
}

fn main() {
    job(&String::new());
}
