//! Says what runs on the way out that its argument names.

use std::env;
use std::pin::pin;
use std::task::{Context, Waker};

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn function(panics: bool) -> Option<u8> {
    defer! {
        println!("deferred");
        drop(recover!());
    }
    println!("body");
    assert!(!panics, "as asked");
    None?;
    Some(1)
}

#[with_defer]
async fn future() {
    defer!(println!("deferred"));
    println!("body");
    std::future::pending::<()>().await;
}

fn main() {
    match env::args().nth(1).as_deref() {
        Some("panic") => drop(function(true)),
        Some("cancel") => assert!(pin!(future()).poll(&mut Context::from_waker(Waker::noop())).is_pending()),
        _ => drop(function(false)),
    }
    println!("end");
}
