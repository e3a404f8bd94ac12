//! Deferred statements of a frame that lets them see its result: they may read and change it, and stop a panic.
//!
//! The value lives outside the guards, so what was stored survives a later panic of deferred code.
//!
//! What moves a value is inlined at any price in release builds only: in others each move that is inlined takes room of
//! its own on the stack of the frame.

use core::marker::PhantomData;
use core::mem::{self, needs_drop};

use crate::catch::{InFlight, Outcome, Payload, discard, guard, is_unwinding, resume};
use crate::direct::replace_value;
use crate::exit::{Attempt, absorb};
use crate::fallible::Fallible;
use crate::future::{Frame, Way};

/// Where a frame's value and its panic wait while deferred code runs.
#[derive(Debug)]
pub struct Slot<R> {
    value: Option<R>,
    panic: InFlight,
    cancelled: bool,
    /// Nobody sees the value, and no panic is stopped: a value that a panic keeps from being returned is dropped at once.
    hands_through: bool,
}

impl<R> Slot<R> {
    /// The slot of a named result, holding what it holds before anything is stored.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(value: R) -> Self {
        Self::holding(Some(value), false)
    }

    /// The slot of a result without a name.
    #[inline(always)]
    #[must_use]
    pub fn empty() -> Self {
        Self::holding(None, false)
    }

    /// The slot of a result that deferred code does not see.
    #[inline(always)]
    #[must_use]
    pub fn handing_through() -> Self {
        Self::holding(None, true)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn holding(value: Option<R>, hands_through: bool) -> Self {
        Self { value, panic: InFlight::none(), cancelled: false, hands_through }
    }

    /// Stores what a segment left. A panic leaves the value as it was.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn keep(&mut self, out: Outcome<R>) {
        match out {
            Ok(value) => {
                if let Some(old) = self.value.replace(value) {
                    self.run(|_| drop(old));
                }
            }
            Err(payload) => self.panic.set(payload),
        }
    }

    /// Stores how a part of an async frame was left. A panic that leaves it while the frame is cancelled does not undo
    /// that, even if it is recovered.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn settle(&mut self, way: Way<R>, frame: &Frame) {
        self.watch(frame);
        match way {
            Way::Returned(value) => self.keep(Ok(value)),
            Way::Panicked(payload) => self.keep(Err(payload)),
            Way::Ended | Way::Cancelled => {}
        }
    }

    /// Stores how awaiting deferred code ended.
    #[inline(always)]
    pub fn ran(&mut self, way: Way<()>, frame: &Frame) {
        self.watch(frame);
        if let Way::Panicked(payload) = way {
            self.panic_with(payload);
        }
    }

    /// Looks whether the frame is cancelled.
    #[inline(always)]
    pub(crate) fn watch(&mut self, frame: &Frame) {
        self.cancelled = frame.is_cancelled();
    }

    /// Whether the frame is cancelled, and no panic leaves it.
    #[inline(always)]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled && !self.panic.is_some()
    }

    /// Apart from `run`, so that there is one closure to compile.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn guarded(&mut self, deferred: impl FnOnce(&mut Self)) -> Outcome<()> {
        guard(|| deferred(self))
    }

    /// Runs a deferred statement; a panic of it replaces the one in flight.
    ///
    /// The statement is inlined twice, as in [`defer`](crate::defer): the return path asks nothing.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn run(&mut self, deferred: impl FnOnce(&mut Self)) {
        if self.panicked() {
            if let Err(payload) = self.guarded(deferred) {
                self.panic_with(payload);
            }
        } else if let Err(payload) = self.guarded(deferred) {
            self.panic_with(payload);
        }
    }

    /// Notes a panic; it replaces the one in flight.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn panic_with(&mut self, payload: Payload) {
        let lost = if needs_drop::<R>() && self.hands_through { self.value.take() } else { None };
        self.panic.set(match lost {
            Some(value) => replace_value(value, payload),
            None => payload,
        });
    }

    /// Leaves the segment with a named result: returns what was stored or lets the panic go on.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn leave(&mut self) -> R {
        self.panic.resume();
        self.take()
    }

    /// Leaves the segment of a frame that hands its result through.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn hand_through(mut self) -> R {
        let panic = mem::replace(&mut self.panic, InFlight::none());
        let value = self.value.take();
        mem::forget(self);
        if panic.is_some() {
            resume(panic.into_payload());
        }
        value.unwrap_or_else(|| lost())
    }

    /// Leaves a segment of an async frame: what it returns, if the frame is not cancelled.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn leave_unless_cancelled(&mut self) -> Option<R> {
        if self.is_cancelled() { None } else { Some(self.leave()) }
    }

    /// Leaves the segment without a named result: a panic that was recovered before anything was stored
    /// makes the frame return the default.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn leave_or_default(&mut self) -> R
    where
        R: ImplicitResult,
    {
        self.panic.resume();
        self.value.take().unwrap_or_else(R::implicit)
    }

    /// [`leave_or_default`](Self::leave_or_default) with another default: of a deferred block with `?`, that it is done.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn leave_or(&mut self, implicit: impl FnOnce() -> R) -> R {
        self.panic.resume();
        self.value.take().unwrap_or_else(implicit)
    }

    /// The value, on its way out of a segment: a bare `return;` returns it.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn take(&mut self) -> R {
        self.value.take().unwrap_or_else(|| lost())
    }

    /// A slot that holds the value of this one, for deferred statements of a scope to see.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn lend(&mut self) -> Self {
        Self::holding(self.value.take(), false)
    }

    /// Takes back what was lent.
    #[inline(always)]
    pub(crate) fn give_back(&mut self, lent: &mut Self) {
        self.value = lent.value.take();
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

    /// The panic in flight and the named result, for deferred code that has use for both.
    ///
    /// # Panics
    ///
    /// As [`result`](Self::result) does.
    #[inline(always)]
    pub fn recover_and_result(&mut self) -> (Recover<'_>, &mut R) {
        let Self { value, panic, .. } = self;
        (Recover::new(panic), value.as_mut().unwrap_or_else(|| lost()))
    }

    /// Whether a panic is passing through the frame.
    #[inline(always)]
    pub fn panicked(&self) -> bool {
        self.panic.is_some()
    }

    /// Whether the frame returns, if only a failure.
    #[inline(always)]
    pub(crate) fn returns(&self) -> bool {
        !self.panicked() && !self.cancelled
    }

    /// Whether the frame fails: it returns a failure, or a panic is passing through it.
    #[inline(always)]
    pub fn failed(&self) -> bool
    where
        R: Fallible,
    {
        self.panicked() || self.cancelled || self.value.as_ref().is_some_and(R::is_failure)
    }

    /// Stores the default of a result without a name, if a panic was recovered before anything was stored: it is what the
    /// frame returns, so it is what deferred code judges and changes.
    #[inline(always)]
    pub fn recovered(&mut self)
    where
        R: ImplicitResult,
    {
        self.recovered_or(R::implicit);
    }

    /// [`recovered`](Self::recovered) with another default.
    #[inline(always)]
    pub fn recovered_or(&mut self, implicit: impl FnOnce() -> R) {
        if self.value.is_none() && self.returns() {
            self.value = Some(implicit());
        }
    }

    /// The type that deferred code with `?` returns.
    #[inline(always)]
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
        if self.panicked() || self.cancelled {
            return;
        }
        if let Some(value) = &mut self.value {
            absorb(value, deferred);
        }
    }
}

#[cold]
#[inline(never)]
pub(crate) fn lost() -> ! {
    panic!(
        "the result was lost: the destructor of a local variable panicked while the function was returning it"
    )
}

/// Drops what was not returned. That happens while a panic leaves the frame, where the panic of a destructor would abort
/// the process: it ends here, after the panic hook has reported it.
impl<R> Drop for Slot<R> {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if needs_drop::<R>() {
            if let Some(value) = self.value.take() {
                drop_value(value);
            }
        }
    }
}

#[cold]
#[inline(never)]
fn drop_value<R>(value: R) {
    if !is_unwinding() {
        drop(value);
    } else if let Err(payload) = guard(|| drop(value)) {
        discard(payload);
    }
}

/// What `recover!()` takes the panic from.
#[derive(Debug)]
pub struct Recover<'a>(
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "no panic is ever caught"))] &'a mut InFlight,
);

impl<'a> Recover<'a> {
    pub(crate) fn new(panic: &'a mut InFlight) -> Self {
        Self(panic)
    }
}

#[cfg(feature = "std")]
impl Recover<'_> {
    /// Ends the panic in flight; `None` if there is none, or it was taken already.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn take(&mut self) -> Option<crate::Panic> {
        self.0.take().map(crate::Panic::new)
    }
}

#[cfg(not(feature = "std"))]
impl Recover<'_> {
    /// Cannot be called: there is no panic to end.
    pub fn take(&mut self) -> Option<Payload>
    where
        Self: CatchesPanics,
    {
        None
    }
}

/// What `recover!()` needs, and only `std` has.
#[cfg(not(feature = "std"))]
#[diagnostic::on_unimplemented(
    message = "`recover!()` needs the feature `std` of `with_defer`",
    label = "without `std` no panic is caught, and a panic skips deferred statements"
)]
pub trait CatchesPanics {}

/// What a function without a named result returns after `recover!()`, if nothing was stored: its default.
#[diagnostic::on_unimplemented(
    message = "`recover!()` stops the panic, and then this function has no `{Self}` to return",
    label = "this return type has no `Default`",
    note = "in a closure, write the return type behind `->`",
    note = "name the result and say what it holds before anything is stored: `#[with_defer(result = …)]`"
)]
pub trait ImplicitResult: Sized {
    /// The default.
    fn implicit() -> Self;
}

impl<R: Default> ImplicitResult for R {
    #[inline(always)]
    fn implicit() -> Self {
        R::default()
    }
}
