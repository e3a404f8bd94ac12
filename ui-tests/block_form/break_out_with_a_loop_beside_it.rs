use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    defer! {
        for _ in 0..3 {
            close();
        }
        if std::env::args().count() > 1 {
            break;
        }
        close();
    }
}
