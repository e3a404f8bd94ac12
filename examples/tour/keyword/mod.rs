//! The programs of the tour once more, in the form that `defer_keyword!` takes.

pub(crate) mod loops;
pub(crate) mod order;
pub(crate) mod panics;
pub(crate) mod results;
pub(crate) mod values;
