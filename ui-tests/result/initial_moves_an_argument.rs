use with_defer::{defer, with_defer};

#[with_defer(result = name)]
fn job(name: String) -> String {
    defer! {
        result.push('x');
    }
    name + "y"
}

fn main() {
    job(String::new());
}
