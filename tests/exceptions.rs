//! What the tests of D, Python, Nim, Rust's scopeguard and others demand of exceptions, which are panics here.

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use std::cell::Cell;
use std::fs;
use std::io::{BufWriter, Write};
use std::panic::panic_any;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use caught::caught;
use log::Log;
use with_defer::{Panic, defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

// D003
#[test]
fn exit_on_throw() {
    #[with_defer]
    fn f(x: &mut i32) {
        defer! {
            assert_eq!(*x, 3);
            *x = 4;
        }
        defer! {
            assert_eq!(*x, 2);
            *x = 3;
        }
        *x = 2;
        assert_ne!(*x, 2, "thrown");
        defer! { *x = 1000 }
    }

    let mut x = 0;
    assert!(caught(|| f(&mut x)).to_string().contains("thrown"));
    assert_eq!(x, 4);
}

// D011
#[test]
fn ctor_throw_order() {
    struct Built;

    impl Built {
        fn new() -> Self {
            panic!("under construction");
        }
    }

    #[with_defer]
    fn f(x: &Cell<i32>) -> Option<Built> {
        defer! { assert_eq!(x.replace(3), 2) }
        defer! {
            assert_eq!(recover!().expect("a panic").message(), Some("under construction"));
            assert_eq!(x.replace(2), 1);
        }
        x.set(1);
        let built = Built::new();
        x.set(1000);
        Some(built)
    }

    let x = Cell::new(0);
    assert!(f(&x).is_none());
    assert_eq!(x.get(), 3);
}

// D025: no chain; the last one stands
#[test]
fn chain_p_q_x_y() {
    #[with_defer]
    fn throws(first: &'static str, second: &'static str) {
        defer! { panic!("{second}") }
        panic!("{first}");
    }

    #[with_defer]
    fn f() {
        defer! { throws("x", "y") }
        defer! { throws("p", "q") }
    }

    assert_eq!(caught(f).message(), Some("y"));
}

// D027
#[test]
fn error_supersedes_exception() {
    #[derive(Debug, PartialEq)]
    struct Fatal(u8);

    #[with_defer]
    fn throws(works: &mut i32) {
        defer! {
            *works += 1;
            panic_any(Fatal(9));
        }
        panic!("an exception");
    }

    #[with_defer]
    fn f(works: &mut i32) {
        defer! {
            *works += 3;
            if let Some(panic) = recover!() {
                if panic.is::<&str>() {
                    *works = 1000;
                } else {
                    panic.resume();
                }
            }
        }
        defer! { *works += 6 }
        throws(works);
    }

    let mut works = 0;
    let fatal = caught(|| f(&mut works)).downcast::<Fatal>().expect("the error");
    assert_eq!(*fatal, Fatal(9));
    assert_eq!(works, 10);
}

// D029: no chain; the second stands
#[test]
fn first_second_chain() {
    #[with_defer]
    fn f() {
        defer! { panic!("second") }
        panic!("first");
    }

    assert_eq!(caught(f).message(), Some("second"));
}

// D031
#[test]
fn synchronized_unlock_on_throw() {
    struct Locked {
        lock: AtomicBool,
        flags: Cell<u8>,
    }

    impl Locked {
        fn lock(&self) {
            assert!(!self.lock.swap(true, Ordering::Acquire), "locked twice");
        }

        fn unlock(&self) {
            self.lock.store(false, Ordering::Release);
        }

        #[with_defer]
        fn work(&self, throws: bool) {
            self.lock();
            defer!(self.unlock());
            self.flags.set(self.flags.get() | 0x01);
            assert!(!throws, "thrown");
            self.flags.set(self.flags.get() | 0x02);
        }
    }

    let locked = Locked { lock: AtomicBool::new(false), flags: Cell::new(0xB4) };
    assert_eq!(caught(|| locked.work(true)).message(), Some("thrown"));
    assert_eq!(locked.flags.get(), 0xB5);
    assert!(!locked.lock.load(Ordering::Acquire));
    locked.work(false);
    assert_eq!(locked.flags.get(), 0xB7);
}

// P003
#[test]
fn exit_sees_exception_or_not() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(recover!().is_some()) }
        defer_on_panic!(log.add("no panic any more"));
        defer_on_success!(log.add("success"));
        defer! {
            let panic = recover!();
            log.add(format!("suppressed {}", panic.expect("a panic")));
        }
        defer_on_panic!(log.add("panic 3"));
        defer_on_panic!(log.add("panic 2"));
        defer_on_failure!(log.add("panic 1"));
        defer_on_success!(log.add("no success yet"));
        panic!("it");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "panic 1 panic 2 panic 3 suppressed it success false");
}

// P009
#[test]
fn suppressing() {
    #[with_defer]
    fn f(panics: bool) -> Option<i32> {
        defer! { recover!(); }
        assert!(!panics);
        Some(1)
    }

    assert_eq!(f(true), None);
    assert_eq!(f(false), Some(1));
}

// P013: no chain; the last one stands
#[test]
fn own_context_no_loop() {
    #[with_defer]
    fn f(seen: &mut Vec<i32>) {
        defer! {
            seen.push(*recover!().expect("3").downcast().expect("a number"));
            panic_any(4);
        }
        defer! {
            seen.push(*recover!().expect("2").downcast().expect("a number"));
            panic_any(3);
        }
        defer! {
            seen.push(*recover!().expect("1").downcast().expect("a number"));
            panic_any(2);
        }
        panic_any(1);
    }

    let mut seen = Vec::new();
    assert_eq!(*caught(|| f(&mut seen)).downcast::<i32>().expect("a number"), 4);
    assert_eq!(seen, [1, 2, 3]);
}

// P015
#[test]
fn suppress_after_two_new() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(recover!().expect("a panic")) }
        defer! { panic!("A") }
        defer! { panic!("B") }
        panic!("body");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "A");
}

// P017
#[test]
fn no_reraise_loop() {
    struct Wrapped {
        cause: Panic,
    }

    #[with_defer]
    fn f() {
        defer! {
            let cause = recover!().expect("a panic");
            panic_any(Wrapped { cause });
        }
        defer! { recover!().expect("a panic").resume() }
        panic!("the original");
    }

    let wrapped = caught(f).downcast::<Wrapped>().expect("the wrapped panic");
    assert_eq!(wrapped.cause.message(), Some("the original"));
}

// P019
#[test]
fn finally_order_on_error() {
    #[with_defer]
    fn f(state: &mut Vec<i32>, error: bool) -> Result<(), &'static str> {
        state.push(1);
        defer! { state.push(999) }
        state.push(42);
        if error { Err("goes on") } else { panic!("goes on") }
    }

    let mut state = Vec::new();
    assert_eq!(f(&mut state, true), Err("goes on"));
    assert_eq!(state, [1, 42, 999]);
    let mut state = Vec::new();
    assert_eq!(caught(|| f(&mut state, false)).message(), Some("goes on"));
    assert_eq!(state, [1, 42, 999]);
}

// P023
#[test]
fn closing_on_error() {
    #[derive(Default)]
    struct Connection {
        closed: u32,
    }

    impl Connection {
        fn close(&mut self) {
            self.closed += 1;
        }
    }

    #[with_defer]
    fn f(connection: &mut Connection, error: bool) -> Result<(), &'static str> {
        defer!(connection.close());
        if error {
            return Err("raised");
        }
        panic!("raised")
    }

    let mut connection = Connection::default();
    assert_eq!(f(&mut connection, true), Err("raised"));
    assert_eq!(connection.closed, 1);
    assert_eq!(caught(|| f(&mut connection, false)).message(), Some("raised"));
    assert_eq!(connection.closed, 2);
}

// R003
#[test]
fn unwind_strategy() {
    #[with_defer]
    fn f(drops: &mut i32, panics: bool) {
        defer_on_panic! { *drops += 1 }
        assert!(!panics, "failure");
    }

    let mut drops = 0;
    assert_eq!(caught(|| f(&mut drops, true)).message(), Some("failure"));
    assert_eq!(drops, 1);
    f(&mut drops, false);
    assert_eq!(drops, 1);
}

/// Counts its drops.
struct Counted(Rc<Cell<u32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

// R005
#[test]
fn not_run_still_dropped_once() {
    fn consume(_: Counted, runs: &Cell<u32>) {
        runs.set(runs.get() + 1);
    }

    #[with_defer]
    fn returns(value: Counted, runs: &Cell<u32>) {
        defer_on_panic!(consume(value, runs));
    }

    #[with_defer]
    fn panics_before(value: Counted, other: Counted, runs: &Cell<u32>) {
        defer_on_success!(consume(value, runs));
        defer_on_success!(consume(other, runs));
        panic!("no success");
    }

    #[with_defer]
    fn deferred_panics(value: Counted, runs: &Cell<u32>) {
        defer_on_success!(consume(value, runs));
        defer! { panic!("deferred") }
    }

    let (drops, runs) = (Rc::new(Cell::new(0)), Cell::new(0));
    let counted = || Counted(Rc::clone(&drops));
    returns(counted(), &runs);
    assert_eq!((drops.get(), runs.get()), (1, 0));
    assert_eq!(caught(|| panics_before(counted(), counted(), &runs)).message(), Some("no success"));
    assert_eq!((drops.get(), runs.get()), (3, 0));
    assert_eq!(caught(|| deferred_panics(counted(), &runs)).message(), Some("deferred"));
    assert_eq!((drops.get(), runs.get()), (4, 0));
    assert_eq!(Rc::strong_count(&drops), 1);
}

// R009
#[test]
fn returns_or_panics_message() {
    #[with_defer]
    fn f(log: &Log, panics: bool) {
        defer!(log.add("deferred"));
        log.add("called");
        assert!(!panics, "internal error");
    }

    let log = Log::new();
    f(&log, false);
    assert_eq!(log.text(), "called deferred");
    assert_eq!(caught(|| f(&log, true)).message(), Some("internal error"));
    assert_eq!(log.text(), "called deferred called deferred");
}

// V035
#[test]
fn cleanup_on_failed_assert() {
    #[with_defer]
    fn writes(directory: &Path) {
        let temporary = directory.join("temporary");
        fs::write(&temporary, "to be removed").expect("a new file");
        defer! { fs::remove_file(&temporary).expect("the temporary file") }
        let mut lines =
            BufWriter::with_capacity(1 << 20, fs::File::create(directory.join("lines")).expect("a new file"));
        defer! { lines.flush().expect("room") }
        (0..160).for_each(|n| writeln!(lines, "line {n}").expect("room"));
        assert!(!temporary.exists(), "the assertion fails");
    }

    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cleanup_on_failed_assert");
    fs::create_dir_all(&directory).expect("a directory");
    assert_eq!(caught(|| writes(&directory)).message(), Some("the assertion fails"));
    assert!(!directory.join("temporary").exists());
    let lines = fs::read_to_string(directory.join("lines")).expect("the lines");
    assert_eq!(lines.lines().count(), 160);
    assert_eq!(lines.lines().last(), Some("line 159"));
    fs::remove_dir_all(&directory).expect("to remove the directory");
}

// N009
#[test]
fn inner_raise_in_finally() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            defer! { log.add(recover!().expect("a panic")) }
            panic!("inner");
        }
        panic!("First");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("First"));
    assert_eq!(log.text(), "inner");
}

// N011
#[test]
fn two_messages() {
    #[with_defer]
    fn inner(log: &Log) {
        defer!(log.add("finally2"));
        defer! { log.add(recover!().expect("a panic")) }
        panic!("msg2");
    }

    #[with_defer]
    fn outer(log: &Log) {
        defer!(log.add("finally1"));
        defer! {
            log.add(recover!().expect("a panic"));
            inner(log);
        }
        panic!("msg1");
    }

    let log = Log::new();
    outer(&log);
    assert_eq!(log.text(), "msg1 msg2 finally2 finally1");
}

// N013
#[test]
fn raise_from_defer() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        defer! { panic!("from the deferred statement") }
        log.add("body");
        1
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("from the deferred statement"));
    assert_eq!(log.text(), "body");
}

// O011: what panics before the statement is complete registers nothing
#[test]
fn cpp_throwing_construction() {
    fn handler(throws: bool) -> &'static str {
        assert!(!throws, "copying");
        "handler"
    }

    #[with_defer]
    fn f(throws: bool, log: &Log) {
        defer!(log.add("before"));
        defer!(log.add(handler(throws)));
        defer!(log.add("after"));
    }

    let log = Log::new();
    assert_eq!(caught(|| f(true, &log)).message(), Some("copying"));
    assert_eq!(log.text(), "before");
    let log = Log::new();
    f(false, &log);
    assert_eq!(log.text(), "after handler before");
}

// O013: no chain; the last one stands
#[test]
fn js_suppressed_error() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            log.add(1);
            panic_any(1);
        }
        defer! {
            log.add(2);
            panic_any(2);
        }
        defer! {
            log.add(3);
            panic_any(3);
        }
    }

    let log = Log::new();
    assert_eq!(*caught(|| f(&log)).downcast::<i32>().expect("a number"), 1);
    assert_eq!(log.text(), "3 2 1");
}
