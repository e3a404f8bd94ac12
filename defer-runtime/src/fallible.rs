//! Return types that can say that the function failed.

use core::ops::ControlFlow;
use core::task::Poll;

/// A return type that can say that the function failed, and take over the failure of a deferred statement.
///
/// `defer_on_failure!` and `?` in a deferred statement need it of the function's return type. It is implemented
/// for [`Result`], [`Option`], [`ControlFlow`], [`Poll`] of those, and `()`, which fails only by a panic.
///
/// # Examples
///
/// A type of your own. Only the standard library can say what `?` does in a function that returns it, so
/// [`Deferred`](Self::Deferred) is what `?` in a deferred statement returns; here it is a `Result`.
///
/// ```
/// # use with_defer_runtime as with_defer;
/// use with_defer::Fallible;
///
/// #[derive(Debug, PartialEq)]
/// struct Response {
///     status: u16,
/// }
///
/// impl Fallible for Response {
///     type Deferred = Result<(), std::io::Error>;
///
///     fn is_failure(&self) -> bool {
///         self.status >= 400
///     }
///
///     fn done() -> Self::Deferred {
///         Ok(())
///     }
///
///     fn failure(deferred: Self::Deferred) -> Option<Self> {
///         deferred.err().map(|_| Response { status: 500 })
///     }
/// }
///
/// assert!(Response { status: 404 }.is_failure());
/// let failed = Err(std::io::ErrorKind::NotFound.into());
/// assert_eq!(Response::failure(failed), Some(Response { status: 500 }));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot say that the function failed",
    label = "this needs a return type that is `Fallible`",
    note = "`defer_on_failure!`, and `?` in a deferred statement, work in functions that return `Result`, `Option`, \
            `ControlFlow`, `Poll` of those, `()`, or a type of yours that implements `with_defer::Fallible`"
)]
pub trait Fallible: Sized {
    /// What a deferred statement with `?` returns: this type with `()` in place of the value.
    type Deferred;

    /// Whether the function failed.
    fn is_failure(&self) -> bool;

    /// What a deferred statement returns when nothing in it failed.
    fn done() -> Self::Deferred;

    /// The failure of a deferred statement, as the function's; `None` if it did not fail.
    fn failure(deferred: Self::Deferred) -> Option<Self>;
}

impl<T, E> Fallible for Result<T, E> {
    type Deferred = Result<(), E>;

    #[inline(always)]
    fn is_failure(&self) -> bool {
        self.is_err()
    }

    #[inline(always)]
    fn done() -> Self::Deferred {
        Ok(())
    }

    #[inline(always)]
    fn failure(deferred: Self::Deferred) -> Option<Self> {
        deferred.err().map(Err)
    }
}

impl<T> Fallible for Option<T> {
    type Deferred = Option<()>;

    #[inline(always)]
    fn is_failure(&self) -> bool {
        self.is_none()
    }

    #[inline(always)]
    fn done() -> Self::Deferred {
        Some(())
    }

    #[inline(always)]
    fn failure(deferred: Self::Deferred) -> Option<Self> {
        match deferred {
            Some(()) => None,
            None => Some(None),
        }
    }
}

impl<B, C> Fallible for ControlFlow<B, C> {
    type Deferred = ControlFlow<B>;

    #[inline(always)]
    fn is_failure(&self) -> bool {
        self.is_break()
    }

    #[inline(always)]
    fn done() -> Self::Deferred {
        ControlFlow::Continue(())
    }

    #[inline(always)]
    fn failure(deferred: Self::Deferred) -> Option<Self> {
        match deferred {
            ControlFlow::Continue(()) => None,
            ControlFlow::Break(value) => Some(ControlFlow::Break(value)),
        }
    }
}

/// [`Poll::Pending`] is no failure.
impl<F: Fallible> Fallible for Poll<F> {
    type Deferred = Poll<F::Deferred>;

    #[inline(always)]
    fn is_failure(&self) -> bool {
        match self {
            Poll::Ready(value) => value.is_failure(),
            Poll::Pending => false,
        }
    }

    #[inline(always)]
    fn done() -> Self::Deferred {
        Poll::Ready(F::done())
    }

    #[inline(always)]
    fn failure(deferred: Self::Deferred) -> Option<Self> {
        match deferred {
            Poll::Ready(deferred) => F::failure(deferred).map(Poll::Ready),
            Poll::Pending => None,
        }
    }
}

/// Fails only by a panic, or by being cancelled.
impl Fallible for () {
    type Deferred = ();

    #[inline(always)]
    fn is_failure(&self) -> bool {
        false
    }

    #[inline(always)]
    fn done() -> Self::Deferred {}

    #[inline(always)]
    fn failure((): Self::Deferred) -> Option<Self> {
        None
    }
}
