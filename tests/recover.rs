//! `recover!()` and `Panic`.

#[path = "support/caught.rs"]
mod caught;
#[path = "support/hook.rs"]
mod hook;
#[path = "support/log.rs"]
mod log;

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::panic::panic_any;
use std::thread;

use caught::caught;
use hook::told;
use log::Log;
use with_defer::{Panic, defer, recover, with_defer};

/// Runs the code and recovers from its panic.
#[with_defer(panic = None)]
fn recovered(code: impl FnOnce()) -> Option<Panic> {
    defer! { *panic = recover!() }
    code();
    return;
}

// What can be recovered from.

#[test]
fn from_a_literal() {
    let panic = recovered(|| panic!("a literal")).expect("a panic");
    assert!(panic.is::<&str>());
    assert_eq!(panic.message(), Some("a literal"));
}

#[test]
fn from_a_formatted_text() {
    let numbers = [0; 2];
    let panic = recovered(|| panic!("{} words", numbers.len())).expect("a panic");
    assert!(panic.is::<String>());
    assert_eq!(panic.message(), Some("2 words"));
}

#[test]
fn from_any_payload() {
    #[derive(Debug, PartialEq)]
    struct Payload(u8);

    let panic = recovered(|| panic_any(Payload(7))).expect("a panic");
    assert_eq!(panic.message(), None);
    assert_eq!(*panic.downcast::<Payload>().expect("the payload"), Payload(7));
}

#[test]
fn from_an_index_out_of_bounds() {
    let numbers = [1, 2, 3];
    let at = numbers.len();
    let panic = recovered(|| assert_eq!(numbers[at], 0)).expect("a panic");
    assert_eq!(panic.message(), Some("index out of bounds: the len is 3 but the index is 3"));
}

#[test]
fn from_arithmetic() {
    let zero = "0".parse::<i32>().expect("a number");
    let panic = recovered(|| assert_eq!(1 / zero, 1)).expect("a panic");
    assert_eq!(panic.message(), Some("attempt to divide by zero"));
}

#[test]
fn from_unwrap_and_expect() {
    let missing = "".chars().next();
    let panic = recovered(|| assert_eq!(missing.expect("a letter"), 'a')).expect("a panic");
    assert_eq!(panic.message(), Some("a letter"));
    let broken = "x".parse::<u8>();
    let panic = recovered(|| assert_eq!(broken.unwrap(), 0)).expect("a panic");
    assert!(panic.to_string().starts_with("called `Result::unwrap()` on an `Err` value"));
}

#[test]
fn from_a_callee_with_deferred_statements_of_its_own() {
    #[with_defer]
    fn callee(log: &Log) {
        defer!(log.add("callee"));
        panic!("deep inside");
    }

    let log = Log::new();
    let panic = recovered(|| callee(&log)).expect("a panic");
    assert_eq!(panic.message(), Some("deep inside"));
    assert_eq!(log.text(), "callee");
}

#[test]
fn from_a_deferred_statement() {
    #[with_defer(panic = None)]
    fn f(body_panics: bool) -> Option<Panic> {
        defer! { *panic = recover!() }
        defer! { panic!("deferred") }
        assert!(!body_panics);
        return;
    }

    for body_panics in [false, true] {
        assert_eq!(f(body_panics).expect("a panic").message(), Some("deferred"));
    }
}

#[test]
fn from_a_destructor() {
    struct Noisy;

    impl Drop for Noisy {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[with_defer(panic = None)]
    fn f() -> Option<Panic> {
        defer! { *panic = recover!() }
        let _noisy = Noisy;
        None
    }

    assert_eq!(f().expect("a panic").message(), Some("dropped"));
}

#[test]
fn from_a_joined_thread() {
    let panic = recovered(|| {
        let other = thread::spawn(|| assert_eq!(thread::current().name(), Some("named")));
        if let Err(payload) = other.join() {
            Panic::new(payload).resume();
        }
    });
    assert!(panic.expect("a panic").to_string().contains("right: Some(\"named\")"));
}

// What it takes, and when.

#[test]
fn nothing_panics() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        defer! { log.add(recover!().is_none()) }
        3
    }

    let log = Log::new();
    assert_eq!(f(&log), 3);
    assert_eq!(log.text(), "true");
}

#[test]
fn twice() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(recover!().is_some()) }
        defer! {
            let (first, second) = (recover!(), recover!());
            log.add(first.is_some());
            log.add(second.is_some());
        }
        panic!();
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "true false false");
}

#[test]
fn only_in_one_branch() {
    #[with_defer]
    fn f(recovers: bool) -> u8 {
        defer! {
            if recovers {
                recover!();
            }
        }
        panic!("in the body");
    }

    assert_eq!(f(true), 0);
    assert_eq!(caught(|| f(false)).message(), Some("in the body"));
}

#[test]
fn not_reached_after_an_early_return() {
    #[with_defer]
    fn f(early: bool, log: &Log) {
        defer! {
            if early {
                return;
            }
            log.add(recover!().expect("a panic"));
        }
        panic!("stopped");
    }

    let log = Log::new();
    f(false, &log);
    assert_eq!(caught(|| f(true, &log)).message(), Some("stopped"));
    assert_eq!(log.text(), "stopped");
}

#[test]
fn the_rest_runs_as_on_a_return() {
    #[with_defer(result = 1)]
    fn f(log: &Log) -> i32 {
        defer! {
            log.add(format!("last {}", recover!().is_some()));
            *result *= 10;
        }
        defer!(log.add("middle"));
        defer! {
            recover!();
            *result += 1;
        }
        *result = 5;
        panic!();
    }

    let log = Log::new();
    assert_eq!(f(&log), 60);
    assert_eq!(log.text(), "middle last false");
}

#[test]
fn panics_again() {
    #[with_defer]
    fn same() {
        defer! {
            if let Some(panic) = recover!() {
                panic.resume();
            }
        }
        panic!("the first");
    }

    #[with_defer]
    fn other() {
        defer! {
            let panic = recover!().expect("a panic");
            panic!("after {panic}");
        }
        panic!("the first");
    }

    #[with_defer]
    fn changed() {
        defer! {
            let mut panic = recover!().expect("a panic");
            *panic.downcast_mut::<u32>().expect("a number") += 1;
            panic.resume();
        }
        panic_any(1_u32);
    }

    assert_eq!(caught(same).message(), Some("the first"));
    assert_eq!(caught(other).message(), Some("after the first"));
    assert_eq!(*caught(changed).downcast::<u32>().expect("a number"), 2);
}

#[test]
fn recovered_and_panicked_again_many_times() {
    #[with_defer]
    fn f() {
        defer! { assert_eq!(*recover!().expect("4").downcast::<u32>().expect("a number"), 3) }
        defer! { panic_any(1 + *recover!().expect("3").downcast::<u32>().expect("a number")) }
        defer! { panic_any(1 + *recover!().expect("2").downcast::<u32>().expect("a number")) }
        defer! { panic_any(1 + *recover!().expect("1").downcast::<u32>().expect("a number")) }
        panic_any(0_u32);
    }

    assert_eq!(told(f), "no text/no text/no text/no text/");
}

#[test]
fn the_hook_is_told_once() {
    #[with_defer]
    fn resumes() {
        defer! { recover!().expect("a panic").resume() }
        defer! {}
        panic!("told");
    }

    #[with_defer]
    fn stops() {
        defer! { recover!(); }
        resumes();
    }

    assert_eq!(told(stops), "told/");
}

// Where it stands.

#[test]
fn in_nested_frames() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(format!("outer {}", recover!().expect("a panic"))) }
        let closure = || {
            defer! { log.add(format!("closure {}", recover!().expect("a panic"))) }
            panic!("1");
        };
        let _: () = closure();
        defer! {
            defer! { log.add(format!("inner {}", recover!().expect("a panic"))) }
            panic!("2");
        }
        panic!("3");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "closure 1 inner 2 outer 3");
}

#[test]
fn a_nested_frame_sees_its_own_panic_only() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(recover!().expect("a panic")) }
        defer! {
            defer! { log.add(format!("inner {}", recover!().is_some())) }
            log.add("deferred");
        }
        panic!("the outer");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "deferred inner false the outer");
}

#[test]
#[expect(clippy::useless_vec, reason = "a macro with arguments")]
fn in_the_arguments_of_macros() {
    #[with_defer]
    fn in_write(text: &mut String) {
        defer! { write!(text, "{:?} {:?}", recover!(), recover!()).expect("room") }
        panic!("once");
    }

    #[with_defer]
    fn in_vec(log: &Log) {
        defer! { log.add(vec![recover!(), recover!()].iter().flatten().count()) }
        panic!("once");
    }

    #[with_defer]
    fn in_nested_macros() -> u8 {
        defer! { assert!(matches!(recover!(), Some(panic) if panic.message() == Some("once"))) }
        panic!("once");
    }

    #[with_defer]
    fn in_panic() {
        defer! { panic!("not {:?}", recover!().as_ref().and_then(Panic::message)) }
        panic!("once");
    }

    let (log, mut text) = (Log::new(), String::new());
    in_write(&mut text);
    assert_eq!(text, "Some(Panic(\"once\")) None");
    in_vec(&log);
    assert_eq!(log.text(), "1");
    assert_eq!(in_nested_macros(), 0);
    assert_eq!(caught(in_panic).message(), Some("not Some(\"once\")"));
}

#[test]
fn in_println() {
    #[with_defer]
    fn f() -> i32 {
        defer! { println!("recovered {:?}", recover!()) }
        defer! { eprintln!("recovered {:?}", recover!().map(|panic| panic.to_string())) }
        panic!("printed");
    }

    assert_eq!(f(), 0);
}

#[test]
fn in_a_let_else() {
    #[with_defer(result = 0)]
    fn f(n: i32) -> i32 {
        defer! {
            let Some(panic) = recover!() else { return };
            *result = if panic.message() == Some("negative") { -1 } else { -2 };
        }
        assert!(n >= 0, "negative");
        n
    }

    assert_eq!(f(3), 3);
    assert_eq!(f(-3), -1);
}

#[test]
fn by_its_path() {
    #[with_defer]
    fn f() -> u8 {
        with_defer::defer! { with_defer::recover!(); }
        panic!();
    }

    assert_eq!(f(), 0);
}

#[test]
fn with_a_question_mark() {
    #[with_defer(result = Ok(0))]
    fn statement(panics: bool) -> Result<u8, Panic> {
        defer! {
            if let Some(panic) = recover!() {
                Err(panic)?;
            }
        }
        assert!(!panics, "an error now");
        Ok(2)
    }

    #[with_defer]
    fn option(panics: bool) -> Option<u8> {
        defer! { (!recover!()?.to_string().is_empty()).then_some(())? }
        assert!(!panics, "nothing now");
        Some(3)
    }

    assert_eq!(statement(false).ok(), Some(2));
    assert_eq!(option(true), None);
    assert_eq!(option(false), None);
    assert_eq!(statement(true).expect_err("an error").message(), Some("an error now"));
}

#[test]
fn in_closures() {
    #[with_defer]
    fn f() -> Vec<i32> {
        let halves = |numbers: &[i32]| -> Vec<i32> {
            let mut halves = Vec::new();
            for number in numbers {
                let half = || {
                    defer! { recover!(); }
                    assert!(number % 2 == 0);
                    number / 2
                };
                halves.push(half());
            }
            halves
        };
        halves(&[2, 3, 4])
    }

    fn on_a_thread() -> Option<u8> {
        #[with_defer]
        fn body() -> u8 {
            defer! { recover!(); }
            panic!();
        }

        thread::spawn(body).join().ok()
    }

    assert_eq!(f(), [1, 0, 2]);
    assert_eq!(on_a_thread(), Some(0));
}

// What the function returns then.

#[test]
fn unit_functions() {
    #[with_defer]
    fn implicit() {
        defer! { recover!(); }
        panic!();
    }

    #[with_defer]
    #[expect(clippy::unused_unit, reason = "the return type is written")]
    fn written() -> () {
        defer! { recover!(); }
        panic!();
    }

    let ((), ()) = (implicit(), written());
    assert_eq!(told(implicit), "explicit panic/");
    assert_eq!(told(written), "explicit panic/");
}

#[test]
fn types_with_a_default() {
    #[with_defer]
    fn f<T: Default>() -> T {
        defer! { recover!(); }
        panic!();
    }

    assert_eq!(f::<u64>(), 0);
    assert_eq!(f::<String>(), "");
    assert_eq!(f::<Option<Panic>>().map(drop), None);
    assert_eq!(f::<(bool, [u8; 2])>(), (false, [0, 0]));
    assert_eq!(f::<HashMap<u8, u8>>().len(), 0);
    assert_eq!(f::<&str>(), "");
}

#[test]
fn implicit_default_only_when_needed() {
    struct Expensive(bool);

    impl Default for Expensive {
        fn default() -> Self {
            Self(true)
        }
    }

    #[with_defer]
    fn f(panics: bool, log: &Log) -> Expensive {
        defer! { log.add(recover!().is_some()) }
        assert!(!panics);
        Expensive(false)
    }

    let log = Log::new();
    assert!(!f(false, &log).0);
    assert!(f(true, &log).0);
    assert_eq!(log.text(), "false true");
}

// As an error.

#[test]
fn into_a_boxed_error() {
    #[with_defer(result = Ok(0))]
    fn f(panics: bool) -> Result<i32, Box<dyn Error + Send + Sync>> {
        defer! {
            if let Some(panic) = recover!() {
                *result = Err(panic.into());
            }
        }
        assert!(!panics, "boxed");
        Ok(1)
    }

    fn passed_on(panics: bool) -> Result<i32, Box<dyn Error + Send + Sync>> {
        let panic = recovered(|| assert!(!panics, "passed on"));
        panic.map_or(Ok(1), Err)?;
        Ok(2)
    }

    fn plain_box() -> Result<(), Box<dyn Error>> {
        recovered(|| panic!("a plain box")).map_or(Ok(()), Err)?;
        Ok(())
    }

    assert_eq!(f(false).expect("no panic"), 1);
    let error = f(true).expect_err("the panic");
    assert_eq!(error.to_string(), "boxed");
    assert!(error.is::<Panic>());
    assert_eq!(passed_on(false).expect("no panic"), 2);
    assert_eq!(passed_on(true).expect_err("the panic").to_string(), "passed on");
    assert_eq!(plain_box().expect_err("the panic").to_string(), "a plain box");
}

#[test]
fn into_anyhow() {
    use anyhow::Context;

    #[with_defer(result = Ok(0))]
    fn f(panics: bool) -> anyhow::Result<i32> {
        defer! {
            if let Some(panic) = recover!() {
                *result = Err(anyhow::Error::new(panic).context("while working"));
            }
        }
        assert!(!panics, "anyhow");
        Ok(1)
    }

    #[with_defer(result = Ok(0))]
    fn by_question_mark() -> anyhow::Result<i32> {
        defer! { recover!().map_or(Ok(()), Err).context("in the deferred statement")? }
        panic!("a question mark");
    }

    fn by_into() -> anyhow::Error {
        recovered(|| panic_any(5)).expect("a panic").into()
    }

    assert_eq!(f(false).expect("no panic"), 1);
    let error = f(true).expect_err("the panic");
    assert_eq!(format!("{error:#}"), "while working: anyhow");
    assert_eq!(error.downcast_ref::<Panic>().and_then(Panic::message), Some("anyhow"));
    let error = by_question_mark().expect_err("the panic");
    assert_eq!(format!("{error:#}"), "in the deferred statement: a question mark");
    let panic = by_into().downcast::<Panic>().expect("the panic");
    assert_eq!(*panic.downcast::<i32>().expect("the payload"), 5);
}

#[test]
fn into_thiserror() {
    #[derive(Debug, thiserror::Error)]
    enum Failure {
        #[error("a number was expected")]
        Number(#[from] std::num::ParseIntError),
        #[error("the work panicked: {0}")]
        Panicked(#[from] Panic),
    }

    #[with_defer(result = Ok(0))]
    fn f(text: &str) -> Result<u8, Failure> {
        defer! { recover!().map_or(Ok(()), Err)? }
        let number = text.parse()?;
        assert!(number < 100, "{number} is too much");
        Ok(number)
    }

    assert_eq!(f("99").ok(), Some(99));
    assert!(matches!(f("x"), Err(Failure::Number(_))));
    let failure = f("100").expect_err("a panic");
    assert_eq!(failure.to_string(), "the work panicked: 100 is too much");
    let source = failure.source().expect("the panic");
    assert_eq!(source.downcast_ref::<Panic>().and_then(Panic::message), Some("100 is too much"));
}
