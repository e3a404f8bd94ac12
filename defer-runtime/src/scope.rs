//! Deferred statements of a block or loop with `#[defer_scope]`.

use crate::catch::{Outcome, guard};
use crate::exit::{Attempt, Failing, Returning, Succeeds};
use crate::fallible::Fallible;
use crate::future::{Frame, Way};
use crate::inner::Left;
use crate::slot::{Recover, Slot};

/// How one turn of a scope is left, while its deferred statements run.
#[derive(Debug)]
pub struct Turn<R> {
    /// What the frame returns: now, if the turn is left by a return, or later.
    slot: Slot<R>,
    returns: bool,
}

impl<R> Turn<R> {
    /// A turn of a frame without a named result.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub fn new() -> Self {
        Self { slot: Slot::empty(), returns: false }
    }

    /// A turn of a frame with a named result: the value is lent by the frame's slot.
    #[inline(always)]
    pub fn with_result(slot: &mut Slot<R>) -> Self {
        Self { slot: slot.lend(), returns: false }
    }

    /// Stores how the scope was left. What it was left with, if it was neither a return nor a panic.
    #[inline(always)]
    pub fn keep<V, C>(&mut self, left: Left<V, R, C>) -> Option<V> {
        match left {
            Left::Done(value) => return Some(value),
            Left::Return(result) => {
                self.returns = true;
                self.slot.keep(Ok(result));
            }
            Left::Panic(payload) => self.slot.panic_with(payload),
            Left::Cancelled(_) => {}
        }
        None
    }

    /// [`keep`](Self::keep) in an async frame. A panic that leaves the scope while the frame is cancelled does not undo
    /// that, even if it is recovered.
    #[inline(always)]
    pub fn settle<V, C>(&mut self, left: Left<V, R, C>, frame: &Frame) -> Option<V> {
        self.slot.watch(frame);
        self.keep(left)
    }

    /// The scope was left by returning the value of the named result.
    #[inline(always)]
    pub fn returns(&mut self) {
        self.returns = true;
    }

    /// Apart from `run`, so that there is one closure to compile.
    #[inline(always)]
    fn guarded(&mut self, deferred: impl FnOnce(&mut Self)) -> Outcome<()> {
        guard(|| deferred(self))
    }

    /// Runs a deferred statement; a panic of it replaces the one in flight.
    #[inline(always)]
    pub fn run(&mut self, deferred: impl FnOnce(&mut Self)) {
        if self.panicked() {
            if let Err(payload) = self.guarded(deferred) {
                self.slot.panic_with(payload);
            }
        } else if let Err(payload) = self.guarded(deferred) {
            self.slot.panic_with(payload);
        }
    }

    /// Stores how awaiting deferred code ended.
    #[inline(always)]
    pub fn ran(&mut self, way: Way<()>, frame: &Frame) {
        self.slot.ran(way, frame);
    }

    /// Leaves the scope: what the frame returns now, if it does, or else lets a panic go on.
    #[inline(always)]
    pub fn leave(&mut self) -> Option<R> {
        if self.returns || self.panicked() { Some(self.slot.leave()) } else { None }
    }

    /// [`leave`](Self::leave) that gives the value back to the frame's slot.
    #[inline(always)]
    pub fn leave_to(&mut self, slot: &mut Slot<R>) -> Option<R> {
        if !self.returns || self.panicked() {
            slot.give_back(&mut self.slot);
        }
        self.leave()
    }

    /// [`leave`](Self::leave) in an async frame, if it is not cancelled.
    #[inline(always)]
    pub fn leave_unless_cancelled(&mut self) -> Option<Option<R>> {
        if self.slot.is_cancelled() { None } else { Some(self.leave()) }
    }

    /// [`leave_to`](Self::leave_to) in an async frame, if it is not cancelled.
    #[inline(always)]
    pub fn leave_to_unless_cancelled(&mut self, slot: &mut Slot<R>) -> Option<Option<R>> {
        if self.slot.is_cancelled() {
            slot.give_back(&mut self.slot);
            return None;
        }
        Some(self.leave_to(slot))
    }

    /// The named result.
    ///
    /// # Panics
    ///
    /// If the value was lost: the destructor of a local variable panicked while the value was being returned.
    #[inline(always)]
    pub fn result(&mut self) -> &mut R {
        self.slot.result()
    }

    /// The panic in flight, for `recover!()`.
    #[inline(always)]
    pub fn recover(&mut self) -> Recover<'_> {
        self.slot.recover()
    }

    /// The panic in flight and the named result.
    ///
    /// # Panics
    ///
    /// As [`result`](Self::result) does.
    #[inline(always)]
    pub fn recover_and_result(&mut self) -> (Recover<'_>, &mut R) {
        self.slot.recover_and_result()
    }

    /// Whether a panic is passing through the scope.
    #[inline(always)]
    #[must_use]
    pub fn panicked(&self) -> bool {
        self.slot.panicked()
    }

    /// Whether the scope fails: it is left by returning a failure, by a panic, or because the frame is cancelled.
    #[inline(always)]
    #[must_use]
    pub fn failed(&self) -> bool
    where
        R: Fallible,
    {
        if self.returns { self.slot.failed() } else { !self.slot.returns() }
    }

    /// The type that deferred code with `?` returns.
    #[inline(always)]
    #[must_use]
    pub fn attempt(&self) -> Attempt<R>
    where
        R: Fallible,
    {
        self.slot.attempt()
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
            self.returns = true;
            self.slot.keep(Ok(failure));
        }
    }
}

impl<R: Fallible> Failing for Returning<&mut Turn<R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        !self.0.failed()
    }
}

impl<R> Succeeds for &Returning<&mut Turn<R>> {
    #[inline(always)]
    fn __with_defer_succeeds(&self) -> bool {
        self.0.slot.returns()
    }
}
