use with_defer::with_defer;

macro_rules! defer {
    ($call:expr) => {
        $call
    };
}

fn close() {}

#[with_defer]
fn main() {
    defer!(close());
}
