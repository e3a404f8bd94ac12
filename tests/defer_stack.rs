//! `DeferStack`.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::{Arc, Mutex, Once};
use std::thread;

use with_defer::{DeferStack, defer, with_defer};

/// What entries write, from any thread.
#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, entry: &str) {
        self.0.lock().unwrap().push(entry.to_owned());
    }

    fn entry(&self, entry: &'static str) -> impl FnOnce() + Send + '_ {
        move || self.add(entry)
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().join(" ")
    }
}

/// The number that a panic carries.
fn panic_number<R>(f: impl FnOnce() -> R) -> Option<u32> {
    let payload = catch_unwind(AssertUnwindSafe(f)).err()?;
    payload.downcast_ref().copied()
}

/// How often the panic hook is told of a panic in this thread, which is then not printed.
fn count_reports(f: impl FnOnce()) -> u32 {
    thread_local! {
        static REPORTS: Cell<Option<u32>> = const { Cell::new(None) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| match REPORTS.get() {
            Some(reports) => REPORTS.set(Some(reports + 1)),
            None => hook(info),
        }));
    });
    REPORTS.set(Some(0));
    f();
    REPORTS.take().unwrap()
}

#[test]
fn entries_run_last_in_first_out() {
    let log = Log::default();
    let stack = DeferStack::new();
    for entry in ["a", "b", "c"] {
        stack.push(log.entry(entry));
    }
    assert_eq!(stack.len(), 3);
    stack.run();
    assert_eq!(log.text(), "c b a");
}

#[test]
fn a_run_leaves_the_stack_empty_and_usable() {
    let log = Log::default();
    let stack = DeferStack::new();
    stack.push(log.entry("first"));
    stack.run();
    assert!(stack.is_empty());
    stack.run();
    stack.push(log.entry("second"));
    assert!(!stack.is_empty());
    stack.run();
    assert_eq!(log.text(), "first second");
}

#[test]
fn a_drop_runs_the_entries() {
    let log = Log::default();
    {
        let stack = DeferStack::default();
        stack.push(log.entry("a"));
        stack.push(log.entry("b"));
        log.add("body");
    }
    assert_eq!(log.text(), "body b a");
}

#[test]
fn helpers_add_entries_for_what_they_borrow() {
    fn count<'a>(stack: &mut DeferStack<'a>, sum: &'a Mutex<u32>, by: u32) {
        stack.push(move || *sum.lock().unwrap() += by);
    }
    let sum = Mutex::new(0);
    let mut stack = DeferStack::new();
    count(&mut stack, &sum, 1);
    count(&mut stack, &sum, 20);
    assert_eq!(*sum.lock().unwrap(), 0);
    drop(stack);
    assert_eq!(sum.into_inner().unwrap(), 21);
}

#[test]
fn an_entry_may_own_what_it_uses_up() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let text = String::from("used up");
    let stack = DeferStack::new();
    stack.push(move || sender.send(text).unwrap());
    stack.run();
    assert_eq!(receiver.recv().as_deref(), Ok("used up"));
}

#[test]
fn clear_drops_entries_without_running_them() {
    let log = Log::default();
    let owned = Arc::new(());
    let stack = DeferStack::new();
    let held = Arc::clone(&owned);
    stack.push(move || drop(held));
    stack.push(log.entry("not run"));
    assert_eq!(Arc::strong_count(&owned), 2);
    stack.clear();
    assert_eq!(Arc::strong_count(&owned), 1);
    assert!(stack.is_empty());
    drop(stack);
    assert_eq!(log.text(), "");
}

#[test]
fn clear_drops_every_entry_though_destructors_panic() {
    struct Panics<'a>(&'a Log, u32);
    impl Drop for Panics<'_> {
        fn drop(&mut self) {
            self.0.add("dropped");
            panic_any(self.1);
        }
    }
    let log = Log::default();
    let stack = DeferStack::new();
    for number in [1, 2] {
        let panics = Panics(&log, number);
        stack.push(move || drop(panics));
    }
    assert_eq!(panic_number(|| stack.clear()), Some(1));
    assert!(stack.is_empty());
    assert_eq!(log.text(), "dropped dropped");
}

#[test]
fn take_hands_everything_on_in_its_order() {
    let log = Log::default();
    let later;
    {
        let stack = DeferStack::new();
        stack.push(log.entry("1"));
        stack.push(log.entry("2"));
        later = stack.take();
        assert_eq!((stack.len(), later.len()), (0, 2));
        stack.push(log.entry("own"));
    }
    later.push(log.entry("3"));
    assert_eq!(log.text(), "own");
    drop(later);
    assert_eq!(log.text(), "own 3 2 1");
}

#[test]
fn a_panicking_entry_does_not_stop_the_others_and_the_last_panic_goes_on() {
    let log = Log::default();
    let stack = DeferStack::new();
    stack.push(log.entry("a"));
    stack.push(|| panic_any(1_u32));
    stack.push(log.entry("b"));
    stack.push(|| panic_any(2_u32));
    stack.push(log.entry("c"));
    assert_eq!(panic_number(|| stack.run()), Some(1));
    assert_eq!(log.text(), "c b a");
    assert!(stack.is_empty());
}

#[test]
fn a_drop_panics_as_a_run_does() {
    let log = Log::default();
    let stack = DeferStack::new();
    stack.push(log.entry("a"));
    stack.push(|| panic_any(1_u32));
    assert_eq!(panic_number(|| drop(stack)), Some(1));
    assert_eq!(log.text(), "a");
}

#[test]
fn a_drop_in_a_panic_runs_everything_and_lets_that_panic_go_on() {
    let log = Log::default();
    let number = panic_number(|| {
        let stack = DeferStack::new();
        stack.push(log.entry("a"));
        stack.push(|| panic_any(2_u32));
        stack.push(log.entry("b"));
        panic_any(1_u32);
    });
    assert_eq!(number, Some(1));
    assert_eq!(log.text(), "b a");
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_is_no_abort() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let log = Log::default();
    let stack = DeferStack::new();
    stack.push(log.entry("a"));
    stack.push(|| panic_any(1_u32));
    stack.push(|| panic_any(Bomb));
    assert_eq!(panic_number(|| stack.run()), Some(1));
    assert_eq!(log.text(), "a");
}

#[test]
fn a_panic_is_reported_once() {
    let stack = DeferStack::new();
    stack.push(|| panic_any(1_u32));
    let reports = count_reports(|| assert_eq!(panic_number(|| stack.run()), Some(1)));
    assert_eq!(reports, 1);
}

#[test]
fn an_entry_pushed_during_a_run_runs_before_the_older_ones() {
    let log = Arc::new(Log::default());
    let stack = Arc::new(DeferStack::new());
    let write = |entry: &'static str| {
        let log = Arc::clone(&log);
        move || log.add(entry)
    };
    stack.push(write("older"));
    let pushes = {
        let stack = Arc::downgrade(&stack);
        let (first, second) = (write("first"), write("second"));
        move || {
            let stack = stack.upgrade().unwrap();
            stack.push(first);
            stack.push(second);
        }
    };
    stack.push(pushes);
    stack.run();
    assert_eq!(log.text(), "second first older");
}

#[test]
fn an_entry_pushed_by_a_panicking_one_runs() {
    static STACK: DeferStack<'static> = DeferStack::new();
    static RAN: Mutex<u32> = Mutex::new(0);
    STACK.push(|| {
        STACK.push(|| *RAN.lock().unwrap() += 1);
        panic_any(1_u32);
    });
    assert_eq!(panic_number(|| STACK.run()), Some(1));
    assert_eq!(*RAN.lock().unwrap(), 1);
}

#[test]
fn an_entry_may_run_the_stack_it_is_on() {
    let log = Arc::new(Log::default());
    let stack = Arc::new(DeferStack::new());
    let write = |entry: &'static str| {
        let log = Arc::clone(&log);
        move || log.add(entry)
    };
    stack.push(write("older"));
    let runs = {
        let (stack, end) = (Arc::downgrade(&stack), write("end"));
        move || {
            stack.upgrade().unwrap().run();
            end();
        }
    };
    stack.push(runs);
    stack.run();
    assert_eq!(log.text(), "older end");
}

#[test]
fn a_stack_may_be_an_entry_of_another() {
    let log = Log::default();
    let outer = DeferStack::new();
    outer.push(log.entry("outer first"));
    let inner = DeferStack::new();
    inner.push(log.entry("inner first"));
    inner.push(log.entry("inner second"));
    outer.push(move || drop(inner));
    outer.push(log.entry("outer last"));
    outer.run();
    assert_eq!(log.text(), "outer last inner second inner first outer first");
}

#[test]
fn threads_share_a_stack() {
    let ran = Mutex::new(0);
    let stack = DeferStack::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    stack.push(|| *ran.lock().unwrap() += 1);
                }
            });
        }
    });
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| stack.run());
        }
    });
    drop(stack);
    assert_eq!(ran.into_inner().unwrap(), 100);
}

#[test]
fn ten_thousand_entries_run() {
    let mut sum = 0_u64;
    let log = Mutex::new(&mut sum);
    let stack = DeferStack::new();
    for number in 0..10_000_u64 {
        let log = &log;
        stack.push(move || **log.lock().unwrap() += number);
    }
    assert_eq!(stack.len(), 10_000);
    drop(stack);
    assert_eq!(sum, 49_995_000);
}

#[test]
fn ten_thousand_entries_that_panic_run() {
    let stack = DeferStack::new();
    for number in 0..10_000_u32 {
        stack.push(move || panic_any(number));
    }
    let reports = count_reports(|| assert_eq!(panic_number(|| stack.run()), Some(0)));
    assert_eq!(reports, 10_000);
    assert!(stack.is_empty());
}

#[with_defer]
fn start<'a>(log: &'a Log, fails: bool) -> Result<DeferStack<'a>, &'static str> {
    let undo = DeferStack::new();
    defer!(undo.run());
    undo.push(log.entry("stop"));
    if fails {
        return Err("no port left");
    }
    log.add("started");
    Ok(undo.take())
}

#[test]
fn a_start_up_keeps_what_it_would_have_undone() {
    let log = Log::default();
    assert_eq!(start(&log, true).err(), Some("no port left"));
    assert_eq!(log.text(), "stop");

    let log = Log::default();
    let shutdown = start(&log, false).unwrap();
    log.add("serve");
    shutdown.run();
    assert_eq!(log.text(), "started serve stop");
}

#[test]
fn a_stack_says_how_long_it_is() {
    let stack = DeferStack::new();
    stack.push(|| ());
    assert_eq!(format!("{stack:?}"), "DeferStack { len: 1, .. }");
    stack.clear();
    assert_eq!(format!("{stack:?}"), "DeferStack { len: 0, .. }");
}

#[test]
fn a_stack_goes_to_other_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&DeferStack::new());
}
