use with_defer::with_defer;

#[with_defer]
pub union Bits {
    pub int: u32,
    pub float: f32,
}

fn main() {}
