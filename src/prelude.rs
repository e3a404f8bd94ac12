//! Everything that one writes in a function that defers: `use with_defer::prelude::*;`.
//!
//! A function that only uses `#[with_defer]` and `defer!` needs no more than `use with_defer::{defer, with_defer};`.
//!
//! # Examples
//!
//! ```
//! use with_defer::prelude::*;
//!
//! #[with_defer]
//! fn divide(a: i32, b: i32) -> Option<i32> {
//!     defer! {
//!         if let Some(panic) = recover!() {
//!             println!("{panic}");
//!         }
//!     }
//!     Some(a / b)
//! }
//!
//! assert_eq!(divide(6, 3), Some(2));
//! # #[cfg(feature = "std")]
//! assert_eq!(divide(1, 0), None);
//! ```

#[cfg(feature = "alloc")]
pub use crate::DeferStack;
#[cfg(feature = "std")]
pub use crate::Panic;
pub use crate::{
    defer, defer_keyword, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer,
};
