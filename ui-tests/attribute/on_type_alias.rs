use with_defer::with_defer;

#[with_defer]
pub type Job = fn();

fn main() {}
