//! `#[with_defer]` above and below other attributes that rewrite async functions.
#![cfg(not(miri))]

use async_trait::async_trait;
use tokio::task::yield_now;
use with_defer::{defer, defer_on_failure, recover, with_defer};

use self::inject::{Trace, cuts, cuts_across_threads, pause, run};

#[path = "common/inject.rs"]
mod inject;

// tokio::main

#[with_defer]
#[tokio::main(flavor = "current_thread")]
async fn above_main(t: &Trace, fail: bool) -> Result<u8, String> {
    defer_on_failure!(t.add("failure"));
    defer! { yield_now().await; t.add("closed"); }
    yield_now().await;
    if fail {
        Err("failed")?;
    }
    t.add("body");
    Ok(7)
}

#[tokio::main(flavor = "current_thread")]
#[with_defer]
async fn below_main(t: &Trace, fail: bool) -> Result<u8, String> {
    defer_on_failure!(t.add("failure"));
    defer! { yield_now().await; t.add("closed"); }
    yield_now().await;
    if fail {
        Err("failed")?;
    }
    t.add("body");
    Ok(7)
}

// With arguments the attribute must be the outermost one.
#[with_defer(result = 3)]
#[tokio::main(worker_threads = 2)]
async fn above_main_on_threads(t: &Trace) -> u8 {
    defer! { yield_now().await; *result += 1; t.add("closed"); }
    yield_now().await;
    t.add("body");
    5
}

#[tokio::main(worker_threads = 2)]
#[with_defer]
async fn below_main_on_threads(t: &Trace) {
    defer! { yield_now().await; t.add("closed"); }
    yield_now().await;
    t.add("body");
}

#[test]
fn tokio_main() {
    for main in [above_main, below_main] {
        let t = Trace::default();
        assert_eq!(main(&t, false), Ok(7));
        assert_eq!(t.text(), "body closed");
        let t = Trace::default();
        assert_eq!(main(&t, true), Err("failed".to_owned()));
        assert_eq!(t.text(), "closed failure");
    }
    let t = Trace::default();
    assert_eq!(above_main_on_threads(&t), 6);
    below_main_on_threads(&t);
    assert_eq!(t.text(), "body closed body closed");
}

// tokio::test

#[with_defer]
#[tokio::test]
async fn above_tokio_test() {
    let t = Trace::default();
    defer! { yield_now().await; assert_eq!(t.text(), "body"); }
    yield_now().await;
    t.add("body");
}

#[tokio::test]
#[with_defer]
async fn below_tokio_test() {
    let t = Trace::default();
    defer! { yield_now().await; assert_eq!(t.text(), "body"); }
    yield_now().await;
    t.add("body");
}

#[with_defer]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn above_tokio_test_on_threads() -> Result<(), String> {
    let t = Trace::default();
    defer! { yield_now().await; assert_eq!(t.text(), "body"); }
    defer! { tokio::spawn(yield_now()).await.map_err(|error| error.to_string())?; }
    yield_now().await;
    t.add("body");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[with_defer]
#[should_panic(expected = "deferred")]
async fn below_tokio_test_on_threads() {
    defer! { yield_now().await; panic!("deferred"); }
    yield_now().await;
}

// async_trait

#[async_trait]
trait Store {
    fn trace(&self) -> &Trace;

    async fn put(&mut self, key: &str, value: u8) -> Result<usize, String>;

    /// The body of a trait's own method.
    #[with_defer]
    async fn put_twice(&mut self, key: &str) -> Result<usize, String> {
        let mut calls = 0;
        defer! {
            // A method of `&self` alone would borrow `self` shared across the await, and `Self` need not be `Sync`.
            let this = &mut *self;
            pause().await;
            this.trace().add(format_args!("{calls}-calls"));
        }
        self.put(key, 1).await?;
        calls += 1;
        let length = self.put(key, 2).await?;
        calls += 1;
        Ok(length)
    }
}

struct Memory {
    t: Trace,
    list: Vec<(String, u8)>,
}

#[async_trait]
impl Store for Memory {
    fn trace(&self) -> &Trace {
        &self.t
    }

    #[with_defer]
    async fn put(&mut self, key: &str, value: u8) -> Result<usize, String> {
        let mut before = self.list.len();
        defer_on_failure!(self.t.add("failure"));
        defer! {
            pause().await;
            self.t.add(format_args!("{before}-{}", self.list.len()));
        }
        pause().await;
        self.list.push((key.to_owned(), value));
        if key == "bad" && value == 2 {
            return Err("bad".into());
        }
        before += 1;
        if before == 2 {
            let added = self.list.last().ok_or("empty")?;
            self.t.add(&added.0);
        }
        Ok(before)
    }
}

#[async_trait]
trait Shared {
    async fn boxed(&self) -> Box<dyn ToString + Send>;

    async fn default_of_a_recovered_panic(&self, n: u8) -> u8;
}

#[async_trait]
impl Shared for Trace {
    #[with_defer]
    async fn boxed(&self) -> Box<dyn ToString + Send> {
        defer!(self.add("deferred"));
        if self.text().is_empty() {
            return Box::new(1);
        }
        self.step("a").await;
        Box::new("two")
    }

    #[with_defer]
    async fn default_of_a_recovered_panic(&self, n: u8) -> u8 {
        defer! {
            if let Some(panic) = recover!() {
                self.step(panic).await;
            }
        }
        pause().await;
        assert!(n != 3, "three");
        n
    }
}

#[test]
fn methods_of_async_trait() {
    let program = |key: &'static str| {
        move |t: Trace| async move {
            let mut store: Box<dyn Store + Send> = Box::new(Memory { t, list: Vec::new() });
            store.put_twice(key).await
        }
    };
    let rows = [
        "|",
        "| failure",
        "| failure",
        "1-1 | failure",
        "1-1 k | failure",
        "1-1 k 2-2 |",
        "1-1 k 2-2 2-calls =Ok(2) |",
    ];
    assert_eq!(cuts_across_threads(program("k")), rows);
}

#[test]
fn results_of_async_trait() {
    let t = Trace::default();
    assert_eq!(run(t.boxed()).to_string(), "1");
    assert_eq!(run(t.boxed()).to_string(), "two");
    assert_eq!(t.text(), "deferred a deferred");
    let program = |n| move |t: Trace| async move { t.default_of_a_recovered_panic(n).await };
    assert_eq!(cuts_across_threads(program(3)), ["|", "|", "|", "three =0 |"]);
    assert_eq!(cuts_across_threads(program(4)), ["|", "|", "=4 |"]);
}

// tracing::instrument

#[with_defer]
#[tracing::instrument(skip(t), err(Debug))]
async fn above_instrument(t: Trace, fail: bool) -> Result<u8, &'static str> {
    defer_on_failure!(t.add("failure"));
    defer! { t.step("closed").await; }
    t.step("a").await;
    if fail { Err("failed") } else { Ok(7) }
}

#[tracing::instrument(skip(t), err(Debug))]
#[with_defer]
async fn below_instrument(t: Trace, fail: bool) -> Result<u8, &'static str> {
    defer_on_failure!(t.add("failure"));
    defer! { t.step("closed").await; }
    t.step("a").await;
    if fail { Err("failed") } else { Ok(7) }
}

#[tracing::instrument(skip_all, ret)]
#[with_defer]
async fn below_instrument_without_errors(t: &Trace) -> Option<u8> {
    let mut n = 1;
    defer! { t.step(n).await; }
    t.step("a").await;
    n += t.text().find('a').and_then(|at| u8::try_from(at).ok())?;
    n += 1;
    Some(n)
}

#[with_defer(result = None)]
#[tracing::instrument(skip_all)]
async fn above_instrument_with_a_named_result(t: &Trace) -> Option<u8> {
    defer! { t.step(result.is_some()).await; *result = Some(9); }
    t.step("a").await;
    Some(7)
}

#[test]
fn instrumented_functions() {
    let rows = ["|", "| failure", "a | failure", "a closed =Ok(7) |"];
    assert_eq!(cuts_across_threads(|t| above_instrument(t, false)), rows);
    assert_eq!(cuts_across_threads(|t| below_instrument(t, false)), rows);
    let rows = ["|", "| failure", "a | failure", "a closed failure =Err(\"failed\") |"];
    assert_eq!(cuts_across_threads(|t| above_instrument(t, true)), rows);
    assert_eq!(cuts_across_threads(|t| below_instrument(t, true)), rows);
    let rows = ["|", "|", "a |", "a 2 =Some(2) |"];
    assert_eq!(cuts(|t| async move { below_instrument_without_errors(&t).await }), rows);
    let rows = ["|", "|", "a |", "a true =Some(9) |"];
    assert_eq!(cuts(|t| async move { above_instrument_with_a_named_result(&t).await }), rows);
}

struct Service {
    t: Trace,
    calls: u8,
}

#[async_trait]
trait Call {
    async fn call(&mut self, n: u8) -> Result<u8, String>;
}

#[async_trait]
impl Call for Service {
    #[with_defer]
    #[tracing::instrument(skip_all)]
    async fn call(&mut self, n: u8) -> Result<u8, String> {
        defer! { self.t.step(format!("call{}", self.calls)).await; }
        pause().await;
        self.calls += n;
        Ok(self.calls)
    }
}

#[test]
fn three_attributes() {
    let program = |t: Trace| async move { Service { t, calls: 1 }.call(4).await };
    assert_eq!(cuts_across_threads(program), ["|", "|", "|", "call5 =Ok(5) |"]);
}

// The attribute on a whole impl or trait.

#[async_trait]
trait Close {
    async fn close(&mut self, n: u8) -> Result<u8, String>;
}

struct Above(Trace);
struct Below(Trace);

#[with_defer]
#[async_trait]
impl Close for Above {
    async fn close(&mut self, n: u8) -> Result<u8, String> {
        defer_on_failure!(self.0.add("failure"));
        defer! { self.0.step(n).await; }
        pause().await;
        self.0.add("body");
        Ok(n)
    }
}

#[async_trait]
#[with_defer]
impl Close for Below {
    async fn close(&mut self, n: u8) -> Result<u8, String> {
        defer_on_failure!(self.0.add("failure"));
        defer! { self.0.step(n).await; }
        pause().await;
        self.0.add("body");
        Ok(n)
    }
}

#[with_defer]
impl Trace {
    async fn first(&self) {
        defer!(self.step("first").await);
        pause().await;
    }

    async fn second(&self) -> u8 {
        defer!(self.step("second").await);
        self.first().await;
        2
    }
}

#[test]
fn whole_impls() {
    let rows = ["|", "| failure", "body | failure", "body 7 =Ok(7) |"];
    assert_eq!(cuts_across_threads(|t| async { Above(t).close(7).await }), rows);
    assert_eq!(cuts_across_threads(|t| async { Below(t).close(7).await }), rows);
    let rows = ["|", "|", "|", "first |", "first second =2 |"];
    assert_eq!(cuts_across_threads(|t| async move { t.second().await }), rows);
}

// The keyword.

with_defer::defer_keyword! {
    async fn with_the_keyword(t: Trace, fail: bool) -> Result<u8, String> {
        let mut open = 1;
        defer_on_failure t.add("failure");
        defer close(&t, fail).await?;
        defer {
            t.step(open).await;
            open = 0;
        }
        t.step("body").await;
        open += 1;
        Ok(7)
    }
}

async fn close(t: &Trace, fail: bool) -> Result<(), String> {
    t.step("close").await;
    if fail { Err("not closed".to_owned()) } else { Ok(()) }
}

#[test]
fn the_keyword_in_async_functions() {
    let rows = ["|", "| failure", "body | failure", "body 2 | failure", "body 2 close =Ok(7) |"];
    assert_eq!(cuts_across_threads(|t| with_the_keyword(t, false)), rows);
    let rows = cuts_across_threads(|t| with_the_keyword(t, true));
    assert_eq!(rows[4], "body 2 close failure =Err(\"not closed\") |");
}
