use with_defer::{defer, with_defer};

// What `#[tokio::main]` makes of an `async fn`, if it stands above.
#[with_defer(count = 0)]
fn counts() -> u32 {
    let body = async {
        defer! { *count += 1 }
        std::future::ready(2).await
    };
    block_on(body)
}

fn block_on<F: Future>(_: F) -> F::Output {
    unimplemented!()
}

fn main() {
    counts();
}
