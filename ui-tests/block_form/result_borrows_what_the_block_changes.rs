use with_defer::{defer, with_defer};

#[with_defer]
fn first(names: &mut Vec<String>) -> &str {
    defer! {
        names.clear();
    }
    &names[0]
}

fn main() {
    first(&mut vec![String::new()]);
}
