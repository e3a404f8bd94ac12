use with_defer::{defer, with_defer};

struct Counter;

#[with_defer]
impl Counter {
    #[cfg_attr(unix, with_defer::with_defer(result = 0))]
    fn count() -> u32 {
        defer! {
            *result += 1;
        }
        1
    }
}

fn main() {
    Counter::count();
}
