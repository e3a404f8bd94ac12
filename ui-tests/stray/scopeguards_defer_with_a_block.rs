use scopeguard::defer;
use with_defer::with_defer;

#[with_defer]
fn main() {
    let mut count = 0;
    defer! {
        count += 1;
    }
    count += 2;
    assert_eq!(count, 2);
}
