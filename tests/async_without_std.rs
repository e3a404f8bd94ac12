//! Without the `std` feature nothing is caught: a panic passes through a future without running its deferred
//! statements, and all else is as with it. Run with `--no-default-features`.
#![cfg(not(feature = "std"))]

use with_defer::{defer, with_defer};

use self::inject::{Trace, cuts};

#[path = "common/inject.rs"]
mod inject;

#[with_defer]
async fn program(t: Trace, panics: bool) -> u8 {
    defer!(t.add("1"));
    defer! { t.step("2").await; }
    t.step("a").await;
    assert!(!panics, "body");
    7
}

#[test]
fn a_cancellation_runs_deferred_statements() {
    let rows = ["|", "| 1", "a | 1", "a 2 1 =7 |"];
    assert_eq!(cuts(|t| program(t, false)), rows);
}

#[test]
fn a_panic_skips_deferred_statements() {
    assert_eq!(cuts(|t| program(t, true)), ["|", "| 1", "a !body |"]);
}

#[with_defer]
async fn panics_in_deferred_code(t: Trace) {
    defer!(t.add("1"));
    defer! {
        t.step("2").await;
        panic!("deferred");
    }
    t.step("a").await;
}

#[test]
fn a_panic_of_deferred_code_skips_the_others() {
    assert_eq!(cuts(panics_in_deferred_code), ["|", "| 1", "a | 1", "a 2 !deferred |"]);
}
