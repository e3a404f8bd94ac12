//! What `with_defer` costs, beside hand-written cleanup, RAII guards and `scopeguard`.
//!
//! `cargo run -p with_defer_benches` prints instructions per call, counted by valgrind;
//! `cargo bench -p with_defer_benches --features criterion` measures time.

pub mod callgrind;
pub mod cargo;
mod shapes;
mod work;

pub use shapes::{Run, SHAPES, Shape};
