use with_defer::{defer_keyword, with_defer};

defer_keyword! {
    #[cfg_attr(unix, inline, with_defer(result = 0))]
    fn count() -> u32 {
        defer { *result += 1; }
        1
    }
}

fn main() {
    count();
}
