//! Deferred statements of a block or loop with `#[defer_scope]`.

use core::marker::PhantomData;

use crate::catch::{Payload, discard, guard, resume};
use crate::exit::{Attempt, Failing, Returning, Succeeds};
use crate::fallible::Fallible;
use crate::future::Way;
use crate::inner::Left;
use crate::slot::{Recover, Slot, lost};

/// How one turn of a scope is left, while its deferred statements run.
#[derive(Debug)]
pub struct Turn<R> {
    /// What the frame returns: now, if the scope is left by a return, or later.
    value: Option<R>,
    returns: bool,
    panic: Option<Payload>,
    cancelled: bool,
}

impl<R> Turn<R> {
    /// A turn of a frame without a named result.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub fn new() -> Self {
        Self { value: None, returns: false, panic: None, cancelled: false }
    }

    /// A turn of a frame with a named result: the value is lent by the frame's slot.
    #[inline(always)]
    pub fn with_result(slot: &mut Slot<R>) -> Self {
        Self { value: slot.lend(), returns: false, panic: None, cancelled: false }
    }

    /// Stores how the scope was left. What it was left with, if it was neither a return nor a panic.
    #[inline(always)]
    pub fn keep<V, C>(&mut self, left: Left<V, R, C>) -> Option<V> {
        match left {
            Left::Done(value) => return Some(value),
            Left::Return(result) => self.return_with(result),
            Left::Panic(payload) => self.panic_with(payload),
            Left::Cancelled(_) => self.cancelled = true,
        }
        None
    }

    /// Stores how awaiting deferred code ended.
    #[inline(always)]
    pub fn ran(&mut self, way: Way<()>) {
        match way {
            Way::Returned(()) | Way::Ended => {}
            Way::Panicked(payload) => self.panic_with(payload),
            Way::Cancelled => self.cancelled = true,
        }
    }

    /// Whether the frame is cancelled, and no panic leaves it.
    #[inline(always)]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled && self.panic.is_none()
    }

    /// The scope was left by returning the value of the named result.
    #[inline(always)]
    pub fn returns(&mut self) {
        self.returns = true;
    }

    #[inline(always)]
    fn return_with(&mut self, result: R) {
        self.returns = true;
        if let Some(old) = self.value.replace(result) {
            self.run(|_| drop(old));
        }
    }

    /// Runs a deferred statement; a panic of it replaces the one in flight.
    #[inline(always)]
    pub fn run(&mut self, deferred: impl FnOnce(&mut Self)) {
        if let Err(payload) = guard(|| deferred(self)) {
            self.panic_with(payload);
        }
    }

    #[cold]
    #[inline(never)]
    fn panic_with(&mut self, payload: Payload) {
        if let Some(replaced) = self.panic.replace(payload) {
            discard(replaced);
        }
    }

    /// Leaves the scope: what the frame returns now, if it does, or else lets a panic go on.
    #[inline(always)]
    pub fn leave(&mut self) -> Option<R> {
        match self.panic.take() {
            None if self.returns => Some(self.take()),
            None => None,
            Some(payload) => resume(payload),
        }
    }

    /// [`leave`](Self::leave) that gives the value back to the frame's slot.
    #[inline(always)]
    pub fn leave_to(&mut self, slot: &mut Slot<R>) -> Option<R> {
        if self.returns && self.panic.is_none() {
            return Some(self.take());
        }
        slot.give_back(self.value.take());
        self.leave()
    }

    fn take(&mut self) -> R {
        self.value.take().unwrap_or_else(|| lost())
    }

    /// The named result.
    ///
    /// # Panics
    ///
    /// If the value was lost: the destructor of a local variable panicked while the value was being returned.
    #[inline(always)]
    pub fn result(&mut self) -> &mut R {
        self.value.as_mut().unwrap_or_else(|| lost())
    }

    /// The panic in flight, for `recover!()`.
    #[inline(always)]
    pub fn recover(&mut self) -> Recover<'_> {
        Recover::new(&mut self.panic)
    }

    /// The panic in flight and the named result.
    ///
    /// # Panics
    ///
    /// As [`result`](Self::result) does.
    #[inline(always)]
    pub fn recover_and_result(&mut self) -> (Recover<'_>, &mut R) {
        let Self { value, panic, .. } = self;
        (Recover::new(panic), value.as_mut().unwrap_or_else(|| lost()))
    }

    /// Whether a panic is passing through the scope.
    #[inline(always)]
    pub fn panicked(&self) -> bool {
        self.panic.is_some()
    }

    /// Whether the scope fails: it is left by returning a failure, or by a panic.
    #[inline(always)]
    pub fn failed(&self) -> bool
    where
        R: Fallible,
    {
        self.panicked() || self.cancelled || (self.returns && self.value.as_ref().is_some_and(R::is_failure))
    }

    /// The type that deferred code with `?` returns.
    #[inline(always)]
    pub fn attempt(&self) -> Attempt<R>
    where
        R: Fallible,
    {
        Attempt(PhantomData)
    }

    /// Makes a failure of deferred code what the frame returns, unless it has failed already.
    #[inline(always)]
    pub fn absorb(&mut self, deferred: R::Deferred)
    where
        R: Fallible,
    {
        if self.failed() {
            return;
        }
        if let Some(failure) = R::failure(deferred) {
            self.return_with(failure);
        }
    }
}

impl<R: Fallible> Failing for Returning<&mut Turn<R>> {
    #[inline(always)]
    fn succeeds(&self) -> bool {
        !self.0.failed()
    }
}

impl<R> Succeeds for &Returning<&mut Turn<R>> {
    #[inline(always)]
    fn succeeds(&self) -> bool {
        !self.0.panicked() && !self.0.cancelled
    }
}
