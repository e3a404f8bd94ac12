//! What may stand in a frame, for those who make programs and those who check them.

use crate::ast::{Function, When};

/// A function, closure or deferred block, or a `#[defer_scope]` in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question")]
pub(crate) struct Frame {
    /// `return` has a value.
    pub(crate) has_value: bool,
    /// `return` may have none.
    pub(crate) may_omit: bool,
    /// `?` may stand here, and in deferred blocks.
    pub(crate) tries: bool,
    /// `recover!()` may stand here.
    pub(crate) recovers: bool,
    /// It may stand in the deferred blocks of this frame, whose result has a default.
    pub(crate) defers_recover: bool,
    /// An async block of which only its end says that it returns a number.
    is_inferred: bool,
    /// `defer_on_success!` may stand here, which must know that a number does not fail.
    is_known: bool,
}

impl Frame {
    pub(crate) fn function(f: &Function) -> Self {
        let named = f.result.is_some();
        Self {
            has_value: true,
            may_omit: named,
            tries: f.fallible,
            recovers: false,
            defers_recover: named || !f.fallible,
            is_inferred: false,
            is_known: true,
        }
    }

    pub(crate) fn closure(fallible: bool) -> Self {
        Self {
            has_value: true,
            may_omit: false,
            tries: fallible,
            recovers: false,
            defers_recover: !fallible,
            is_inferred: !fallible,
            is_known: true,
        }
    }

    pub(crate) fn block(self) -> Self {
        Self {
            has_value: false,
            may_omit: true,
            tries: self.tries,
            recovers: self.defers_recover,
            defers_recover: true,
            is_inferred: false,
            is_known: true,
        }
    }

    /// `defer_on_panic! { … }`, where Go has to recover first.
    pub(crate) fn conditional(self) -> Self {
        Self { recovers: false, ..self.block() }
    }

    /// `defer!((|a| { … })(b))`
    pub(crate) fn literal(self) -> Self {
        Self { tries: false, ..self.block() }
    }

    /// In Go a function literal, in which `recover` does nothing.
    pub(crate) fn scope(self) -> Self {
        Self { recovers: false, defers_recover: true, is_known: !self.is_inferred, ..self }
    }

    /// Whether `defer_on_…!` may stand here: a number does not fail.
    pub(crate) fn allows(self, when: When) -> bool {
        match when {
            When::Failure => self.tries || !self.has_value,
            When::Success => self.is_known,
            When::Panic => true,
        }
    }
}
