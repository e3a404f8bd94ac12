//! With a `recursion_limit` of 256, chains may be twice as long.
#![recursion_limit = "256"]

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
                defer! { log.push(1); }
                pause().await;
                $next(log).await + 1
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

chain!(f2 awaits last, f3 awaits f2, f4 awaits f3, f5 awaits f4, f6 awaits f5, f7 awaits f6, f8 awaits f7);
chain!(f9 awaits f8, f10 awaits f9, f11 awaits f10, f12 awaits f11, f13 awaits f12, f14 awaits f13);
chain!(f15 awaits f14, f16 awaits f15, f17 awaits f16);

#[test]
fn a_chain_of_seventeen_functions() {
    let mut log = Vec::new();
    assert_eq!(run(send(f17(&mut log))), 17);
    assert_eq!(log, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

/// A function with a statement for each number.
macro_rules! statements {
    ($name:ident: $($number:literal)*) => {
        #[with_defer]
        async fn $name(log: &mut Vec<u8>) -> usize {
            $(
                defer! { log.push($number); }
                pause().await;
            )*
            log.len()
        }
    };
}

statements!(forty: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
    31 32 33 34 35 36 37 38 39 40);

#[test]
fn forty_statements_in_one_function() {
    let mut log = Vec::new();
    assert_eq!(run(send(forty(&mut log))), 0);
    log.reverse();
    assert!(log.into_iter().eq(1..=40));
}
