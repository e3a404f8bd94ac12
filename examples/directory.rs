//! Counts the lines of all files in a directory, each locked while it is read.
//!
//! `cargo run --example directory -- DIRECTORY`
//!
//! `#[defer_scope]` on the loop unlocks and closes each file at the end of its turn, so that a directory of ten thousand
//! files needs no more than one descriptor at a time; a `defer!` without it would keep all of them until the function
//! ends. The summary belongs to the function, and is written whatever the way out.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::{env, process};

use fs4::FileExt;
use with_defer::{defer, defer_on_failure, with_defer};

#[derive(Debug, Default)]
struct Totals {
    files: usize,
    locked_elsewhere: usize,
    lines: usize,
    unlocked: usize,
}

#[with_defer(totals = Ok(Totals::default()))]
fn count(directory: &Path) -> io::Result<Totals> {
    let mut seen = Totals::default();
    defer! {
        let Totals { files, locked_elsewhere, lines, unlocked } = &seen;
        println!("{files} files, {lines} lines, {locked_elsewhere} locked by others, {unlocked} unlocked again");
        if let Ok(totals) = totals {
            *totals = seen;
        }
    }
    #[defer_scope]
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            continue;
        }
        defer_on_failure!(eprintln!("while reading {}", path.display()));
        let file = File::options().read(true).write(true).open(&path)?;
        if FileExt::try_lock(&file).is_err() {
            seen.locked_elsewhere += 1;
            continue;
        }
        defer! {
            FileExt::unlock(&file)?;
            seen.unlocked += 1;
        }
        if path.extension() == Some(OsStr::new("stop")) {
            println!("stopped at {}", path.display());
            break;
        }
        seen.files += 1;
        for line in BufReader::new(&file).lines() {
            line?;
            seen.lines += 1;
        }
    }
    Ok(Totals::default())
}

fn main() {
    let Some(directory) = env::args_os().nth(1) else {
        eprintln!("usage: directory DIRECTORY");
        process::exit(2);
    };
    match count(Path::new(&directory)) {
        Ok(totals) if totals.unlocked >= totals.files => {}
        Ok(totals) => {
            eprintln!("error: a lock was left: {totals:?}");
            process::exit(1);
        }
        Err(error) => {
            eprintln!("error: {error}");
            process::exit(1);
        }
    }
}
