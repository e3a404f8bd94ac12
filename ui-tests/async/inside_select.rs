use std::future::ready;

use with_defer::{defer, with_defer};

macro_rules! select {
    ($($future:expr),*) => {
        ($($future.await),*)
    };
}

fn close() {}

#[with_defer]
async fn f() -> (u8, u8) {
    select!(
        async {
            defer!(close());
            1
        },
        ready(2)
    )
}

fn main() {
    drop(f());
}
