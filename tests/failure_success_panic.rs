//! `defer_on_failure!`, `defer_on_success!`, `defer_on_panic!` and `Fallible`.
#![allow(clippy::needless_return, reason = "every way out is written")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::panic_any;
use std::task::Poll;
use std::thread;

use caught::caught;
use log::Log;
use with_defer::{Fallible, defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

// Which of them run.

#[test]
fn on_each_exit() {
    #[with_defer]
    fn f(exit: &str, log: &Log) -> Result<u8, &'static str> {
        defer_on_panic!(log.add("panic"));
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        defer!(log.add("always"));
        match exit {
            "value" => Ok(1),
            "return" => return Ok(2),
            "error" => Err("an error"),
            "question mark" => Ok("x".parse().map_err(|_| "no number")?),
            _ => panic!("a panic"),
        }
    }

    let runs = |exit| {
        let log = Log::new();
        let result = f(exit, &log);
        (result, log.text())
    };
    assert_eq!(runs("value"), (Ok(1), "always success".to_owned()));
    assert_eq!(runs("return"), (Ok(2), "always success".to_owned()));
    assert_eq!(runs("error"), (Err("an error"), "always failure".to_owned()));
    assert_eq!(runs("question mark"), (Err("no number"), "always failure".to_owned()));
    let log = Log::new();
    assert_eq!(caught(|| f("panic", &log)).message(), Some("a panic"));
    assert_eq!(log.text(), "always failure panic");
}

#[test]
fn in_one_order_with_the_others() {
    #[with_defer]
    fn f(fails: bool, log: &Log) -> Option<()> {
        defer!(log.add(1));
        defer_on_failure! { log.add("2f") }
        defer_on_success! { log.add("2s") }
        log.add("between");
        defer! { log.add(3) }
        defer_on_success!(log.add("4s"));
        defer_on_failure!(log.add("4f"));
        log.add("between");
        defer_on_panic! { log.add("5p") }
        defer!(log.add(6));
        if fails { None } else { Some(()) }
    }

    let log = Log::new();
    assert_eq!(f(false, &log), Some(()));
    assert_eq!(log.text(), "between between 6 4s 3 2s 1");
    let log = Log::new();
    assert_eq!(f(true, &log), None);
    assert_eq!(log.text(), "between between 6 4f 3 2f 1");
}

#[test]
fn the_call_form_takes_values_now() {
    #[with_defer]
    fn f(fails: bool, log: &Log) -> Result<(), ()> {
        let mut n = 1;
        defer_on_failure!(log.add(n));
        defer_on_success!(log.add(format!("({n})")));
        defer_on_panic!(log.add(log.text()));
        n += 1;
        defer_on_failure! { log.add(n) }
        n += 1;
        if fails { Err(()) } else { Ok(()) }
    }

    let log = Log::new();
    assert_eq!(f(true, &log), Err(()));
    assert_eq!(log.text(), "3 1");
    let log = Log::new();
    assert_eq!(f(false, &log), Ok(()));
    assert_eq!(log.text(), "(1)");
}

#[test]
fn what_does_not_run_is_dropped() {
    struct Counted<'a>(&'a Cell<u32>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[with_defer]
    fn f(drops: &Cell<u32>, runs: &Cell<u32>) -> Result<(), ()> {
        let run = |_: Counted| runs.set(runs.get() + 1);
        defer_on_panic!(run(Counted(drops)));
        defer_on_failure!(run(Counted(drops)));
        defer_on_success!(run(Counted(drops)));
        Ok(())
    }

    let (drops, runs) = (Cell::new(0), Cell::new(0));
    assert_eq!(f(&drops, &runs), Ok(()));
    assert_eq!((drops.get(), runs.get()), (3, 1));
}

// Judged when the statement's turn comes.

#[test]
fn a_later_statement_s_error_counts() {
    #[with_defer]
    fn f(log: &Log) -> Result<(), &'static str> {
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        defer! { Err("deferred")? }
        defer_on_failure!(log.add("too early"));
        defer_on_success!(log.add("still success"));
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("deferred"));
    assert_eq!(log.text(), "still success failure");
}

#[test]
fn a_later_statement_s_panic_counts() {
    #[with_defer]
    fn f(log: &Log) -> Result<(), &'static str> {
        defer_on_panic!(log.add("panic"));
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        defer_on_success! {
            log.add("panics");
            panic!("deferred");
        }
        defer_on_panic!(log.add("too early"));
        Ok(())
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("deferred"));
    assert_eq!(log.text(), "panics failure panic");
}

#[test]
fn a_repaired_result_is_a_success() {
    #[with_defer(result = Ok(0))]
    fn f(log: &Log) -> Result<u8, &'static str> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer_on_failure! { *result = Ok(7) }
        Err("repaired")
    }

    let log = Log::new();
    assert_eq!(f(&log), Ok(7));
    assert_eq!(log.text(), "success");
}

#[test]
fn a_recovered_panic_is_judged_by_the_slot() {
    #[with_defer(result = Ok(1))]
    fn good(log: &Log) -> Result<u8, &'static str> {
        defer_on_panic!(log.add("panic"));
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer! { recover!(); }
        defer_on_panic!(log.add("before"));
        panic!();
    }

    #[with_defer(result = Err("never set"))]
    fn bad(log: &Log) -> Result<u8, &'static str> {
        defer_on_panic!(log.add("panic"));
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer! { recover!(); }
        panic!();
    }

    let log = Log::new();
    assert_eq!(good(&log), Ok(1));
    assert_eq!(log.text(), "before success");
    let log = Log::new();
    assert_eq!(bad(&log), Err("never set"));
    assert_eq!(log.text(), "failure");
}

// The default that the function is about to return is `None`, a failure.
#[test]
fn a_recovered_panic_is_judged_by_the_default() {
    #[with_defer]
    fn f(log: &Log) -> Option<u8> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer! { recover!(); }
        panic!();
    }

    let log = Log::new();
    assert_eq!(f(&log), None);
    assert_eq!(log.text(), "failure");
}

// Not fooled by a panic of somebody else.

#[with_defer]
fn succeeds(log: &Log) -> Result<(), ()> {
    defer_on_panic!(log.add("panic"));
    defer_on_failure!(log.add("failure"));
    defer_on_success!(log.add("success"));
    Ok(())
}

#[with_defer]
fn fails(log: &Log) -> Result<(), ()> {
    defer_on_panic!(log.add("panic"));
    defer_on_success!(log.add("success"));
    defer_on_failure!(log.add("failure"));
    Err(())
}

#[test]
fn called_from_a_destructor_while_the_thread_unwinds() {
    struct Calls<'a>(&'a Log);

    impl Drop for Calls<'_> {
        fn drop(&mut self) {
            self.0.add(thread::panicking());
            let (good, bad) = (succeeds(self.0), fails(self.0));
            self.0.add(format!("{good:?} {bad:?}"));
        }
    }

    let log = Log::new();
    let panic = caught(|| {
        let _calls = Calls(&log);
        panic!("the outer");
    });
    assert_eq!(panic.message(), Some("the outer"));
    assert_eq!(log.text(), "true success failure Ok(()) Err(())");
}

#[test]
fn called_from_deferred_code_while_a_panic_is_in_flight() {
    #[with_defer]
    fn f(log: &Log) -> Result<(), ()> {
        defer! {
            let _ = (succeeds(log), fails(log));
        }
        panic!("the outer");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("the outer"));
    assert_eq!(log.text(), "success failure");
}

#[test]
fn deferred_code_is_a_frame_of_its_own() {
    #[with_defer]
    fn f(log: &Log) {
        defer_on_panic!(log.add("function"));
        defer! {
            defer_on_panic!(log.add("deferred block"));
            defer_on_success!(log.add("the block succeeded"));
            log.add("runs");
        }
        panic!("the outer");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("the outer"));
    assert_eq!(log.text(), "runs the block succeeded function");
}

// Return types.

#[test]
fn unit_fails_by_a_panic_only() {
    #[with_defer]
    fn f(panics: bool, log: &Log) {
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        assert!(!panics);
    }

    let log = Log::new();
    f(false, &log);
    assert_eq!(caught(|| f(true, &log)).message(), Some("assertion failed: !panics"));
    assert_eq!(log.text(), "success failure");
}

#[test]
fn others_succeed_when_they_return() {
    #[with_defer]
    fn f(number: i32, log: &Log) -> i32 {
        defer_on_success!(log.add("success"));
        defer_on_panic!(log.add("panic"));
        12 / number
    }

    #[with_defer]
    fn slot(log: &Log) -> String {
        defer_on_success!(log.add("success"));
        defer_on_panic!(log.add("panic"));
        defer! { recover!(); }
        panic!();
    }

    let log = Log::new();
    assert_eq!(f(4, &log), 3);
    assert_eq!(caught(|| f(0, &log)).message(), Some("attempt to divide by zero"));
    assert_eq!(slot(&log), "");
    assert_eq!(log.text(), "success panic success");
}

#[test]
fn a_bare_generic_is_judged_at_the_definition() {
    #[with_defer]
    fn bare<T>(value: T, log: &Log) -> T {
        defer_on_success!(log.add("success"));
        value
    }

    #[with_defer]
    fn bounded<T: Fallible>(value: T, log: &Log) -> T {
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        value
    }

    let log = Log::new();
    assert_eq!(bare(Err::<(), u8>(1), &log), Err(1));
    assert_eq!(log.text(), "success");
    let log = Log::new();
    assert_eq!(bounded(Err::<(), u8>(1), &log), Err(1));
    assert_eq!(bounded(Some(2), &log), Some(2));
    assert_eq!(log.text(), "failure success");
}

#[test]
fn of_the_standard_library() {
    #[with_defer]
    fn option(value: Option<u8>, log: &Log) -> Option<u8> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        value
    }

    #[with_defer]
    fn control_flow(value: ControlFlow<u8>, log: &Log) -> ControlFlow<u8> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        value
    }

    #[with_defer]
    fn poll(value: Poll<Result<u8, ()>>, log: &Log) -> Poll<Result<u8, ()>> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        value
    }

    #[with_defer]
    fn poll_option(value: Poll<Option<u8>>, log: &Log) -> Poll<Option<u8>> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        value
    }

    let log = Log::new();
    assert_eq!(option(Some(1), &log), Some(1));
    assert_eq!(option(None, &log), None);
    assert_eq!(log.text(), "success failure");
    let log = Log::new();
    assert_eq!(control_flow(ControlFlow::Continue(()), &log), ControlFlow::Continue(()));
    assert_eq!(control_flow(ControlFlow::Break(1), &log), ControlFlow::Break(1));
    assert_eq!(log.text(), "success failure");
    let log = Log::new();
    assert_eq!(poll(Poll::Ready(Ok(1)), &log), Poll::Ready(Ok(1)));
    assert_eq!(poll(Poll::Pending, &log), Poll::Pending);
    assert_eq!(poll(Poll::Ready(Err(())), &log), Poll::Ready(Err(())));
    assert_eq!(poll_option(Poll::Ready(None), &log), Poll::Ready(None));
    assert_eq!(log.text(), "success success failure failure");
}

#[test]
fn in_closures() {
    #[with_defer]
    fn f(log: &Log) -> u8 {
        let inferred = |fails: bool| {
            defer_on_failure!(log.add("failure"));
            defer_on_success!(log.add("success"));
            if fails {
                return Err("closure");
            }
            Ok(1)
        };
        let written = |fails: bool| -> Option<u8> {
            defer_on_failure!(log.add("failure"));
            defer_on_success!(log.add("success"));
            if fails { None } else { Some(2) }
        };
        defer_on_success!(log.add("function"));
        assert_eq!(inferred(true), Err("closure"));
        assert_eq!(written(true), None);
        inferred(false).unwrap_or(0) + written(false).unwrap_or(0)
    }

    let log = Log::new();
    assert_eq!(f(&log), 3);
    assert_eq!(log.text(), "failure failure success success function");
}

#[test]
fn in_methods() {
    struct Journal {
        lines: Vec<String>,
        kept: usize,
    }

    impl Journal {
        #[with_defer]
        fn write(&mut self, lines: &[&str]) -> Result<usize, &'static str> {
            defer_on_failure!(self.roll_back());
            defer_on_success! { self.kept = self.lines.len() }
            for line in lines {
                self.lines.push((*line).to_owned());
                if line.is_empty() {
                    return Err("empty");
                }
            }
            Ok(self.lines.len())
        }

        fn roll_back(&mut self) {
            self.lines.truncate(self.kept);
        }
    }

    let mut journal = Journal { lines: Vec::new(), kept: 0 };
    assert_eq!(journal.write(&["a", "b"]), Ok(2));
    assert_eq!(journal.write(&["c", ""]), Err("empty"));
    assert_eq!(journal.write(&["d"]), Ok(3));
    assert_eq!(journal.lines, ["a", "b", "d"]);
}

// A type of the user's.

#[derive(Debug, PartialEq)]
struct Response {
    status: u16,
    body: String,
}

impl Fallible for Response {
    type Deferred = Result<(), String>;

    fn is_failure(&self) -> bool {
        self.status >= 400
    }

    fn done() -> Self::Deferred {
        Ok(())
    }

    fn failure(deferred: Self::Deferred) -> Option<Self> {
        deferred.err().map(|body| Response { status: 500, body })
    }
}

#[test]
fn of_a_user() {
    fn flush(fails: bool) -> Result<(), &'static str> {
        if fails { Err("not flushed") } else { Ok(()) }
    }

    #[with_defer]
    fn respond(status: u16, flush_fails: bool, log: &Log) -> Response {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer_on_panic!(log.add("panic"));
        defer!(flush(flush_fails)?);
        assert_ne!(status, 0, "no status");
        Response { status, body: "body".to_owned() }
    }

    let log = Log::new();
    assert_eq!(respond(200, false, &log), Response { status: 200, body: "body".to_owned() });
    assert_eq!(log.text(), "success");
    let log = Log::new();
    assert_eq!(respond(404, true, &log), Response { status: 404, body: "body".to_owned() });
    assert_eq!(log.text(), "failure");
    let log = Log::new();
    assert_eq!(respond(200, true, &log), Response { status: 500, body: "not flushed".to_owned() });
    assert_eq!(log.text(), "failure");
    let log = Log::new();
    assert!(caught(|| respond(0, true, &log)).to_string().contains("no status"));
    assert_eq!(log.text(), "panic failure");
}

#[test]
fn of_a_user_with_a_named_result() {
    #[with_defer(response = Response { status: 503, body: String::new() })]
    fn respond(status: i32, log: &Log) -> Response {
        defer! {
            if let Some(panic) = recover!() {
                response.body = panic.downcast::<String>().map_or_else(|panic| panic.to_string(), |text| *text);
            }
        }
        defer_on_failure! { log.add(response.status) }
        if status == 0 {
            panic_any("no status".to_owned());
        }
        Response { status: u16::try_from(status).unwrap_or(400), body: "body".to_owned() }
    }

    let log = Log::new();
    assert_eq!(respond(201, &log), Response { status: 201, body: "body".to_owned() });
    assert_eq!(respond(-1, &log), Response { status: 400, body: "body".to_owned() });
    assert_eq!(respond(0, &log), Response { status: 503, body: "no status".to_owned() });
    assert_eq!(log.text(), "400 503");
}
