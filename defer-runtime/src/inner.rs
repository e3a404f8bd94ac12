//! The rest of an inner block, run so that the block's variables are still there when it has been left.
//!
//! The rest is an async block, because that is the one construct in which `return` and `?` can be told from falling
//! off the end: it is polled once; ready is a return, pending is the end. Nothing of it is left after optimization.

use core::cell::Cell;
use core::convert::Infallible;
use core::future::{Future, Pending, pending};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use crate::catch::{Payload, guard, resume};

/// How an inner block was left.
#[derive(Debug)]
pub enum Left<V, R, C = Infallible> {
    /// By its end, or by a `break` or `continue`: with what the block stored then.
    Done(V),
    /// By returning this from the frame.
    Return(R),
    /// By a panic.
    Panic(Payload),
    /// The frame was cancelled in it: in async code only.
    Cancelled(C),
}

/// Runs the rest of an inner block.
///
/// # Panics
///
/// If it awaits something other than [`forever`], which a macro can hide.
#[inline(always)]
pub fn inner<V, R>(value: &Cell<Option<V>>, rest: impl Future<Output = R>) -> Left<V, R> {
    let mut rest = pin!(Some(rest));
    let poll = guard(|| match rest.as_mut().as_pin_mut() {
        Some(rest) => rest.poll(&mut Context::from_waker(Waker::noop())),
        None => Poll::Pending,
    });
    // What the rest has moved into itself is dropped here, and that may panic too.
    let dropped = guard(|| rest.set(None));
    match (poll, dropped) {
        (Err(panic), _) | (_, Err(panic)) => Left::Panic(panic),
        (Ok(Poll::Ready(result)), Ok(())) => Left::Return(result),
        (Ok(Poll::Pending), Ok(())) => match value.take() {
            Some(value) => Left::Done(value),
            None => panic!("`.await` in a function that is not async"),
        },
    }
}

/// The end of the rest of an inner block.
#[inline(always)]
pub fn forever() -> Pending<Infallible> {
    pending()
}

/// A value for code that is never reached, so that inference knows what `return` returns.
///
/// # Panics
///
/// Always.
#[must_use]
pub fn unreached<R>() -> R {
    unreachable!("generated only behind `if false`")
}

/// Stands where a closure must own a reference that it only looks into, and is never reached.
///
/// # Panics
///
/// Always.
pub fn own<T>(_: T) -> ! {
    unreachable!("generated only behind `if false`")
}

/// Lets the panic go on that has left an inner block.
#[inline(always)]
pub fn resume_inner(panic: Payload) -> ! {
    resume(panic)
}
