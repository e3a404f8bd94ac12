use with_defer::{defer, with_defer};

#[with_defer]
fn job() -> Vec<u32> {
    let mut list = vec![1];
    defer! {
        list.push(2);
    }
    list
}

fn main() {
    job();
}
