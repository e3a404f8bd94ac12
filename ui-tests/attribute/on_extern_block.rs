use with_defer::with_defer;

#[with_defer]
unsafe extern "C" {
    pub fn abs(n: i32) -> i32;
}

fn main() {}
