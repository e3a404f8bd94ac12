//! What happens to the process: each test runs itself again, in a process of its own.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output, abort, exit};

use with_defer::{Panic, defer, recover, with_defer};

/// Runs the code in a new process, which runs the test of this name and nothing else.
fn in_a_process(test: &str, code: impl FnOnce()) -> Output {
    if env::var_os("WITH_DEFER_CHILD").is_some() {
        code();
        exit(0);
    }
    Command::new(env::current_exe().expect("the test itself"))
        .args([test, "--exact", "--nocapture"])
        .env("WITH_DEFER_CHILD", "1")
        .output()
        .expect("to run the test itself")
}

/// What the code printed between angle brackets.
fn printed(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.split('<').skip(1).filter_map(|part| part.split('>').next()).map(str::to_owned).collect()
}

fn message(code: impl FnOnce()) {
    match catch_unwind(AssertUnwindSafe(code)) {
        Ok(()) => println!("<returned>"),
        Err(payload) => println!("<{}>", Panic::new(payload)),
    }
}

// G165, C023
#[test]
fn exit_skips_defers() {
    #[with_defer]
    fn f() {
        defer!(println!("<deferred>"));
        println!("<body>");
        exit(3);
    }

    let output = in_a_process("exit_skips_defers", f);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(printed(&output), ["body"]);
}

// G165, D039
#[test]
fn exit_in_deferred_code_skips_the_rest() {
    #[with_defer]
    fn f() -> u8 {
        defer!(println!("<the rest>"));
        defer! { exit(4) }
        defer!(println!("<before>"));
        1
    }

    #[with_defer]
    fn call() {
        defer!(println!("<the caller's>"));
        defer!(exit(5));
        println!("<body>");
        f();
    }

    let output = in_a_process("exit_in_deferred_code_skips_the_rest", call);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(printed(&output), ["body", "before"]);
}

// G165
#[test]
fn abort_is_not_recoverable() {
    #[with_defer]
    fn f() {
        defer! {
            recover!();
            println!("<deferred>");
        }
        println!("<body>");
        abort();
    }

    let output = in_a_process("abort_is_not_recoverable", f);
    assert!(!output.status.success());
    assert_eq!(printed(&output), ["body"]);
}

// A panic in deferred code never aborts.

/// Panics when it is dropped.
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("<drops {}>", self.0);
        panic!("dropping {}", self.0);
    }
}

#[test]
fn a_panic_that_replaces_a_panic() {
    #[with_defer]
    fn f() {
        defer!(println!("<rest>"));
        defer! { panic!("the last") }
        defer! { panic!("another") }
        panic!("the first");
    }

    let output = in_a_process("a_panic_that_replaces_a_panic", || message(f));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed(&output), ["rest", "the last"]);
}

#[test]
fn a_panic_that_replaces_a_result_whose_destructor_panics() {
    #[with_defer]
    fn one() -> Noisy {
        defer! { panic!("deferred") }
        Noisy("the result")
    }

    let output = in_a_process("a_panic_that_replaces_a_result_whose_destructor_panics", || {
        message(|| drop(one()));
    });
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed(&output), ["drops the result", "dropping the result"]);
}

#[test]
fn a_panic_that_replaces_a_result_whose_destructor_panics_and_the_rest() {
    #[with_defer]
    fn two() -> Noisy {
        defer!(println!("<rest>"));
        defer! { panic!("deferred") }
        Noisy("the result")
    }

    let output = in_a_process("a_panic_that_replaces_a_result_whose_destructor_panics_and_the_rest", || {
        message(|| drop(two()));
    });
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed(&output), ["drops the result", "rest", "dropping the result"]);
}

#[test]
fn a_panic_past_a_named_result_whose_destructor_panics() {
    #[with_defer(result = Noisy("the slot"))]
    fn f() -> Noisy {
        defer! { result.0 = "the slot, changed" }
        panic!("in the body");
    }

    let output = in_a_process("a_panic_past_a_named_result_whose_destructor_panics", || {
        message(|| drop(f()));
    });
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed(&output)[0], "drops the slot, changed");
}

#[test]
fn a_frame_in_a_destructor_while_the_thread_unwinds() {
    struct Runs;

    impl Drop for Runs {
        #[with_defer]
        fn drop(&mut self) {
            defer! { println!("<{}>", recover!().expect("a panic")) }
            defer! { panic!("replaced it") }
            panic!("in the destructor");
        }
    }

    let output = in_a_process("a_frame_in_a_destructor_while_the_thread_unwinds", || {
        message(|| {
            let _runs = Runs;
            panic!("the outer");
        });
    });
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed(&output), ["replaced it", "the outer"]);
}
