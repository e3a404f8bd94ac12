//! Deferred statements of a frame that hands its result through: no slot, nothing stored on the return path.
//!
//! `defer` and `defer_with` run the statement and leave the segment; `after` and `after_with` run it under a
//! guard of its own, because a neighbour that shares the segment's guard has still to run.

use core::mem::needs_drop;

use crate::catch::{InFlight, Outcome, Payload, discard, guard, resume};
use crate::exit::Exit;

/// Runs a deferred statement, then returns the value or lets the panic go on.
///
/// The statement is inlined twice, on the return path and on the panic path, where the payload is first boxed
/// out of line: on the return path that costs what a hand-written `Drop` guard costs.
#[inline(always)]
pub fn defer<R>(out: Outcome<R>, deferred: impl FnOnce()) -> R {
    match out {
        Ok(value) => {
            // A value whose destructor panics must not be dropped while a panic of the statement unwinds.
            if !needs_drop::<R>() {
                deferred();
            } else if let Err(payload) = guard(deferred) {
                resume(replace_value(value, payload));
            }
            value
        }
        Err(payload) => {
            let panic = InFlight::new(payload);
            deferred();
            resume(panic.into_payload())
        }
    }
}

/// [`defer`] for a statement that asks how the frame is left or may change it.
#[inline(always)]
pub fn defer_with<R>(out: Outcome<R>, deferred: impl FnOnce(&mut Exit<'_, R>)) -> R {
    match out {
        Ok(mut value) => {
            let exit = &mut Exit::Returned(&mut value);
            if !needs_drop::<R>() {
                deferred(exit);
            } else if let Err(payload) = guard(|| deferred(exit)) {
                resume(replace_value(value, payload));
            }
            value
        }
        Err(payload) => {
            let panic = InFlight::new(payload);
            deferred(&mut Exit::Panicked);
            resume(panic.into_payload())
        }
    }
}

/// Runs a deferred statement and hands on what the segment left; a panic of the statement replaces it.
#[inline(always)]
pub fn after<R>(out: Outcome<R>, deferred: impl FnOnce()) -> Outcome<R> {
    match out {
        Ok(value) => match guard(deferred) {
            Ok(()) => Ok(value),
            Err(payload) => Err(replace_value(value, payload)),
        },
        Err(payload) => {
            let panic = InFlight::new(payload);
            match guard(deferred) {
                Ok(()) => Err(panic.into_payload()),
                Err(payload) => Err(payload),
            }
        }
    }
}

/// [`after`] for a statement that asks how the frame is left or may change it.
#[inline(always)]
pub fn after_with<R>(out: Outcome<R>, deferred: impl FnOnce(&mut Exit<'_, R>)) -> Outcome<R> {
    match out {
        Ok(mut value) => match guard(|| deferred(&mut Exit::Returned(&mut value))) {
            Ok(()) => Ok(value),
            Err(payload) => Err(replace_value(value, payload)),
        },
        Err(payload) => {
            let panic = InFlight::new(payload);
            match guard(|| deferred(&mut Exit::Panicked)) {
                Ok(()) => Err(panic.into_payload()),
                Err(payload) => Err(payload),
            }
        }
    }
}

/// Leaves a segment: returns the value or lets the panic go on.
#[inline(always)]
pub fn leave<R>(out: Outcome<R>) -> R {
    match out {
        Ok(value) => value,
        Err(payload) => resume(payload),
    }
}

/// Drops the value that a panic of deferred code keeps from being returned. If its destructor panics too, that
/// panic is the later one, and the one that goes on.
#[cold]
#[inline(never)]
fn replace_value<R>(value: R, payload: Payload) -> Payload {
    match guard(|| drop(value)) {
        Ok(()) => payload,
        Err(later) => {
            discard(payload);
            later
        }
    }
}

/// A closure that is the deferred code, on its way to being called.
#[inline(always)]
pub fn callee<F>(closure: F) -> F {
    closure
}
