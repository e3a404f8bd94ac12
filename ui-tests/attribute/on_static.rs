use with_defer::with_defer;

#[with_defer]
pub static LIMIT: usize = 8;

fn main() {}
