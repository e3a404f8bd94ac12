//! Catching a panic and letting it go on: the only file that knows whether this build can.

/// What a guarded segment left: the frame's value, or the panic that ended it.
pub type Outcome<R> = Result<R, Payload>;

pub(crate) use imp::{Parked, discard, is_unwinding, resume};
pub use imp::{Payload, guard};

#[cfg(feature = "std")]
mod imp {
    use alloc::boxed::Box;
    use core::any::Any;
    use core::mem;
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};

    use super::Outcome;

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

    /// A payload kept out of registers while deferred code runs on the panic path, so that the return path
    /// saves no register for it (PERFORMANCE: one or two pushes in each prologue). Dropped without being
    /// resumed, it was replaced by a later panic.
    pub(crate) struct Parked(Option<Box<Payload>>);

    impl Parked {
        #[cold]
        #[inline(never)]
        pub(crate) fn park(payload: Payload) -> Self {
            Self(Some(Box::new(payload)))
        }

        #[cold]
        #[inline(never)]
        pub(crate) fn take(mut self) -> Payload {
            match self.0.take() {
                Some(payload) => *payload,
                None => unreachable!("a parked payload is taken once"),
            }
        }
    }

    impl Drop for Parked {
        #[cold]
        #[inline(never)]
        fn drop(&mut self) {
            if let Some(payload) = self.0.take() {
                discard(*payload);
            }
        }
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    use super::Outcome;

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

    pub(crate) struct Parked(Payload);

    impl Parked {
        pub(crate) fn park(payload: Payload) -> Self {
            Self(payload)
        }

        pub(crate) fn take(self) -> Payload {
            self.0
        }
    }
}
