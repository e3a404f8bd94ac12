use std::fs::File;
use std::io;

use with_defer::{defer, with_defer};

#[with_defer]
fn create(path: &str) -> io::Result<()> {
    let file = File::create(path)?;
    if path.is_empty() {
        defer!(file.sync_all()).unwrap();
    }
    Ok(())
}

fn main() {
    let _ = create("a");
}
