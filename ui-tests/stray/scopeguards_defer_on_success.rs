use scopeguard::defer_on_success;
use with_defer::with_defer;

fn close() {}

#[with_defer]
fn main() {
    defer_on_success!(close());
}
