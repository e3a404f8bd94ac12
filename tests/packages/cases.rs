//! Cases of every kind of deferred statement, compiled under each edition and under every lint. The file is written
//! in what the editions have in common; `crate::EDITION` says which it is.

use std::cell::RefCell;
use std::fmt::Display;
#[allow(redundant_imports, reason = "in the prelude of edition 2024")]
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

use crate::EDITION;

/// What ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Log(RefCell<Vec<String>>);

impl Log {
    /// Adds an entry.
    pub(crate) fn add<T: Display>(&self, entry: T) {
        self.0.borrow_mut().push(entry.to_string());
    }

    /// Something that adds an entry when it is dropped.
    pub(crate) const fn noisy(&self, name: &'static str) -> Noisy<'_> {
        Noisy { log: self, name }
    }

    /// The entries, with a space between them; the log is empty then.
    pub(crate) fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// Adds its name to the log when it is dropped.
#[derive(Debug)]
pub(crate) struct Noisy<'a> {
    log: &'a Log,
    name: &'static str,
}

impl Noisy<'_> {
    const fn len(&self) -> usize {
        self.name.len()
    }

    pub(crate) const fn first(&self, yes: bool) -> Option<&str> {
        if yes { Some(self.name) } else { None }
    }
}

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.log.add(self.name);
    }
}

/// Is pending once.
#[derive(Debug)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}

const fn pause() -> Pause {
    Pause(false)
}

/// Polls the future until it is ready, or so many times.
pub(crate) fn poll<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

fn panics<F: FnOnce()>(f: F) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

#[test]
fn direct_statements() {
    #[with_defer]
    fn f(log: &Log, mut n: i32) -> i32 {
        defer!(log.add(n));
        n += 1;
        defer! {
            log.add("block");
            log.add(n);
        }
        defer!(println!("{}", n));
        n += 1;
        log.add("body");
        n
    }
    let log = Log::default();
    assert_eq!(f(&log, 1), 3, "the result");
    assert_eq!(log.take(), "body block 3 1", "the order");
}

#[test]
fn nested_statements() {
    #[with_defer]
    fn f(log: &Log, list: &[u8]) -> usize {
        let mut count = 0_usize;
        for item in list {
            let double = item * 2;
            count += 1;
            if *item > 1 {
                defer!(log.add(double));
            } else {
                defer! {
                    log.add(format!("{item}/{count}"));
                }
            }
            match item {
                3 => defer!(log.add("three")),
                _ => log.add("other"),
            }
        }
        count
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 2, 3]), 3, "the result");
    assert_eq!(log.take(), "other other three 6 4 1/3", "the order");
}

#[test]
fn scopes() {
    #[with_defer]
    fn f(log: &Log, list: &[u8]) -> usize {
        let mut turns = 0_usize;
        #[defer_scope]
        for item in list {
            defer!(log.add(item));
            turns += 1;
            if *item == 2 {
                continue;
            }
            if *item == 3 {
                break;
            }
            log.add("turn");
        }
        let length = #[defer_scope]
        {
            let name = log.noisy("noisy");
            defer!(log.add("left"));
            name.len()
        };
        log.add("end");
        turns + length
    }
    let log = Log::default();
    assert_eq!(f(&log, &[1, 2, 3, 4]), 8, "the result");
    assert_eq!(log.take(), "turn 1 2 3 left noisy end", "the order");
}

#[test]
fn results() {
    #[with_defer(result = Ok(0))]
    fn f(log: &Log, text: &str) -> Result<i32, String> {
        defer_on_failure!(log.add("failure"));
        defer_on_success!(log.add("success"));
        defer! {
            if let Ok(n) = result {
                *n += 1;
            }
        }
        defer! {
            if text == "8" {
                Err("a deferred error")?;
            }
        }
        let n: i32 = text.parse().map_err(|_| "no number")?;
        Ok(n)
    }
    let log = Log::default();
    assert_eq!(f(&log, "7"), Ok(8), "the deferred code has changed the result");
    assert_eq!(f(&log, "x"), Err("no number".to_owned()), "the error of the body");
    assert_eq!(f(&log, "8"), Err("a deferred error".to_owned()), "the error of the deferred code");
    assert_eq!(log.take(), "success failure failure", "the order");
}

#[test]
fn results_by_pattern_and_by_default() {
    #[with_defer((count, name) = (0, String::new()))]
    fn pair(n: usize) -> (usize, String) {
        defer! {
            *count += 1;
            name.push('!');
        }
        (n, n.to_string())
    }
    #[with_defer(result)]
    fn slot(early: bool) -> Option<usize> {
        defer! {
            if result.is_none() {
                *result = Some(3);
            }
        }
        if early {
            *result = Some(4);
            return;
        }
        None
    }
    assert_eq!(pair(4), (5, "4!".to_owned()), "both parts");
    assert_eq!(slot(true), Some(4), "what the body has stored");
    assert_eq!(slot(false), Some(3), "what the deferred code has stored");
}

#[test]
fn panics_and_recover() {
    #[with_defer]
    fn passes(log: &Log) {
        defer_on_panic!(log.add("panic"));
        defer_on_success!(log.add("success"));
        defer! {
            panic!("deferred")
        }
        log.add("body");
    }
    #[with_defer(result = -1)]
    fn recovers(log: &Log, fail: bool) -> i32 {
        defer!(log.add("after"));
        defer! {
            if let Some(panic) = recover!() {
                log.add(&panic);
            }
        }
        assert!(!fail, "stop");
        1
    }
    let log = Log::default();
    assert!(panics(|| passes(&log)), "a panic in deferred code");
    assert_eq!(log.take(), "body panic", "the order");
    assert_eq!((recovers(&log, false), recovers(&log, true)), (1, -1), "the results");
    assert_eq!(log.take(), "after stop after", "the order");
}

#[test]
fn closures_and_deferred_blocks_are_frames() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        let double = |n: i32| -> i32 {
            defer!(log.add(n));
            n * 2
        };
        defer! {
            defer!(log.add("inner"));
            log.add("outer");
        }
        let four = double(2);
        log.add("body");
        four
    }
    let log = Log::default();
    assert_eq!(f(&log), 4, "the result");
    assert_eq!(log.take(), "2 body outer inner", "the order");
}

#[test]
fn functions_of_every_kind() {
    struct Counter<'a>(&'a Log, usize);

    trait Counts {
        fn count(&mut self) -> usize;

        #[with_defer]
        fn twice(&mut self) -> usize {
            defer! {
                self.count();
            }
            self.count() + self.count()
        }
    }

    impl Counts for Counter<'_> {
        #[with_defer]
        fn count(&mut self) -> usize {
            defer!(self.0.add(self.1));
            self.1 += 1;
            self.1
        }
    }

    #[with_defer]
    fn generic<'a, T, F>(log: &Log, list: &'a [T], each: F) -> impl Iterator<Item = T> + use<'a, T, F>
    where
        T: Copy,
        F: Fn(T) -> T + 'a,
    {
        defer!(log.add("generic"));
        list.iter().copied().map(each)
    }

    let log = Log::default();
    assert_eq!(Counter(&log, 0).twice(), 3, "the result");
    assert_eq!(log.take(), "0 1 2", "the values were taken then");
    assert_eq!(generic(&log, &[1, 2], |n| n + 1).sum::<i32>(), 5, "the result");
    assert_eq!(log.take(), "generic", "the order");
}

#[test]
fn async_functions_that_finish() {
    #[with_defer]
    async fn f(log: &Log, text: &str) -> Result<u32, String> {
        defer_on_failure!(log.add("failure"));
        defer! {
            pause().await;
            log.add("awaited");
        }
        for turn in 0..2 {
            defer!(log.add(turn));
            pause().await;
        }
        pause().await;
        let n: u32 = text.parse().map_err(|_| "no number")?;
        let block = async {
            defer!(log.add("block"));
            pause().await;
            n + 1
        };
        Ok(block.await)
    }
    let log = Log::default();
    assert_eq!(poll(f(&log, "1"), 9), Some(Ok(2)), "the result");
    assert_eq!(log.take(), "block 1 0 awaited", "the order");
    assert_eq!(poll(f(&log, "x"), 9), Some(Err("no number".to_owned())), "the error");
    assert_eq!(log.take(), "1 0 awaited failure", "the order");
}

#[test]
fn async_functions_that_are_dropped() {
    #[with_defer]
    async fn f(log: &Log) -> Option<u8> {
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        defer! {
            log.add("begun");
            pause().await;
            log.add("never");
        }
        #[defer_scope]
        for turn in 0..3 {
            defer!(log.add(turn));
            pause().await;
        }
        Some(1)
    }
    let log = Log::default();
    assert_eq!(poll(f(&log), 2), None, "not done");
    assert_eq!(log.take(), "0 1 begun failure", "the order");
}

#[test]
fn temporaries_of_the_final_expression() {
    fn plain(log: &Log) -> usize {
        let _local = log.noisy("local");
        log.noisy("temporary").len()
    }
    #[with_defer]
    fn behind(log: &Log) -> usize {
        defer!(log.add("deferred"));
        let _local = log.noisy("local");
        log.noisy("temporary").len()
    }
    #[with_defer]
    fn before(log: &Log) -> usize {
        let _local = log.noisy("local");
        defer!(log.add("deferred"));
        log.noisy("temporary").len()
    }
    #[with_defer]
    fn named(log: &Log) -> usize {
        let _local = log.noisy("local");
        defer!(log.add("deferred"));
        {
            let _inner = log.noisy("inner");
            log.noisy("temporary").len()
        }
    }
    let log = Log::default();
    let order = |f: fn(&Log) -> usize| {
        f(&log);
        log.take()
    };
    let old = EDITION < 2024;
    assert_eq!(order(plain), if old { "local temporary" } else { "temporary local" }, "no attribute");
    let expected = if old { "local temporary deferred" } else { "temporary local deferred" };
    assert_eq!(order(behind), expected, "as without the attribute");
    assert_eq!(order(before), "temporary deferred local", "the temporary is the body's, in each edition");
    let expected = if old { "inner temporary deferred local" } else { "temporary inner deferred local" };
    assert_eq!(order(named), expected, "a block at the end");
}

#[test]
fn temporaries_of_a_condition() {
    fn plain(log: &Log, yes: bool) {
        if let Some(name) = log.noisy("temporary").first(yes) {
            log.add(name.len());
        } else {
            log.add("else");
        }
        log.add("end");
    }
    #[with_defer]
    fn deferring(log: &Log, yes: bool) {
        if let Some(name) = log.noisy("temporary").first(yes) {
            let length = name.len();
            defer!(log.add("deferred"));
            log.add(length);
        } else {
            defer!(log.add("deferred"));
            log.add("else");
        }
        log.add("end");
    }
    let log = Log::default();
    let order = |f: fn(&Log, bool), yes| {
        f(&log, yes);
        log.take()
    };
    assert_eq!(order(plain, true), "9 temporary end", "no attribute");
    assert_eq!(order(deferring, true), "9 temporary end deferred", "as without the attribute");
    let old = EDITION < 2024;
    assert_eq!(
        order(plain, false),
        if old { "else temporary end" } else { "temporary else end" },
        "no attribute"
    );
    let expected = if old { "else temporary end deferred" } else { "temporary else end deferred" };
    assert_eq!(order(deferring, false), expected, "as without the attribute");
}

#[test]
fn temporaries_in_deferred_code() {
    #[with_defer]
    fn f(log: &Log) {
        defer! {
            let _local = log.noisy("local");
            log.noisy("temporary").len();
        }
        defer! {
            let _local = log.noisy("local");
            let _length = {
                let _inner = log.noisy("inner");
                log.noisy("temporary").len()
            };
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    let inner = if EDITION < 2024 { "inner temporary" } else { "temporary inner" };
    assert_eq!(log.take(), format!("body {inner} local temporary local"), "as in a body");
}

#[test]
fn temporaries_of_a_block_with_a_nested_statement() {
    fn plain(log: &Log) {
        let _length = {
            let _inner = log.noisy("inner");
            log.noisy("temporary").len()
        };
        log.add("end");
    }
    #[with_defer]
    fn deferring(log: &Log) {
        let _length = {
            let _inner = log.noisy("inner");
            defer!(log.add("deferred"));
            log.noisy("temporary").len()
        };
        log.add("end");
    }
    let log = Log::default();
    plain(&log);
    deferring(&log);
    let expected = if EDITION < 2024 {
        "inner temporary end inner temporary end deferred"
    } else {
        "temporary inner end temporary inner end deferred"
    };
    assert_eq!(log.take(), expected, "as without the attribute");
}

/// A part of a variable may be lent while deferred code names another.
#[test]
fn parts_of_a_variable() {
    #[derive(Debug)]
    struct Pair {
        name: String,
        list: Vec<u8>,
    }
    #[with_defer]
    fn direct(log: &Log, pair: &mut Pair) -> usize {
        let list = &mut pair.list;
        defer!(log.add(&pair.name));
        list.push(1);
        list.len()
    }
    #[with_defer]
    fn nested(log: &Log, pair: &mut Pair, yes: bool) -> usize {
        let list = &mut pair.list;
        if yes {
            defer! {
                log.add(&pair.name);
            }
        }
        list.push(2);
        list.len()
    }
    let log = Log::default();
    let mut pair = Pair { name: "pair".to_owned(), list: vec![] };
    assert_eq!((direct(&log, &mut pair), nested(&log, &mut pair, true)), (1, 2), "the list grows");
    assert_eq!(log.take(), "pair pair", "the name stays");
    assert_eq!(pair.list, [1, 2], "the list");
}

/// A closure of the user's captures what it would without the attribute: until 2018 the whole variable, since 2021 a part.
#[test]
fn captures_of_the_users_closures() {
    fn plain(log: &Log) {
        let pair = (log.noisy("first"), log.noisy("second"));
        {
            let closure = move || log.add(pair.0.len());
            closure();
        }
        log.add("end");
    }
    #[with_defer]
    fn in_the_body(log: &Log) {
        defer!(log.add("deferred"));
        let pair = (log.noisy("first"), log.noisy("second"));
        {
            let closure = move || log.add(pair.0.len());
            closure();
        }
        log.add("end");
    }
    #[with_defer]
    fn frame(log: &Log) {
        let pair = (log.noisy("first"), log.noisy("second"));
        {
            let closure = move || {
                defer!(log.add("deferred"));
                log.add(pair.0.len());
            };
            closure();
        }
        log.add("end");
    }
    #[with_defer]
    fn deferred(log: &Log) {
        let pair = (log.noisy("first"), log.noisy("second"));
        defer! {
            {
                let closure = move || log.add(pair.0.len());
                closure();
            }
            log.add("end");
        }
        log.add("body");
    }
    let log = Log::default();
    let order = |f: fn(&Log)| {
        f(&log);
        log.take()
    };
    let old = EDITION < 2021;
    let whole = "5 first second end";
    let part = "5 first end second";
    assert_eq!(order(plain), if old { whole } else { part }, "no attribute");
    let expected = if old { "5 first second end deferred" } else { "5 first end second deferred" };
    assert_eq!(order(in_the_body), expected, "as without the attribute");
    let expected = if old { "5 deferred first second end" } else { "5 deferred first end second" };
    assert_eq!(order(frame), expected, "as without the attribute");
    let expected = if old { "body 5 first second end" } else { "body 5 first end second" };
    assert_eq!(order(deferred), expected, "as without the attribute");
}

/// In edition 2018 the user's own closures would capture the whole variable.
#[test]
fn references_to_parts_of_parameters_are_returned() {
    struct Pair {
        first: Vec<u8>,
        second: Vec<u8>,
    }
    impl Pair {
        #[with_defer]
        fn first(&mut self, log: &Log) -> &mut Vec<u8> {
            defer!(log.add("first"));
            self.second.push(1);
            &mut self.first
        }

        #[with_defer]
        fn both(&mut self, log: &Log) -> &mut Self {
            defer!(log.add("both"));
            for n in 0..2 {
                defer!(log.add(n));
                self.first.push(n);
            }
            self
        }

        #[with_defer]
        async fn later(&mut self, log: &Log) -> &mut Vec<u8> {
            defer!(log.add("later"));
            pause().await;
            &mut self.second
        }
    }
    #[with_defer]
    fn longer<'list>(list: &'list mut Vec<u8>, log: &Log) -> &'list mut Vec<u8> {
        defer!(log.add("longer"));
        list.push(5);
        &mut *list
    }
    let log = Log::default();
    let mut pair = Pair { first: Vec::new(), second: Vec::new() };
    longer(pair.both(&log).first(&log), &log).push(7);
    if let Some(second) = poll(pair.later(&log), 2) {
        second.push(2);
    }
    assert_eq!(pair.first, [0, 1, 5, 7], "the first");
    assert_eq!(pair.second, [1, 2], "the second");
    assert_eq!(log.take(), "1 0 both first longer later", "the order");
}

#[test]
fn deferred_code_and_the_body_use_different_fields() {
    #[with_defer]
    fn f(mut pair: (String, Vec<u8>), log: &Log) -> String {
        defer! {
            pair.1.push(2);
            log.add(pair.1.len());
        }
        let first = &mut pair.0;
        first.push('b');
        pair.1.push(1);
        pair.0
    }
    let log = Log::default();
    assert_eq!(f(("a".to_owned(), Vec::new()), &log), "ab", "the result");
    assert_eq!(log.take(), "2", "the length");
}
