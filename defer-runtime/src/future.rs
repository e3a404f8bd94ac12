//! Frames in async code: catching what leaves them, a cancellation included.
//!
//! The future that holds the rest of a frame is pinned in the frame itself, and the guard is a future of two words that
//! points at it, so a level costs no second copy of the state. A frame counts its open guards. Dropping its [`Root`] puts
//! the frame in cancel mode and polls it once more: each guard on the way to the innermost polls what it guards, the
//! innermost drops it and reports a cancellation, the deferred code behind it runs, and so on outward. Nothing that the
//! user awaits is polled on the way, and in cancel mode no guard is ever pending.

use core::convert::Infallible;
use core::fmt;
use core::future::{Future, Pending, pending};
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use core::task::{Context, Poll, Waker};

use crate::catch::{CATCHES, Outcome, Payload, discard, guard, is_unwinding, resume};
use crate::inner::Left;

/// The state of a frame that its guards share. Atomic so that the future can move between threads; nothing ever looks at
/// it from two threads at once.
#[derive(Debug)]
pub struct Frame {
    /// How many guards are open.
    depth: AtomicU32,
    cancelled: AtomicBool,
    /// The rest of a block has come to its end, and its guard is about to see it.
    ended: AtomicBool,
    /// The frame is being polled, or a panic that nothing has caught came out of that.
    polled: AtomicBool,
}

impl Frame {
    /// A frame without guards.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub fn new() -> Self {
        let no = || AtomicBool::new(false);
        Self { depth: AtomicU32::new(0), cancelled: no(), ended: no(), polled: no() }
    }

    /// The end of the rest of a block: nothing behind this runs.
    #[inline(always)]
    pub fn end(&self) -> Pending<Infallible> {
        self.ended.store(true, Ordering::Relaxed);
        pending()
    }

    #[inline(always)]
    fn depth(&self) -> u32 {
        self.depth.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn set_depth(&self, depth: u32) {
        self.depth.store(depth, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether the rest of a block has just ended.
    #[inline(always)]
    fn take_end(&self) -> bool {
        let ended = self.ended.load(Ordering::Relaxed);
        self.ended.store(false, Ordering::Relaxed);
        ended
    }
}

/// The future of a whole frame: cancels it when it is dropped with guards open.
pub struct Root<'f, F: Future> {
    frame: &'f Frame,
    body: Pin<&'f mut F>,
}

impl<'f, F: Future> Root<'f, F> {
    /// Runs the frame.
    #[inline(always)]
    pub fn new(frame: &'f Frame, body: Pin<&'f mut F>) -> Self {
        Self { frame, body }
    }
}

impl<F: Future> fmt::Debug for Root<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").field("frame", self.frame).finish_non_exhaustive()
    }
}

impl<F: Future> Future for Root<'_, F> {
    type Output = F::Output;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let frame = self.frame;
        let body = self.body.as_mut();
        if CATCHES {
            return body.poll(cx);
        }
        frame.polled.store(true, Ordering::Relaxed);
        let polled = body.poll(cx);
        frame.polled.store(false, Ordering::Relaxed);
        polled
    }
}

impl<F: Future> Drop for Root<'_, F> {
    #[inline(always)]
    fn drop(&mut self) {
        // What has panicked cannot be polled.
        if self.frame.depth() > 0 && (CATCHES || !self.frame.polled.load(Ordering::Relaxed)) {
            cancel(self.frame, self.body.as_mut());
        }
    }
}

/// Runs the pending deferred statements of a frame. A panic of one reaches whoever drops the future, unless the thread
/// unwinds already: that would abort the process, so it ends here, after the panic hook has reported it.
#[cold]
#[inline(never)]
fn cancel<F: Future>(frame: &Frame, body: Pin<&mut F>) {
    frame.cancelled.store(true, Ordering::Relaxed);
    let cancelled = guard(|| drop(body.poll(&mut Context::from_waker(Waker::noop()))));
    if let Err(payload) = cancelled {
        if is_unwinding() {
            discard(payload);
        } else {
            resume(payload);
        }
    }
}

/// How a guarded part of a frame was left.
#[derive(Debug)]
pub enum Way<R> {
    /// By returning this.
    Returned(R),
    /// By its end, where that is no return.
    Ended,
    /// By a panic.
    Panicked(Payload),
    /// The frame was cancelled in it.
    Cancelled,
}

/// How a part was left that does not await.
#[inline(always)]
pub fn way<R>(out: Outcome<R>) -> Way<R> {
    match out {
        Ok(value) => Way::Returned(value),
        Err(payload) => Way::Panicked(payload),
    }
}

/// What can end otherwise than by returning.
pub trait Ends: Copy {
    /// Whether it has.
    fn has_ended(self, frame: &Frame) -> bool;
}

/// The rest of a frame, or deferred code: it cannot.
#[derive(Debug, Clone, Copy)]
pub struct Returns;

impl Ends for Returns {
    #[inline(always)]
    fn has_ended(self, _: &Frame) -> bool {
        false
    }
}

/// The rest of a block: it can.
#[derive(Debug, Clone, Copy)]
pub struct FallsThrough;

impl Ends for FallsThrough {
    #[inline(always)]
    fn has_ended(self, frame: &Frame) -> bool {
        frame.take_end()
    }
}

/// The guard of a part of a frame. `N` is how many guards are open when it is.
pub struct Level<'f, F: Future, E, const N: u32> {
    frame: &'f Frame,
    part: Pin<&'f mut Option<F>>,
    ends: E,
}

/// Guards the rest of a frame, or deferred code.
#[inline(always)]
pub fn level<'f, const N: u32, F: Future>(
    frame: &'f Frame,
    part: Pin<&'f mut Option<F>>,
) -> Level<'f, F, Returns, N> {
    Level { frame, part, ends: Returns }
}

/// Guards the rest of a block.
#[inline(always)]
pub fn rest<'f, const N: u32, F: Future>(
    frame: &'f Frame,
    part: Pin<&'f mut Option<F>>,
) -> Level<'f, F, FallsThrough, N> {
    Level { frame, part, ends: FallsThrough }
}

impl<F: Future, E, const N: u32> fmt::Debug for Level<'_, F, E, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Level").field("frame", self.frame).finish_non_exhaustive()
    }
}

impl<F: Future, E: Ends, const N: u32> Level<'_, F, E, N> {
    /// Closes the guard: what it guarded is dropped, and that may panic.
    #[inline(always)]
    fn close(&mut self, way: Way<F::Output>) -> Poll<Way<F::Output>> {
        let dropped = guard(|| self.part.set(None));
        self.frame.set_depth(N - 1);
        match dropped {
            Ok(()) => Poll::Ready(way),
            Err(payload) => Poll::Ready(replaced(way, payload)),
        }
    }
}

/// A destructor panicked while the guard was closing.
#[cold]
#[inline(never)]
fn replaced<R>(way: Way<R>, payload: Payload) -> Way<R> {
    match way {
        Way::Panicked(earlier) => discard(earlier),
        Way::Returned(value) => {
            if let Err(later) = guard(|| drop(value)) {
                discard(payload);
                return Way::Panicked(later);
            }
        }
        Way::Ended | Way::Cancelled => {}
    }
    Way::Panicked(payload)
}

impl<F: Future, E: Ends + Unpin, const N: u32> Future for Level<'_, F, E, N> {
    type Output = Way<F::Output>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let depth = self.frame.depth();
        if depth < N {
            self.frame.set_depth(N);
        } else if depth == N && self.frame.is_cancelled() {
            return self.close(Way::Cancelled);
        }
        let polled = guard(|| match self.part.as_mut().as_pin_mut() {
            Some(part) => part.poll(cx),
            None => Poll::Pending,
        });
        match polled {
            Ok(Poll::Ready(value)) => self.close(Way::Returned(value)),
            Ok(Poll::Pending) if self.ends.has_ended(self.frame) => self.close(Way::Ended),
            Ok(Poll::Pending) if self.frame.is_cancelled() => self.close(Way::Cancelled),
            Ok(Poll::Pending) => Poll::Pending,
            Err(payload) => self.close(Way::Panicked(payload)),
        }
    }
}

/// The value of a segment that was not cancelled.
#[inline(always)]
pub fn returned<R>(left: Option<R>) -> R {
    left.unwrap_or_else(|| unreachable!("a cancelled frame does not go on"))
}

/// Drops what must not be there at the last await.
#[inline(always)]
pub fn gone<T>(_: T) {}

/// How the rest of a block was left, with what it stored at its end.
#[inline(always)]
pub fn left<V, R>(way: Way<R>, value: Option<V>) -> Left<V, R, ()> {
    match (way, value) {
        (Way::Ended, Some(value)) => Left::Done(value),
        (Way::Returned(result), _) => Left::Return(result),
        (Way::Panicked(payload), _) => Left::Panic(payload),
        (Way::Cancelled | Way::Ended, _) => Left::Cancelled(()),
    }
}
