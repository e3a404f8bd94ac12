//! How much rustc takes without a `recursion_limit`: each function with the attribute counts for 9 of the 128 queries,
//! each deferred statement for 5 (neighbours for 5 together), each plain `async fn` for 4.

use std::pin::Pin;

use with_defer::{defer, with_defer};

use self::inject::{pause, run};

#[path = "common/inject.rs"]
mod inject;

fn send<T: Send>(future: T) -> T {
    future
}

/// Functions that await each other.
macro_rules! chain {
    ($($name:ident awaits $next:ident),*) => {
        $(
            #[with_defer]
            async fn $name(log: &mut Vec<u8>) -> u8 {
                pause().await;
                defer! { log.push(1); }
                pause().await;
                let below = $next(log).await;
                pause().await;
                below + 1
            }
        )*
    };
}

#[with_defer]
async fn last(log: &mut Vec<u8>) -> u8 {
    defer! { pause().await; log.push(0); }
    pause().await;
    1
}

chain!(second awaits last, third awaits second, fourth awaits third, fifth awaits fourth);
chain!(sixth awaits fifth, seventh awaits sixth, eighth awaits seventh);

#[test]
fn a_chain_of_eight_functions() {
    let mut log = Vec::new();
    assert_eq!(run(send(eighth(&mut log))), 8);
    assert_eq!(log, [0, 1, 1, 1, 1, 1, 1, 1]);
}

fn boxed(log: &mut Vec<u8>) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
    Box::pin(eighth(log))
}

chain!(ninth awaits boxed, tenth awaits ninth, eleventh awaits tenth, twelfth awaits eleventh);
chain!(thirteenth awaits twelfth, fourteenth awaits thirteenth, fifteenth awaits fourteenth);
chain!(sixteenth awaits fifteenth);

#[test]
fn a_longer_chain_with_a_box_in_it() {
    let mut log = Vec::new();
    assert_eq!(run(send(sixteenth(&mut log))), 16);
    assert_eq!(log.len(), 16);
}

#[with_defer]
async fn twenty_statements(log: &mut Vec<u8>) -> usize {
    defer! { log.push(1); }
    pause().await;
    defer! { log.push(2); }
    pause().await;
    defer! { pause().await; log.push(3); }
    pause().await;
    defer! { log.push(4); }
    pause().await;
    defer! { pause().await; log.push(5); }
    pause().await;
    defer! { log.push(6); }
    pause().await;
    defer! { pause().await; log.push(7); }
    pause().await;
    defer! { log.push(8); }
    pause().await;
    defer! { pause().await; log.push(9); }
    pause().await;
    defer! { log.push(10); }
    pause().await;
    defer! { pause().await; log.push(11); }
    pause().await;
    defer! { log.push(12); }
    pause().await;
    defer! { pause().await; log.push(13); }
    pause().await;
    defer! { log.push(14); }
    pause().await;
    defer! { pause().await; log.push(15); }
    pause().await;
    defer! { log.push(16); }
    pause().await;
    defer! { pause().await; log.push(17); }
    pause().await;
    defer! { log.push(18); }
    pause().await;
    defer! { pause().await; log.push(19); }
    pause().await;
    defer! { log.push(20); }
    pause().await;
    log.len()
}

#[test]
fn twenty_statements_in_one_function() {
    let mut log = Vec::new();
    assert_eq!(run(send(twenty_statements(&mut log))), 0);
    assert_eq!(log, [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}
