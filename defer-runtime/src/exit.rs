//! How a frame is being left, as deferred code sees it.

use core::marker::PhantomData;

use crate::catch::{Outcome, guard};
use crate::fallible::Fallible;
use crate::slot::Slot;

/// What a guard hands to deferred code: how the frame is being left.
#[derive(Debug)]
pub enum Exit<'a, R> {
    /// The frame is returning this value.
    Returned(&'a mut R),
    /// A panic is passing through the frame.
    Panicked,
}

impl<R> Exit<'_, R> {
    /// Whether a panic is passing through the frame.
    #[inline(always)]
    #[must_use]
    pub fn panicked(&self) -> bool {
        matches!(self, Self::Panicked)
    }

    /// Whether the frame fails: it returns a failure, or a panic is passing through it.
    #[inline(always)]
    #[must_use]
    pub fn failed(&self) -> bool
    where
        R: Fallible,
    {
        match self {
            Self::Returned(value) => value.is_failure(),
            Self::Panicked => true,
        }
    }

    /// The type that deferred code with `?` returns.
    #[inline(always)]
    #[must_use]
    pub fn attempt(&self) -> Attempt<R>
    where
        R: Fallible,
    {
        Attempt(PhantomData)
    }

    /// Makes a failure of deferred code the frame's, unless the frame has failed already.
    #[inline(always)]
    pub fn absorb(&mut self, deferred: R::Deferred)
    where
        R: Fallible,
    {
        if let Self::Returned(value) = self {
            absorb(*value, deferred);
        }
    }
}

/// The first failure stands.
#[inline(always)]
pub(crate) fn absorb<R: Fallible>(value: &mut R, deferred: R::Deferred) {
    if !value.is_failure() {
        if let Some(failure) = R::failure(deferred) {
            *value = failure;
        }
    }
}

/// The return type of deferred code that may leave by `?`, in a frame that returns `R`.
pub struct Attempt<R>(pub(crate) PhantomData<fn() -> R>);

/// Runs deferred code that may leave by `?`.
///
/// This and the next two are functions and no methods: what is missing of a path's bounds rustc reports once.
#[inline(always)]
pub fn attempt<R: Fallible>(_: Attempt<R>, deferred: impl FnOnce() -> R::Deferred) -> R::Deferred {
    deferred()
}

/// Runs a segment of such code and catches the panic that ends it.
#[inline(always)]
pub fn attempt_guard<R: Fallible>(
    _: Attempt<R>,
    segment: impl FnOnce() -> R::Deferred,
) -> Outcome<R::Deferred> {
    guard(segment)
}

/// What such code returns when nothing failed.
#[inline(always)]
#[must_use]
pub fn attempt_done<R: Fallible>(_: Attempt<R>) -> R::Deferred {
    R::done()
}

impl<R> Clone for Attempt<R> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Attempt<R> {}

/// Asks a frame of any return type whether it succeeds: one that is not [`Fallible`] does whenever it returns.
///
/// Generated code calls `(&Returning(exit)).__with_defer_succeeds()` with both traits below in scope, and method resolution
/// tries [`Failing`] first; so the choice is made where the function is defined.
pub struct Returning<E>(pub E);

/// For return types that can say that they failed.
pub trait Failing {
    /// Whether the frame succeeds.
    fn __with_defer_succeeds(&self) -> bool;
}

/// For all return types.
pub trait Succeeds {
    /// Whether the frame succeeds.
    fn __with_defer_succeeds(&self) -> bool;
}

impl<R: Fallible> Failing for Returning<&mut Exit<'_, R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        !self.0.failed()
    }
}

impl<R> Succeeds for &Returning<&mut Exit<'_, R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        !self.0.panicked()
    }
}

impl<R: Fallible> Failing for Returning<&mut Slot<R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        !self.0.failed()
    }
}

impl<R> Succeeds for &Returning<&mut Slot<R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        self.0.returns()
    }
}
