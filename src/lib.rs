//! Go's `defer` for Rust.

#![no_std]

pub use with_defer_macros::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};
pub use with_defer_runtime::Fallible;
#[cfg(feature = "std")]
pub use with_defer_runtime::Panic;

#[doc(hidden)]
pub use with_defer_runtime as __rt_0_1_0;
