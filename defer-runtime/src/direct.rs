//! Deferred statements of a frame that hands its result through: no slot, nothing stored on the return path.
//!
//! They serve a statement that is alone behind its guard. Where several share one, a panic of one must not keep the
//! others from running, and they run in a [`Slot`](crate::Slot).

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

/// Drops the value that a panic of deferred code keeps from being returned. If its destructor panics too, that
/// panic is the later one, and the one that goes on.
#[cold]
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "only Rust calls it; its ABI says that it cannot unwind")]
pub(crate) extern "C" fn replace_value<R>(value: R, payload: Payload) -> Payload {
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
