use with_defer::with_defer;

#[with_defer]
macro_rules! job {
    () => {};
}

fn main() {
    job!();
}
