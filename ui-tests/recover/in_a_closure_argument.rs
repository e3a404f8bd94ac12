use with_defer::{defer, recover, with_defer};

fn call(f: impl FnOnce()) {
    f();
}

#[with_defer]
fn main() {
    defer!(call(|| drop(recover!())));
}
