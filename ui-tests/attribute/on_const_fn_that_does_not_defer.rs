use with_defer::with_defer;

#[with_defer]
pub const fn size() -> usize {
    8
}

fn main() {}
