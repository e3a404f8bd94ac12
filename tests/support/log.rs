//! What ran, in order.

use std::cell::RefCell;
use std::fmt::Display;

#[derive(Default)]
pub(crate) struct Log(RefCell<Vec<String>>);

impl Log {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&self, entry: impl Display) {
        self.0.borrow_mut().push(entry.to_string());
    }

    /// The entries, separated by spaces.
    pub(crate) fn text(&self) -> String {
        self.0.borrow().join(" ")
    }
}
