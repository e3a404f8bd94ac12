//! Naming a type that nobody has written down.

use core::marker::PhantomData;

use crate::catch::{Outcome, guard};

/// The type that a frame returns, where its author has not written it: a closure without `->`, or
/// `-> impl Fn(…)`, whose bound must reach the closure that is returned.
///
/// Invariant on purpose: inference must find this very type, not a supertype.
pub struct Ty<R>(PhantomData<fn(R) -> R>);

impl<R> Ty<R> {
    /// The type, to be inferred.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub fn new() -> Self {
        Self(PhantomData)
    }

    /// A value of the type for code that is never reached, so that `return` can tell inference what it is.
    ///
    /// # Panics
    ///
    /// Always.
    #[must_use]
    pub fn value(self) -> R {
        unreachable!("generated only behind `if false`")
    }

    /// The value that a segment returns, with its type known before it is looked at.
    #[inline(always)]
    pub fn given(self, value: R) -> R {
        value
    }

    /// [`guard`](crate::guard), with the segment's return type known before its body is looked at.
    #[inline(always)]
    pub fn guard(self, segment: impl FnOnce() -> R) -> Outcome<R> {
        guard(segment)
    }
}

impl<R> Clone for Ty<R> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Ty<R> {}
