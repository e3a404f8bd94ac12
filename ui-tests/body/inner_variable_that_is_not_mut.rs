use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    for n in 0..2 {
        let kept = n;
        defer! {
            kept += 1;
        }
        println!("{kept}");
    }
}
