//! Copies a file: `cargo run --example copy_file -- SOURCE DESTINATION`.
//!
//! Prints what runs in which order. Whatever fails, the destination is either the complete new file or still the
//! old one, nothing is left beside it, the error says what could not be done, and the program exits with 1. Try
//! `/dev/full` as the destination: the write that fails there happens in deferred code, where a destructor would
//! have dropped the error.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};

use with_defer::{defer, defer_on_failure, defer_on_success, with_defer};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [source, destination] = arguments.as_slice() else {
        eprintln!("usage: copy_file SOURCE DESTINATION");
        return ExitCode::from(2);
    };
    match copy(source, destination) {
        Ok(bytes) => {
            say(&format!("copied {bytes} bytes"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("copy_file: {error}");
            ExitCode::FAILURE
        }
    }
}

#[with_defer]
fn copy(source: &Path, destination: &Path) -> io::Result<u64> {
    defer!(trace("copy")()); // trace("copy") now, what it returned at exit
    let mut from = File::open(source).map_err(|error| explain("open", source, &error))?;
    // A link stays a link: the file that it leads to is replaced.
    let destination = fs::canonicalize(destination).unwrap_or_else(|_| destination.to_owned());
    match fs::metadata(&destination) {
        Ok(there) if !there.is_file() && !there.is_dir() => write_into(&mut from, &destination),
        _ => replace(&mut from, &destination),
    }
}

/// Writes into a device or pipe, which nothing can take the place of.
#[with_defer]
fn write_into(from: &mut File, device: &Path) -> io::Result<u64> {
    defer!(trace("write_into")());
    let to = OpenOptions::new().write(true).open(device).map_err(|error| explain("open", device, &error))?;
    transfer(from, &to, device)
}

/// Writes a new file beside the old one, and puts it in its place once it is complete and on the disk.
#[with_defer]
fn replace(from: &mut File, destination: &Path) -> io::Result<u64> {
    defer!(trace("replace")());
    let new = beside(destination);
    let to = File::create_new(&new).map_err(|error| explain("create a file beside", destination, &error))?;

    // Read from the bottom up: each asks, when its turn comes, whether anything has failed so far.
    defer_on_failure! {
        say("on failure: remove the new file");
        fs::remove_file(&new).map_err(|error| explain("remove", &new, &error))?;
    }
    defer_on_success! {
        say("on success: put the new file in place");
        fs::rename(&new, destination).map_err(|error| explain("replace", destination, &error))?;
    }
    defer_on_success! {
        say("on success: sync");
        to.sync_all().map_err(|error| explain("sync", &new, &error))?;
    }

    from.metadata()
        .and_then(|like| to.set_permissions(like.permissions()))
        .map_err(|error| explain("set the permissions of", &new, &error))?;
    transfer(from, &to, destination)
}

/// Writes all that can be read. What waits in the buffer at the end is written in deferred code.
#[with_defer]
fn transfer(from: &mut File, to: &File, name: &Path) -> io::Result<u64> {
    let mut to = BufWriter::with_capacity(1 << 16, Told(to));
    defer! {
        say("deferred: flush");
        to.flush().map_err(|error| explain("write", name, &error))?;
    }
    io::copy(from, &mut to).map_err(|error| explain("copy to", name, &error))
}

/// A name in the same directory, so that renaming moves no data.
fn beside(destination: &Path) -> PathBuf {
    let mut name = destination.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", process::id()));
    destination.with_file_name(name)
}

fn explain(what: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} {}: {error}", path.display()))
}

/// Says what it has written.
struct Told<'a>(&'a File);

impl Write for Told<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        say(&format!("wrote {written} bytes"));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

static DEPTH: AtomicUsize = AtomicUsize::new(0);

/// Says that a function begins; what it returns says that it ends.
fn trace(function: &'static str) -> impl FnOnce() {
    say(&format!("{function} begins"));
    DEPTH.fetch_add(1, Ordering::Relaxed);
    move || {
        DEPTH.fetch_sub(1, Ordering::Relaxed);
        say(&format!("{function} ends"));
    }
}

fn say(what: &str) {
    println!("{:1$}{what}", "", 2 * DEPTH.load(Ordering::Relaxed));
}
