//! Catching a panic and letting it go on: the only file that knows whether this build can.

/// What a guarded segment left: the frame's value, or the panic that ended it.
pub type Outcome<R> = Result<R, Payload>;

pub(crate) use imp::{CATCHES, InFlight, discard, is_unwinding, resume};
pub use imp::{Payload, guard};

#[cfg(feature = "std")]
mod imp {
    use alloc::boxed::Box;
    use core::any::Any;
    use core::mem::{self, ManuallyDrop};
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};
    use std::sync::{Mutex, PoisonError};

    use super::Outcome;

    /// Whether this build catches panics.
    pub(crate) const CATCHES: bool = true;

    /// What a panic carries.
    pub type Payload = Box<dyn Any + Send>;

    /// Runs a segment of a frame and catches the panic that ends it.
    ///
    /// Costs nothing when the segment returns: the closure is inlined, and catching is a table entry.
    #[inline(always)]
    pub fn guard<R>(segment: impl FnOnce() -> R) -> Outcome<R> {
        catch_unwind(AssertUnwindSafe(segment))
    }

    /// Lets a caught panic go on, without telling the panic hook again.
    #[inline(always)]
    pub(crate) fn resume(payload: Payload) -> ! {
        resume_unwind(payload)
    }

    /// Whether a panic is unwinding this thread.
    pub(crate) fn is_unwinding() -> bool {
        std::thread::panicking()
    }

    /// Drops a payload that nobody will see. A panic of its destructor, and of the destructors of what that
    /// panicked with, is swallowed: there is nobody left to report it to but the hook, which has seen it.
    #[cold]
    #[inline(never)]
    pub(crate) fn discard(payload: Payload) {
        if let Err(nested) = guard(|| drop(payload)) {
            mem::forget(nested);
        }
    }

    /// The panic in flight, if there is one.
    ///
    /// Made for the return path, which must not pay for it. The flag is a constant on each path, which the optimizer
    /// follows better than a pointer that may be null. The payload is boxed out of line, so that no register is saved
    /// for it. The functions that do so take the box by value, so that what holds this need not live in memory, and
    /// cannot unwind, as their ABI says, so that no landing pads stand behind them.
    #[derive(Debug)]
    pub(crate) struct InFlight {
        flies: bool,
        parked: ManuallyDrop<Option<Parked>>,
    }

    /// Locked away, because a future that holds it must stay [`Sync`], and a payload is not.
    #[derive(Debug)]
    struct Parked(Box<Mutex<Payload>>);

    impl InFlight {
        #[inline(always)]
        pub(crate) fn none() -> Self {
            Self { flies: false, parked: ManuallyDrop::new(None) }
        }

        #[inline(always)]
        pub(crate) fn new(payload: Payload) -> Self {
            Self { flies: true, parked: ManuallyDrop::new(Some(park(payload))) }
        }

        #[inline(always)]
        pub(crate) fn is_some(&self) -> bool {
            self.flies
        }

        /// A later panic replaces the one in flight.
        #[inline(always)]
        pub(crate) fn set(&mut self, payload: Payload) {
            let parked = if self.flies { replace(self.parked.take(), payload) } else { park(payload) };
            self.parked = ManuallyDrop::new(Some(parked));
            self.flies = true;
        }

        #[inline(always)]
        pub(crate) fn take(&mut self) -> Option<Payload> {
            if !self.flies {
                return None;
            }
            self.flies = false;
            Some(unpark(self.parked.take()))
        }

        /// The payload of a panic that is known to be in flight.
        #[inline(always)]
        pub(crate) fn into_payload(mut self) -> Payload {
            self.flies = false;
            unpark(self.parked.take())
        }

        /// Lets the panic go on, if there is one.
        #[inline(always)]
        pub(crate) fn resume(&mut self) {
            if self.flies {
                self.flies = false;
                resume(unpark(self.parked.take()));
            }
        }
    }

    /// Dropped without being resumed, it was replaced by a later panic.
    impl Drop for InFlight {
        #[inline(always)]
        fn drop(&mut self) {
            if self.flies {
                discard_parked(self.parked.take());
            }
        }
    }

    #[cold]
    #[inline(never)]
    #[expect(improper_ctypes_definitions, reason = "only Rust calls it")]
    extern "C" fn park(payload: Payload) -> Parked {
        Parked(Box::new(Mutex::new(payload)))
    }

    #[cold]
    #[inline(never)]
    #[expect(improper_ctypes_definitions, reason = "only Rust calls it")]
    extern "C" fn unpark(parked: Option<Parked>) -> Payload {
        match parked {
            Some(Parked(payload)) => payload.into_inner().unwrap_or_else(PoisonError::into_inner),
            None => unreachable!("a panic in flight is parked"),
        }
    }

    #[cold]
    #[inline(never)]
    #[expect(improper_ctypes_definitions, reason = "only Rust calls it")]
    extern "C" fn replace(parked: Option<Parked>, payload: Payload) -> Parked {
        discard_parked(parked);
        park(payload)
    }

    #[cold]
    #[inline(never)]
    #[expect(improper_ctypes_definitions, reason = "only Rust calls it")]
    extern "C" fn discard_parked(parked: Option<Parked>) {
        discard(unpark(parked));
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    use super::Outcome;

    pub(crate) const CATCHES: bool = false;

    /// Without `std` no panic is ever caught, and there is no payload.
    #[derive(Debug)]
    pub struct Payload(());

    /// Runs a segment of a frame. Without `std` a panic passes through it.
    #[inline(always)]
    pub fn guard<R>(segment: impl FnOnce() -> R) -> Outcome<R> {
        Ok(segment())
    }

    #[inline(always)]
    pub(crate) fn resume(_: Payload) -> ! {
        unreachable!("there is no payload")
    }

    #[inline(always)]
    pub(crate) fn discard(_: Payload) {}

    pub(crate) fn is_unwinding() -> bool {
        false
    }

    /// There never is a panic in flight.
    #[derive(Debug)]
    pub(crate) struct InFlight(Option<Payload>);

    impl InFlight {
        #[inline(always)]
        pub(crate) fn none() -> Self {
            Self(None)
        }

        #[inline(always)]
        pub(crate) fn new(payload: Payload) -> Self {
            Self(Some(payload))
        }

        #[inline(always)]
        pub(crate) fn is_some(&self) -> bool {
            self.0.is_some()
        }

        #[inline(always)]
        pub(crate) fn set(&mut self, payload: Payload) {
            self.0 = Some(payload);
        }

        #[inline(always)]
        pub(crate) fn into_payload(self) -> Payload {
            match self.0 {
                Some(payload) => payload,
                None => unreachable!("there is no payload"),
            }
        }

        #[inline(always)]
        pub(crate) fn resume(&mut self) {
            if let Some(payload) = self.0.take() {
                resume(payload);
            }
        }
    }
}
