use with_defer::defer;

pub type Job = defer!(u32);

fn main() {}
