use std::fs::File;
use std::io;

use with_defer::{defer, with_defer};

#[with_defer]
fn save(file: io::Result<File>) -> io::Result<()> {
    defer!(file?.sync_all()?);
    Ok(())
}

fn main() {
    let _ = save;
}
