//! Deferred statements while a panic passes through.

#[path = "support/caught.rs"]
mod caught;
#[path = "support/hook.rs"]
mod hook;
#[path = "support/log.rs"]
mod log;

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;

use caught::caught;
use hook::told;
use log::Log;
use with_defer::{Panic, defer, recover, with_defer};

#[test]
fn last_in_first_out() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add(1));
        defer! { log.add(2) }
        log.add("body");
        defer!(log.add(3));
        assert_eq!(log.text(), "", "the body panics");
        defer!(log.add("never registered"));
    }

    let log = Log::new();
    assert!(caught(|| f(&log)).to_string().contains("the body panics"));
    assert_eq!(log.text(), "body 3 2 1");
}

#[test]
fn each_exactly_once() {
    #[with_defer]
    fn f(panics_at: u32, counts: &[Cell<u32>; 4]) {
        let count = |at: usize| counts[at].set(counts[at].get() + 1);
        let step = |at: u32| assert_ne!(at, panics_at, "step");
        step(0);
        defer!(count(0));
        step(1);
        defer! {
            count(1);
            step(5);
        }
        defer! {
            count(2);
            step(6);
        }
        step(2);
        defer!(count(3));
        step(3);
    }

    let runs = |panics_at| {
        let counts = Default::default();
        let panicked = catch_unwind(AssertUnwindSafe(|| f(panics_at, &counts))).is_err();
        (panicked, counts.map(|count| count.get()))
    };
    assert_eq!(runs(0), (true, [0, 0, 0, 0]));
    assert_eq!(runs(1), (true, [1, 0, 0, 0]));
    assert_eq!(runs(2), (true, [1, 1, 1, 0]));
    assert_eq!(runs(3), (true, [1, 1, 1, 1]));
    assert_eq!(runs(5), (true, [1, 1, 1, 1]));
    assert_eq!(runs(6), (true, [1, 1, 1, 1]));
    assert_eq!(runs(9), (false, [1, 1, 1, 1]));
}

#[test]
fn replaced_by_a_later_one() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("rest"));
        defer! { panic!("third") }
        log.add("body");
        defer! { panic!("second") }
        panic!("first");
    }

    #[with_defer]
    fn neighbours(log: &Log) -> u8 {
        defer!(log.add("rest"));
        defer! { panic!("third") }
        defer! { panic!("second") }
        1
    }

    let log = Log::new();
    assert_eq!(told(|| assert_eq!(caught(|| f(&log)).message(), Some("third"))), "first/second/third/");
    assert_eq!(log.text(), "body rest");
    assert_eq!(told(|| assert_eq!(caught(|| neighbours(&log)).message(), Some("third"))), "second/third/");
    assert_eq!(log.text(), "body rest rest");
}

fn address(payload: &(dyn Any + Send)) -> *const () {
    std::ptr::from_ref(payload).cast()
}

#[test]
fn the_payload_is_unchanged() {
    #[with_defer]
    fn inner(payload: Box<dyn Any + Send>) {
        defer! {}
        let n = 1;
        defer! { assert_eq!(n, 1) }
        resume_unwind(payload);
    }

    #[with_defer]
    fn outer(payload: Box<dyn Any + Send>) {
        defer! {}
        inner(payload);
    }

    let payload: Box<dyn Any + Send> = Box::new(vec![1, 2, 3]);
    let before = address(&*payload);
    let after = caught(|| outer(payload)).into_payload();
    assert_eq!(address(&*after), before);
    assert_eq!(after.downcast_ref::<Vec<i32>>(), Some(&vec![1, 2, 3]));
}

#[test]
fn the_hook_is_told_once() {
    #[with_defer]
    fn inner() {
        defer! {}
        defer! {}
        let n = 1;
        defer! { assert_eq!(n, 1) }
        panic!("the message");
    }

    #[with_defer]
    fn outer() {
        defer! {}
        inner();
    }

    let message = told(|| assert_eq!(caught(outer).message(), Some("the message")));
    assert_eq!(message, "the message/");
    assert_eq!(told(|| drop(caught(|| resume_unwind(Box::new(1))))), "");
}

#[test]
fn nested_frames() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("function"));
        let closure = |n: i32| {
            defer!(log.add(format!("closure {n}")));
            defer! {
                defer!(log.add("in the deferred block"));
                log.add("deferred block");
            }
            assert_ne!(n, 2, "in the closure");
            n
        };
        assert_eq!(closure(1), 1);
        defer!(log.add("between"));
        closure(2);
    }

    let log = Log::new();
    assert!(caught(|| f(&log)).to_string().contains("in the closure"));
    assert_eq!(
        log.text(),
        "deferred block in the deferred block closure 1 \
         deferred block in the deferred block closure 2 between function"
    );
}

#[test]
fn callers_and_callees() {
    #[with_defer]
    fn descend(n: u32, log: &Log) {
        defer!(log.add(format!("-{n}")));
        log.add(format!("+{n}"));
        if n == 0 {
            panic_any("at the bottom");
        }
        descend(n - 1, log);
    }

    let log = Log::new();
    assert_eq!(caught(|| descend(3, &log)).message(), Some("at the bottom"));
    assert_eq!(log.text(), "+3 +2 +1 +0 -0 -1 -2 -3");
}

// Frames that run while the thread unwinds.

#[test]
fn called_from_a_destructor_while_the_thread_unwinds() {
    struct Calls<'a>(&'a Log);

    impl Drop for Calls<'_> {
        #[with_defer]
        fn drop(&mut self) {
            defer!(self.0.add("last"));
            defer! { self.0.add(recover!().expect("the inner panic")) }
            defer! {
                self.0.add("first");
                panic!("second");
            }
            assert!(thread::panicking());
            panic!("in the destructor");
        }
    }

    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("function"));
        let _calls = Calls(log);
        panic!("the outer");
    }

    let log = Log::new();
    let panics = told(|| assert_eq!(caught(|| f(&log)).message(), Some("the outer")));
    assert_eq!(log.text(), "first second last function");
    assert_eq!(panics, "the outer/in the destructor/second/");
}

#[test]
fn a_destructor_that_panics_counts_as_the_body() {
    struct Noisy;

    impl Drop for Noisy {
        fn drop(&mut self) {
            panic!("destructor");
        }
    }

    #[with_defer]
    fn f(log: &Log) -> u8 {
        defer!(log.add("deferred"));
        let _noisy = Noisy;
        5
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("destructor"));
    assert_eq!(log.text(), "deferred");
}

// Deferred code runs after the catch.

#[test]
fn the_thread_is_not_panicking_in_deferred_code() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add(thread::panicking()));
        defer! { log.add(thread::panicking()) }
        panic!();
    }

    let log = Log::new();
    assert_eq!(caught(|| f(&log)).message(), Some("explicit panic"));
    assert_eq!(log.text(), "false false");
}

#[test]
fn poisoned_are_the_locks_that_the_panic_passed() {
    #[with_defer]
    fn f(before: &Mutex<u8>, inside: &Mutex<u8>, deferred: &Mutex<u8>, shared: &RwLock<u8>) {
        let _before = before.lock().expect("not poisoned");
        defer! { *deferred.lock().expect("not poisoned") += 1 }
        let _inside = inside.lock().expect("not poisoned");
        let _shared = shared.write().expect("not poisoned");
        panic!("with locks held");
    }

    let (before, inside, deferred) = <(Mutex<u8>, Mutex<u8>, Mutex<u8>)>::default();
    let shared = RwLock::default();
    assert_eq!(caught(|| f(&before, &inside, &deferred, &shared)).message(), Some("with locks held"));
    assert!(before.is_poisoned());
    assert!(inside.is_poisoned());
    assert!(shared.is_poisoned());
    assert_eq!(*deferred.lock().expect("not poisoned"), 1);
}

// A lock that is held over the panic and released by deferred code is not poisoned: the flag has to come from
// `recover!()`.
#[test]
fn a_lock_released_by_deferred_code_is_not_poisoned() {
    #[with_defer]
    fn f(lock: &Mutex<u8>, panicked: &Cell<bool>) {
        let held = lock.lock().expect("not poisoned");
        defer! { drop(held) }
        defer! {
            if let Some(panic) = recover!() {
                panicked.set(true);
                panic.resume();
            }
        }
        let _read = *held;
        panic!("while held");
    }

    let (lock, panicked) = (Mutex::new(0), Cell::new(false));
    assert_eq!(caught(|| f(&lock, &panicked)).message(), Some("while held"));
    assert!(panicked.get());
    assert!(!lock.is_poisoned());
}

// Payloads whose destructor panics.

/// Panics when it is dropped, with as many payloads of its kind as it says.
struct Explosive {
    left: u32,
    drops: Arc<Mutex<u32>>,
}

impl Drop for Explosive {
    fn drop(&mut self) {
        *self.drops.lock().expect("not poisoned") += 1;
        if self.left > 0 {
            panic_any(Explosive { left: self.left - 1, drops: Arc::clone(&self.drops) });
        }
        panic!("a payload exploded");
    }
}

#[test]
fn a_replaced_payload_whose_destructor_panics() {
    #[with_defer]
    fn f(left: u32, drops: &Arc<Mutex<u32>>, log: &Log) {
        defer!(log.add("rest"));
        defer! { panic!("the later one") }
        panic_any(Explosive { left, drops: Arc::clone(drops) });
    }

    #[with_defer]
    fn slot(drops: &Arc<Mutex<u32>>, log: &Log) {
        defer! { log.add(recover!().expect("a panic")) }
        defer! { panic!("the later one") }
        panic_any(Explosive { left: 0, drops: Arc::clone(drops) });
    }

    let (drops, log) = (Arc::default(), Log::new());
    assert_eq!(caught(|| f(0, &drops, &log)).message(), Some("the later one"));
    assert_eq!(caught(|| f(3, &drops, &log)).message(), Some("the later one"));
    slot(&drops, &log);
    assert_eq!(log.text(), "rest rest the later one");
    assert_eq!(*drops.lock().expect("not poisoned"), 3);
}

#[test]
fn a_recovered_payload_whose_destructor_panics() {
    #[with_defer]
    fn f(drops: &Arc<Mutex<u32>>, log: &Log) {
        defer! { log.add(recover!().expect("what the destructor panicked with")) }
        defer! { drop(recover!()) }
        panic_any(Explosive { left: 0, drops: Arc::clone(drops) });
    }

    let (drops, log) = (Arc::default(), Log::new());
    f(&drops, &log);
    assert_eq!(log.text(), "a payload exploded");
    assert_eq!(*drops.lock().expect("not poisoned"), 1);
}

#[test]
fn a_payload_that_leaves_is_not_dropped() {
    #[with_defer]
    fn f(drops: &Arc<Mutex<u32>>) {
        defer! {}
        panic_any(Explosive { left: 0, drops: Arc::clone(drops) });
    }

    let drops = Arc::default();
    let panic: Panic = caught(|| f(&drops));
    assert_eq!(*drops.lock().expect("not poisoned"), 0);
    assert_eq!(caught(|| drop(panic)).message(), Some("a payload exploded"));
}

// Many.

macro_rules! sixty {
    ($($number:literal)*) => {
        #[with_defer]
        fn with_statements_between(panics: bool, log: &Log) -> usize {
            $(
                defer!(log.add($number));
                let _ = log.text();
            )*
            assert!(!panics, "after sixty");
            60
        }

        #[with_defer]
        fn neighbours(panics: bool, log: &Log) -> usize {
            $(defer! { log.add($number) })*
            assert!(!panics, "after sixty");
            60
        }
    };
}

sixty! {
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
    31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60
}

#[test]
fn sixty_statements_in_one_function() {
    let backwards: Vec<String> = (1..=60).rev().map(|n: u8| n.to_string()).collect();
    for f in [with_statements_between, neighbours] {
        let log = Log::new();
        assert_eq!(f(false, &log), 60);
        assert_eq!(log.text(), backwards.join(" "));
        let log = Log::new();
        assert_eq!(caught(|| f(true, &log)).message(), Some("after sixty"));
        assert_eq!(log.text(), backwards.join(" "));
    }
}
