use with_defer::with_defer;

#[with_defer]
pub const LIMIT: usize = 8;

fn main() {}
