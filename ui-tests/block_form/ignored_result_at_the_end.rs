#![deny(unused_must_use)]

use std::fs::File;

use with_defer::{defer, with_defer};

#[with_defer]
fn save(file: &File) {
    defer! { file.sync_all() }
}

fn main() {
    let _ = save;
}
