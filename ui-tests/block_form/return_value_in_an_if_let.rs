use with_defer::{defer, with_defer};

#[with_defer]
fn first(list: &[u8]) -> Option<u8> {
    defer! {
        if let first = return list.first() {}
    }
    list.first().copied()
}

fn main() {
    first(&[1]);
}
