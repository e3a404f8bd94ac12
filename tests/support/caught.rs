//! The panic that leaves a piece of code.

use std::panic::{AssertUnwindSafe, catch_unwind};

use with_defer::Panic;

pub(crate) fn caught<R>(code: impl FnOnce() -> R) -> Panic {
    match catch_unwind(AssertUnwindSafe(code)) {
        Ok(_) => panic!("expected a panic, and the code returned"),
        Err(payload) => Panic::new(payload),
    }
}
