//! What Go's own tests demand of panics and `recover`.

#![allow(clippy::redundant_closure_call, reason = "a closure as callee is Go's `defer func(s) { … }(s)`")]
#![allow(clippy::manual_assert, reason = "a panic that is meant to happen asserts nothing")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/hook.rs"]
mod hook;
#[path = "support/log.rs"]
mod log;

use std::any::Any;
use std::backtrace::Backtrace;
use std::panic::{panic_any, resume_unwind};
use std::sync::{Once, OnceLock, mpsc};

use caught::caught;
use hook::told;
use log::Log;
use with_defer::{Panic, defer, recover, with_defer};

/// What `recover!()` took: the text or number that was thrown.
fn shown(panic: Option<Panic>) -> String {
    let Some(panic) = panic else { return "nothing".to_owned() };
    match panic.downcast::<i32>() {
        Ok(number) => number.to_string(),
        Err(panic) => panic.to_string(),
    }
}

// G115
#[test]
fn recover_once() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            log.add(shown(recover!()));
            log.add(shown(recover!()));
        }
        panic_any(1);
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "1 nothing");
}

// G119
#[test]
fn body_not_resumed() {
    #[with_defer]
    fn f(log: &Log, panics: bool) {
        defer! { recover!(); }
        log.add("before");
        assert!(!panics, "in the middle");
        log.add("after");
    }

    let log = Log::new();
    f(&log, true);
    assert_eq!(log.text(), "before");
    f(&log, false);
    assert_eq!(log.text(), "before before after");
}

// G121: a closure literal that the deferred statement calls is the deferred code itself.
#[test]
fn recover_in_inner_closure() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer!((|| log.add(shown(recover!())))());
        panic_any(2);
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "2 nothing");
}

// G125
#[test]
fn recover_big_receivers() {
    #[derive(Clone, Copy)]
    struct Empty;
    #[derive(Clone, Copy)]
    struct Large([u8; 8192]);

    trait Receiver: Copy {
        fn recovered(self, log: &Log, panic: Option<Panic>);
    }
    impl Receiver for Empty {
        fn recovered(self, log: &Log, panic: Option<Panic>) {
            log.add(shown(panic));
        }
    }
    impl Receiver for u64 {
        fn recovered(self, log: &Log, panic: Option<Panic>) {
            log.add(format!("{self}:{}", shown(panic)));
        }
    }
    impl Receiver for (u64, u64) {
        fn recovered(self, log: &Log, panic: Option<Panic>) {
            log.add(format!("{}+{}:{}", self.0, self.1, shown(panic)));
        }
    }
    impl Receiver for Large {
        fn recovered(self, log: &Log, panic: Option<Panic>) {
            let frame = [1_u8; 8192];
            let sum: usize = self.0.iter().zip(frame).map(|(a, b)| usize::from(a + b)).sum();
            log.add(format!("{sum}:{}", shown(panic)));
        }
    }

    #[with_defer]
    fn f<R: Receiver>(mut receiver: R, other: R, number: i32, log: &Log) -> usize {
        defer!((|receiver: R| receiver.recovered(log, recover!()))(receiver));
        receiver = other;
        if number > 0 {
            panic_any(number);
        }
        size_of_val(&receiver)
    }

    trait Shown {
        fn recovered(&self, log: &Log, panic: Option<Panic>);
    }
    impl Shown for Large {
        fn recovered(&self, log: &Log, panic: Option<Panic>) {
            Receiver::recovered(*self, log, panic);
        }
    }

    #[with_defer]
    fn boxed(receiver: Box<dyn Shown>, number: i32, log: &Log) {
        defer!((|receiver: Box<dyn Shown>| receiver.recovered(log, recover!()))(receiver));
        panic_any(number);
    }

    #[with_defer]
    fn object(receiver: &dyn Shown, number: i32, log: &Log) {
        defer! { receiver.recovered(log, recover!()) }
        panic_any(number);
    }

    let log = Log::new();
    boxed(Box::new(Large([3; 8192])), 13, &log);
    object(&Large([4; 8192]), 14, &log);
    assert_eq!(log.text(), "32768:13 40960:14");

    let log = Log::new();
    f(Empty, Empty, 9, &log);
    f(10_u64, 0, 10, &log);
    f((11_u64, 11), (0, 0), 11, &log);
    f(Large([2; 8192]), Large([0; 8192]), 12, &log);
    assert_eq!(log.text(), "9 10:10 11+11:11 24576:12");
    assert_eq!(f(Large([0; 8192]), Large([1; 8192]), 0, &log), 8192);
    assert_eq!(log.text(), "9 10:10 11+11:11 24576:12 8192:nothing");
}

// G127
#[test]
fn recover_in_loop_of_deferred() {
    #[with_defer]
    fn slice(log: &Log) {
        defer! {
            for _ in [0, 0] {
                log.add(shown(recover!()));
            }
        }
        panic!("slice");
    }

    #[with_defer]
    fn range(log: &Log) {
        defer! {
            let mut turn = 0;
            while turn < 2 {
                turn += 1;
                log.add(shown(recover!()));
            }
        }
        panic!("range");
    }

    #[with_defer]
    fn channel(log: &Log) {
        let (sender, receiver) = mpsc::channel();
        defer! {
            for () in receiver {
                log.add(shown(recover!()));
            }
        }
        sender.send(()).expect("a receiver");
        drop(sender);
        panic!("channel");
    }

    #[with_defer]
    fn nested_iterators(log: &Log) {
        defer! {
            for _ in std::iter::repeat_n(0, 1) {
                for _ in std::iter::once(0) {
                    log.add(shown(recover!()));
                }
            }
            log.add(shown(recover!()));
        }
        panic!("iterators");
    }

    #[with_defer]
    fn condition(log: &Log) {
        defer! {
            while let Some(panic) = recover!() {
                log.add(panic);
            }
        }
        panic!("condition");
    }

    #[with_defer]
    fn inner() {
        defer! { recover!(); }
        panic!("inner");
    }

    #[with_defer]
    fn inner_panic_first(log: &Log) {
        defer! {
            for turn in 0..2 {
                inner();
                if turn == 1 {
                    log.add(shown(recover!()));
                }
            }
        }
        panic!("outer");
    }

    let log = Log::new();
    slice(&log);
    range(&log);
    channel(&log);
    nested_iterators(&log);
    condition(&log);
    inner_panic_first(&log);
    assert_eq!(log.text(), "slice nothing range nothing channel iterators nothing condition outer");
}

// G131
#[test]
fn nested_inner_then_outer() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer! {
            defer! { log.add(shown(recover!())) }
            panic_any(2);
        }
        panic_any(1);
    }

    #[with_defer]
    fn issue_43921(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer! {
            defer! { log.add(shown(recover!())) }
            defer!(panic_any(4));
            defer!(panic_any(3));
            panic_any(2);
        }
        panic_any(1);
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "2 1");
    issue_43921(&log);
    assert_eq!(log.text(), "2 1 4 1");
}

// G133
#[test]
fn inner_frame_panic_recovered() {
    #[with_defer]
    fn inner(log: &Log) {
        defer! { log.add(shown(recover!())) }
        panic_any(222);
    }

    #[with_defer]
    fn outer(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer!(inner(log));
        panic_any(111);
    }

    let log = Log::new();
    outer(&log);
    assert_eq!(log.text(), "222 111");
}

// G135
#[test]
fn aborted_panic() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer! { log.add(shown(recover!())) }
        defer! { panic!("panic2") }
        panic!("panic1");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "panic2 nothing");
}

// G141
#[test]
fn repanic_same_value() {
    fn address(payload: &(dyn Any + Send)) -> *const () {
        std::ptr::from_ref(payload).cast()
    }

    #[with_defer]
    fn f(payload: Box<dyn Any + Send>) {
        defer! {
            if let Some(panic) = recover!() {
                panic.resume();
            }
        }
        resume_unwind(payload);
    }

    let number: Box<dyn Any + Send> = Box::new(7_i32);
    let before = address(&*number);
    let after = caught(|| f(number)).into_payload();
    assert_eq!(address(&*after), before);
    assert_eq!(after.downcast_ref::<i32>(), Some(&7));

    let text: Box<dyn Any + Send> = Box::new(String::from("text"));
    let before = address(&*text);
    let after = caught(|| f(text)).into_payload();
    assert_eq!(address(&*after), before);
    assert_eq!(after.downcast_ref::<String>().map(String::as_str), Some("text"));
}

// G143
#[test]
fn wrap_and_rethrow() {
    #[with_defer]
    fn inner() {
        defer! {
            if let Some(panic) = recover!() {
                panic!("wrap: {panic}");
            }
        }
        panic!("bad");
    }

    #[with_defer]
    fn outer(log: &Log) {
        defer! {
            log.add(shown(recover!()));
            panic!("again");
        }
        inner();
    }

    let log = Log::new();
    assert_eq!(caught(|| outer(&log)).message(), Some("again"));
    assert_eq!(log.text(), "wrap: bad");
}

// G145
#[test]
fn second_recovered_first_survives() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            defer! { log.add(shown(recover!())) }
            panic!("second");
        }
        panic!("first");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("first"));
    assert_eq!(log.text(), "second");
}

// G147
#[test]
fn middle_repanic() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            let middle = recover!().expect("the middle panic");
            log.add(&middle);
            defer! { panic!("outer") }
            middle.resume();
        }
        defer! {
            log.add(shown(recover!()));
            panic!("middle");
        }
        panic!("inner");
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("outer"));
    assert_eq!(log.text(), "inner middle");
}

// G149
#[test]
fn repanic_through_frames() {
    #[with_defer]
    fn descend(level: i32, depth: i32, caught_at: i32, log: &Log) {
        defer! {
            if let Some(panic) = recover!() {
                if level != caught_at {
                    panic.resume();
                }
                log.add(level);
            }
        }
        if level + 1 < depth {
            descend(level + 1, depth, caught_at, log);
        } else {
            panic_any(caught_at);
        }
    }

    #[with_defer]
    fn collect(level: i32, log: &Log) {
        defer! {
            let text = shown(recover!());
            log.add(format!("lvl{level}={text}"));
            if level > 1 {
                panic!("{text}{level}");
            }
        }
        if level == 4 {
            panic!("p");
        }
        collect(level + 1, log);
    }

    #[with_defer]
    fn once_at_the_end(level: i32, log: &Log) {
        defer! { recover!(); }
        if level == 0 {
            panic!("at the end");
        }
        once_at_the_end(level - 1, log);
        log.add("back");
    }

    let log = Log::new();
    descend(0, 6, 2, &log);
    descend(0, 5, 1, &log);
    once_at_the_end(2, &log);
    descend(0, 6, 3, &log);
    assert_eq!(log.text(), "2 1 back back 3");

    let log = Log::new();
    collect(0, &log);
    assert_eq!(log.text(), "lvl4=p lvl3=p4 lvl2=p43 lvl1=p432 lvl0=nothing");
}

// G151
#[test]
fn nested_quiz_2() {
    #[with_defer]
    fn f(log: &Log) {
        defer! { log.add(shown(recover!())) }
        defer! {
            defer! {
                defer! {
                    log.add(shown(recover!()));
                    log.add(shown(recover!()));
                }
                panic_any(3);
            }
            panic_any(2);
        }
        panic_any(1);
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "3 nothing 2");
}

// G153
#[test]
fn issue43941() {
    fn step(expected: i32, steps: &mut Vec<i32>) {
        steps.push(expected);
    }

    #[with_defer]
    fn inner_panics(recovered: &Log) {
        defer! {
            defer! { recovered.add(shown(recover!())) }
            defer!(panic_any(3));
            panic_any(2);
        }
        defer! { recovered.add(shown(recover!())) }
        defer!(panic_any(1));
    }

    #[with_defer]
    fn first(steps: &mut Vec<i32>, recovered: &Log) {
        inner_panics(recovered);
        defer! { step(10, steps) }
        defer! { step(9, steps) }
        step(8, steps);
    }

    #[with_defer]
    fn panics(steps: &mut Vec<i32>) {
        defer!(step(11, &mut *steps));
        panic_any(4);
    }

    #[with_defer]
    fn second(steps: &mut Vec<i32>) {
        defer!(step(13, &mut *steps));
        defer!(step(12, &mut *steps));
        panics(steps);
        defer! {}
        defer!(panic_any(-1));
        defer!(step(-1, &mut *steps));
        defer! {}
    }

    #[with_defer]
    fn all(steps: &mut Vec<i32>, recovered: &Log) {
        defer! {
            step(14, steps);
            recovered.add(shown(recover!()));
        }
        first(steps, recovered);
        second(steps);
    }

    let recovered = Log::new();
    let mut steps = Vec::new();
    all(&mut steps, &recovered);
    assert_eq!(steps, [8, 9, 10, 11, 12, 13, 14]);
    assert_eq!(recovered.text(), "1 3 4");
}

// G155
#[test]
fn issue48898() {
    #[with_defer]
    fn recovers_three_and_one() {
        defer! {
            defer! { recover!(); }
            defer!(panic_any(3));
            panic_any(2);
        }
        defer! { recover!(); }
        panic_any(1);
    }

    #[with_defer]
    fn panics() {
        defer! {}
        panic_any(4);
    }

    #[with_defer]
    fn prints(log: &Log, x: i32) {
        defer!(log.add(x));
        panics();
    }

    #[with_defer]
    fn all(log: &Log) {
        defer! { log.add(shown(recover!())) }
        recovers_three_and_one();
        defer! {}
        let x = 123;
        prints(log, x);
    }

    let log = Log::new();
    all(&log);
    assert_eq!(log.text(), "123 4");
}

// G157
#[test]
fn deferred_panics_while_handling() {
    #[expect(clippy::large_types_passed_by_value, reason = "Go's argument is 8192 bytes")]
    fn fault(large: [u8; 8192], at: usize) -> u8 {
        large[at]
    }

    #[with_defer]
    fn inner(at: usize, log: &Log) -> u8 {
        defer! {
            log.add(recover!().is_some());
            fault([0; 8192], at + 1);
        }
        fault([0; 8192], at)
    }

    #[with_defer]
    fn outer(log: &Log) -> u8 {
        defer! { log.add(shown(recover!())) }
        inner(8192, log)
    }

    let log = Log::new();
    outer(&log);
    assert_eq!(log.text(), "true index out of bounds: the len is 8192 but the index is 8193");
}

// G159
#[test]
fn payload_never_nil() {
    #[with_defer(recovered = false)]
    fn f<P: Send + 'static>(payload: P) -> bool {
        defer! { *recovered = recover!().is_some_and(|panic| panic.is::<P>()) }
        panic_any(payload);
    }

    assert!(f(()));
    assert!(f(None::<i32>));
}

// G161
#[test]
fn payload_not_clobbered() {
    #[with_defer]
    fn f(log: &Log) {
        let mut lengths = 0;
        defer! {
            let first = recover!();
            defer! {
                let second = recover!();
                lengths += (0..1000).map(|n| vec![0_u8; n].len()).sum::<usize>();
                log.add(shown(first));
                log.add(shown(second));
                log.add(lengths);
            }
            lengths += (0..1000).map(|n| vec![0_u8; n].len()).sum::<usize>();
            panic!("{}", "Y".repeat(3));
        }
        panic!("{}", "X".repeat(3));
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "XXX YYY 999000");
}

// G171
#[test]
fn traceback_order() {
    #[with_defer]
    fn pt1() {
        defer! { panic!("pt1") }
        pt2();
    }

    #[with_defer]
    fn pt2() {
        defer! { panic!("pt2") }
        panic!("hello");
    }

    let told = told(|| assert_eq!(caught(pt1).message(), Some("pt1")));
    assert_eq!(told, "hello/pt2/pt1/");
}

// G173
#[test]
fn callers_after_recovery() {
    #[with_defer(seen)]
    fn recovering() -> String {
        defer! { *seen = Backtrace::force_capture().to_string() }
        defer! { recover!(); }
        panic!("with frames of its own");
    }

    let seen = recovering();
    assert!(seen.contains("recovering"), "{seen}");
    for frame in ["rust_panic", "begin_panic", "resume_unwind", "panic_fmt"] {
        assert!(!seen.contains(frame), "{frame} in {seen}");
    }
}

// G175
#[test]
fn once_poison() {
    #[with_defer]
    fn call(once: &Once, log: &Log) {
        defer!(log.add("deferred"));
        once.call_once(|| {
            defer!(log.add("cleanup"));
            log.add("body");
            panic!("in the body");
        });
    }

    #[with_defer]
    fn remembered(once: &OnceLock<String>, log: &Log) {
        let message = once.get_or_init(|| {
            let mut message = String::new();
            let told = (|| -> Option<String> {
                defer! { message = shown(recover!()) }
                log.add("once");
                panic!("the same value");
            })();
            told.unwrap_or(message)
        });
        panic!("{message}");
    }

    let (once, log) = (Once::new(), Log::new());
    assert_eq!(caught(|| call(&once, &log)).message(), Some("in the body"));
    assert_eq!(log.text(), "body cleanup deferred");
    assert_eq!(caught(|| call(&once, &log)).message(), Some("Once instance has previously been poisoned"));
    assert_eq!(log.text(), "body cleanup deferred deferred");

    let (once, log) = (OnceLock::new(), Log::new());
    assert_eq!(caught(|| remembered(&once, &log)).message(), Some("the same value"));
    assert_eq!(caught(|| remembered(&once, &log)).message(), Some("the same value"));
    assert_eq!(log.text(), "once");
}

// G177, with a panic in place of `Goexit`
#[test]
fn cleanup_after_goexit() {
    #[with_defer]
    fn f(count: &mut i32) {
        defer! { *count += 1 }
        defer! { panic!("the last cleanup") }
    }

    let mut count = 0;
    assert_eq!(caught(|| f(&mut count)).message(), Some("the last cleanup"));
    assert_eq!(count, 1);
}
