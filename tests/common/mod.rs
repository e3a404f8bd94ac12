//! A log of what ran in which order, and what a panic said.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A list that body and deferred code write to through a shared reference.
#[derive(Default)]
pub(crate) struct Log(RefCell<Vec<String>>);

impl Log {
    pub(crate) fn add(&self, entry: impl Display) {
        self.0.borrow_mut().push(entry.to_string());
    }

    /// Writes the entry and hands on the value: shows when an operand is evaluated.
    pub(crate) fn value<T>(&self, entry: impl Display, value: T) -> T {
        self.add(entry);
        value
    }

    /// The entries, with a space between them.
    pub(crate) fn text(&self) -> String {
        self.0.borrow().join(" ")
    }
}

/// What the panic that ends `f` said.
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => "returned".to_owned(),
        Err(payload) => message(&*payload),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "not text".to_owned(),
    }
}
