//! The payload of a recovered panic, as a value.

use alloc::boxed::Box;
use alloc::string::String;
use core::any::{Any, TypeId};
use core::error::Error;
use core::fmt;
use std::sync::{Mutex, PoisonError};

use crate::catch::{Payload, resume};

/// A panic that was stopped: what `recover!()` returns.
///
/// It is an [`Error`], [`Send`], [`Sync`] and `'static`, so `?` and `into()` turn it into
/// `Box<dyn Error + Send + Sync>` and the like. It owns the very payload that was in flight:
/// [`resume`](Self::resume) lets it go on as it was.
///
/// # Examples
///
/// ```
/// # fn recovered() -> with_defer_runtime::Panic {
/// #     with_defer_runtime::Panic::new(Box::new("out of paper"))
/// # }
/// let panic = recovered();
/// assert_eq!(panic.message(), Some("out of paper"));
/// assert!(panic.is::<&str>());
/// ```
pub struct Panic(Repr);

/// Text is kept apart so that `message` can lend it out; all else is locked away, because `Panic` promises
/// [`Sync`] and a payload does not. Both text boxes are the payload's own allocation.
#[expect(clippy::redundant_allocation, clippy::box_collection, reason = "the box is what was thrown")]
enum Repr {
    Str(Box<&'static str>),
    String(Box<String>),
    Other(TypeId, Mutex<Payload>),
}

impl Panic {
    /// A panic that was stopped, from its payload: what [`catch_unwind`](std::panic::catch_unwind) returns.
    #[must_use]
    pub fn new(payload: Payload) -> Self {
        let payload = match payload.downcast::<&'static str>() {
            Ok(text) => return Self(Repr::Str(text)),
            Err(payload) => payload,
        };
        match payload.downcast::<String>() {
            Ok(text) => Self(Repr::String(text)),
            Err(payload) => Self(Repr::Other((*payload).type_id(), Mutex::new(payload))),
        }
    }

    /// What was passed to `panic!`, if that was text; `None` for the payloads of
    /// [`panic_any`](std::panic::panic_any) that are neither `&'static str` nor [`String`].
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match &self.0 {
            Repr::Str(text) => Some(text),
            Repr::String(text) => Some(text),
            Repr::Other(..) => None,
        }
    }

    /// Whether the payload is a `T`.
    #[must_use]
    pub fn is<T: Any>(&self) -> bool {
        let payload = match &self.0 {
            Repr::Str(_) => TypeId::of::<&'static str>(),
            Repr::String(_) => TypeId::of::<String>(),
            Repr::Other(id, _) => *id,
        };
        payload == TypeId::of::<T>()
    }

    /// The payload as a `T`.
    ///
    /// # Errors
    ///
    /// Gives the panic back if the payload is no `T`.
    pub fn downcast<T: Any>(self) -> Result<Box<T>, Self> {
        self.into_payload().downcast().map_err(Self::new)
    }

    /// The payload as a `T`, to look at or change; `None` if it is no `T`.
    pub fn downcast_mut<T: Any>(&mut self) -> Option<&mut T> {
        match &mut self.0 {
            Repr::Str(text) => (text as &mut dyn Any).downcast_mut::<Box<T>>().map(|boxed| &mut **boxed),
            Repr::String(text) => (text as &mut dyn Any).downcast_mut::<Box<T>>().map(|boxed| &mut **boxed),
            Repr::Other(_, payload) => {
                payload.get_mut().unwrap_or_else(PoisonError::into_inner).downcast_mut()
            }
        }
    }

    /// The payload itself, in the allocation it was thrown in.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        match self.0 {
            Repr::Str(text) => text,
            Repr::String(text) => text,
            Repr::Other(_, payload) => payload.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Lets the panic go on as it was. The panic hook, which has reported it already, is not called again.
    ///
    /// # Panics
    ///
    /// Always: with this payload.
    pub fn resume(self) -> ! {
        resume(self.into_payload())
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().unwrap_or("panicked with a payload that is not text"))
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Panic");
        match self.message() {
            Some(text) => tuple.field(&text),
            None => tuple.field(&format_args!("..")),
        };
        tuple.finish()
    }
}

impl Error for Panic {}
