use with_defer::{defer, with_defer};

#[with_defer(result = String::new())]
fn job() -> String {
    defer! {
        let old = *result;
        *result = old + "x";
    }
    String::from("y")
}

fn main() {
    job();
}
