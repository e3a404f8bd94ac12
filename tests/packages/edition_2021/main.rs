//! Edition 2021.

const EDITION: u32 = 2021;

// Formatted in edition 2024.
#[path = "../cases.rs"]
#[rustfmt::skip]
mod cases;
#[path = "../parts.rs"]
#[rustfmt::skip]
mod parts;
