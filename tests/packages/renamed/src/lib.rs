//! The dependency has another name: `crate = ::go` says so, and `defer_keyword!` needs nobody to say it.

use std::cell::RefCell;
use std::fmt::Display;

use go::{DeferStack, Panic, defer, defer_on_failure, defer_on_success, recover, with_defer};

/// What ran.
#[derive(Debug, Default)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    /// Adds an entry.
    pub fn add(&self, entry: impl Display) {
        self.0.borrow_mut().push(entry.to_string());
    }

    /// The entries.
    pub fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// Every kind of statement and frame, in one function.
///
/// # Errors
///
/// If `fails`.
#[with_defer(crate = ::go)]
pub fn everything(log: &Log, fails: bool) -> Result<(), String> {
    defer_on_failure!(log.add("failure"));
    defer_on_success!(log.add("success"));
    defer!(print!(""));
    defer! {
        defer!(log.add("inner"));
        log.add("outer");
    }
    for turn in 0..2 {
        defer!(log.add(turn));
        if turn == 1 {
            defer! {
                log.add("branch");
            }
        }
    }
    #[defer_scope]
    for turn in 2..4 {
        defer!(log.add(turn));
    }
    let closure = |entry: &str| {
        defer!(log.add(entry));
    };
    closure("closure");
    defer!(close(log, true)?);
    if fails { Err("failed".into()) } else { Ok(()) }
}

fn close(log: &Log, closes: bool) -> Result<(), String> {
    log.add("close");
    if closes { Ok(()) } else { Err("not closed".into()) }
}

/// A recovered panic.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "it is recovered")]
#[with_defer(crate = go, result = None)]
pub fn recovered() -> Option<Panic> {
    defer! {
        *result = recover!();
    }
    panic!("stopped");
}

/// An async function.
#[with_defer(crate = go)]
pub async fn asynchronous(log: &Log) {
    defer!(wait(log, "deferred").await);
    wait(log, "body").await;
}

async fn wait(log: &Log, entry: &str) {
    std::future::ready(()).await;
    log.add(entry);
}

/// An `impl`, whose option is that of its functions.
#[derive(Debug)]
pub struct Device<'a>(pub &'a Log);

#[with_defer(crate = go)]
impl Device<'_> {
    /// Sends something.
    pub fn send(&self) {
        defer!(self.0.add("sent"));
        self.0.add("send");
    }

    /// Counts.
    #[with_defer(result = 1)]
    #[must_use]
    pub fn count(&self) -> u32 {
        defer! {
            *result += 1;
        }
        *result
    }
}

go::defer_keyword! {
    /// The keyword.
    pub fn keyword(log: &Log) {
        for turn in 0..2 {
            defer log.add(turn);
        }
        defer { log.add("end") }
    }

    /// The keyword, with a named result.
    #[with_defer(result)]
    #[must_use]
    pub fn keyword_with_result() -> u32 {
        defer { *result += 1; }
        1
    }
}

/// A stack.
pub fn stack(log: &mut Vec<u32>) {
    let stack = DeferStack::new();
    stack.push(|| log.push(1));
}
