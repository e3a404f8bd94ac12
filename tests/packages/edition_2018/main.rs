//! Edition 2018.

const EDITION: u32 = 2018;

// Formatted in edition 2024.
#[path = "../cases.rs"]
#[rustfmt::skip]
mod cases;
