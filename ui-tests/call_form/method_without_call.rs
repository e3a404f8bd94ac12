use with_defer::{defer, with_defer};

struct File;

impl File {
    fn close(&self) {}
}

#[with_defer]
fn main() {
    let file = File;
    file.close();
    defer!(file.close);
}
