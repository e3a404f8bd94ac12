use std::fs::File;
use std::io;

use with_defer::{defer, with_defer};

#[with_defer]
fn create(path: &str) -> io::Result<()> {
    let file = File::create(path)?;
    defer! {
        file.sync_all()
    }?;
    Ok(())
}

fn main() {
    let _ = create("a");
}
