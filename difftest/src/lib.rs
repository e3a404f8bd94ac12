//! Random programs, printed in Go and in Rust with `with_defer`, must do the same.

pub mod ast;
pub mod generate;
pub mod go;
pub mod interpret;
pub mod random;
pub mod run;
pub mod rust;
