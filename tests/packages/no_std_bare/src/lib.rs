//! Everything that returns works without `std`, and without `alloc` everything but deferred statements in loops.

#![no_std]

use core::cell::Cell;

use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, with_defer};

/// What ran, as a number: each entry adds a digit.
#[derive(Debug, Default)]
pub struct Log(Cell<u32>);

impl Log {
    /// Adds a digit.
    pub fn add(&self, digit: u32) {
        self.0.set(self.0.get() * 10 + digit);
    }

    /// The digits.
    pub fn take(&self) -> u32 {
        self.0.take()
    }
}

/// A failed deferred statement.
#[derive(Debug, PartialEq)]
pub struct CloseError(pub u32);

/// What else can go wrong.
#[derive(Debug, PartialEq)]
pub enum Error {
    /// From the caller.
    Asked,
    /// From a deferred statement.
    Close(CloseError),
}

impl From<CloseError> for Error {
    fn from(error: CloseError) -> Self {
        Self::Close(error)
    }
}

/// Both forms, an early return, and the last in first.
#[with_defer]
pub fn order(log: &Log, mut digit: u32, early: bool) -> u32 {
    defer!(log.add(digit));
    defer! {
        log.add(digit);
    }
    digit += 1;
    if early {
        return digit;
    }
    defer!(log.add(9));
    digit + 1
}

/// Failure, success, and a `?` in a deferred statement.
///
/// # Errors
///
/// If it is asked for, or if `closes` is not.
#[with_defer]
pub fn fallible(log: &Log, asked: Result<u32, Error>, closes: bool) -> Result<u32, Error> {
    defer_on_failure!(log.add(1));
    defer_on_success!(log.add(2));
    defer_on_panic!(log.add(3));
    defer!(close(log, closes)?);
    let value = asked?;
    log.add(4);
    Ok(value)
}

fn close(log: &Log, closes: bool) -> Result<(), CloseError> {
    log.add(5);
    if closes { Ok(()) } else { Err(CloseError(5)) }
}

/// A named result.
#[must_use]
#[with_defer(result = 1)]
pub fn named(add: u32) -> u32 {
    defer! {
        *result += add;
    }
    *result * 10
}

/// Statements in branches and blocks.
#[with_defer]
pub fn nested(log: &Log, n: u32) {
    if n > 0 {
        defer!(log.add(1));
    }
    match n {
        2 => {
            let two = n;
            defer!(log.add(two));
        }
        _ => defer!(log.add(0)),
    }
    log.add(9);
}

/// A scope in a loop needs no list.
#[with_defer]
pub fn scoped(log: &Log) {
    #[defer_scope]
    for turn in 1..4 {
        defer!(log.add(0));
        if turn == 2 {
            continue;
        }
        log.add(turn);
    }
}

/// A closure.
pub fn closure(log: &Log) -> u32 {
    #[with_defer]
    fn call(log: &Log, mut f: impl FnMut(u32)) {
        defer!(log.add(7));
        f(1);
        f(2);
    }
    call(log, |digit| log.add(digit));
    log.take()
}

/// An async function.
#[with_defer]
pub async fn asynchronous(log: &Log) -> u32 {
    defer!(wait(log, 2).await);
    wait(log, 1).await;
    3
}

async fn wait(log: &Log, digit: u32) {
    core::future::ready(()).await;
    log.add(digit);
}

/// An `impl`.
#[derive(Debug)]
pub struct Device<'a>(pub &'a Log);

#[with_defer]
impl Device<'_> {
    /// Sends a digit.
    pub fn send(&self, digit: u32) {
        defer!(self.0.add(0));
        self.0.add(digit);
    }
}

with_defer::defer_keyword! {
    /// The keyword.
    pub fn keyword(log: &Log) {
        defer log.add(2);
        defer { log.add(1) }
    }
}
