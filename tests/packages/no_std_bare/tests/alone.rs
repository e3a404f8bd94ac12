//! Without the `std` feature nothing is caught: a panic passes through without running deferred statements, and all else
//! is as with it. `tests/no_std.rs` runs this with the feature `alone`.
#![cfg(feature = "alone")]

use with_defer::{defer, with_defer};

use self::inject::{Trace, cuts, panic_message};

#[path = "../../../common/inject.rs"]
mod inject;

#[with_defer]
fn function(t: &Trace, panics: bool) -> u8 {
    defer!(t.add("1"));
    if panics {
        defer!(t.add("2"));
    }
    assert!(!panics, "body");
    7
}

#[test]
fn a_panic_skips_the_statements_of_a_function() {
    let t = Trace::default();
    assert_eq!(panic_message(|| function(&t, true)), "body");
    assert_eq!(t.text(), "");
    assert_eq!(function(&t, false), 7);
    assert_eq!(t.text(), "1");
}

#[with_defer]
async fn future(t: Trace, panics: bool) -> u8 {
    defer!(t.add("1"));
    defer! { t.step("2").await; }
    t.step("a").await;
    assert!(!panics, "body");
    7
}

#[test]
fn a_cancellation_runs_deferred_statements() {
    let rows = ["|", "| 1", "a | 1", "a 2 1 =7 |"];
    assert_eq!(cuts(|t| future(t, false)), rows);
}

#[test]
fn a_panic_skips_the_statements_of_a_future() {
    assert_eq!(cuts(|t| future(t, true)), ["|", "| 1", "a !body |"]);
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
