use std::fs::File;

use with_defer::{defer, with_defer};

#[with_defer]
fn save(file: &File) {
    defer!(file.sync_all().unwrap());
}

fn main() {
    let _ = save;
}
