//! Drops a future at every point at which it can be dropped, and says what ran.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::any::Any;
use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

/// What happened, in order. A clone writes to the same list.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Shared>);

#[derive(Default)]
struct Shared {
    entries: Mutex<Vec<String>>,
    alive: AtomicIsize,
}

impl Trace {
    pub(crate) fn add(&self, entry: impl Display) {
        self.0.entries.lock().unwrap().push(entry.to_string());
    }

    /// Takes one poll to get here: a point at which the future can be dropped.
    pub(crate) async fn step(&self, entry: impl Display) {
        pause().await;
        self.add(entry);
    }

    /// A value whose destructor writes `~name`, and that is counted.
    pub(crate) fn value(&self, name: &'static str) -> Value {
        self.0.alive.fetch_add(1, Ordering::Relaxed);
        Value { name, trace: self.clone() }
    }

    /// The entries, with a space between them.
    pub(crate) fn text(&self) -> String {
        self.0.entries.lock().unwrap().join(" ")
    }

    /// How many values there are that were not dropped, less those that were dropped twice.
    pub(crate) fn alive(&self) -> isize {
        self.0.alive.load(Ordering::Relaxed)
    }
}

/// A value that says when it is dropped.
pub(crate) struct Value {
    name: &'static str,
    trace: Trace,
}

impl Value {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Changes what the destructor writes.
    pub(crate) fn rename(&mut self, name: &'static str) {
        self.name = name;
    }

    /// Writes `name:what` after one pause.
    pub(crate) async fn step(&mut self, what: &str) {
        pause().await;
        self.trace.add(format_args!("{}:{what}", self.name));
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.trace.0.alive.fetch_sub(1, Ordering::Relaxed);
        self.trace.add(format_args!("~{}", self.name));
    }
}

/// A value whose destructor panics with its name.
pub(crate) struct Bomb(pub(crate) &'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

/// Pending once. The waker is called, so that executors poll again.
pub(crate) async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls once, without anything that would wake it.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until it is done.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

/// For every number of polls, from none up to as many as the program takes: what happens if the future is polled
/// that often and then dropped. `|` stands for the drop, `=` for what it returned and `!` for what it panicked with;
/// a panic behind the `|` is one that reached the dropper.
///
/// Each future is dropped twice, so to say: in peace, and while its thread unwinds. Then nothing may abort, the same
/// must run, and no second panic goes on. Every `Value` must be gone in the end.
pub(crate) fn cuts<F: Future>(program: impl Fn(Trace) -> F) -> Vec<String>
where
    F::Output: Debug,
{
    all_cuts(&program, &|future| drop(future))
}

/// The same, for a future that may be dropped on another thread: it is, after it was polled on this one.
pub(crate) fn cuts_across_threads<F: Future + Send>(program: impl Fn(Trace) -> F) -> Vec<String>
where
    F::Output: Debug,
{
    all_cuts(&program, &|future| {
        let dropped = thread::scope(|scope| scope.spawn(|| drop(future)).join());
        if let Err(payload) = dropped {
            resume_unwind(payload);
        }
    })
}

fn all_cuts<F: Future>(program: &dyn Fn(Trace) -> F, drop: &dyn Fn(Pin<Box<F>>)) -> Vec<String>
where
    F::Output: Debug,
{
    let mut rows = Vec::new();
    for polls in 0.. {
        let (row, done) = cut(program, polls, drop);
        let (unwinding, _) = cut(program, polls, &|future| {
            let unwound = catch_unwind(AssertUnwindSafe(|| {
                let _future = DropLate(Some(future));
                resume_unwind(Box::new(Unwinding));
            }));
            let payload = unwound.expect_err("it unwinds");
            assert!(payload.is::<Unwinding>(), "another panic came through: {}", message(&*payload));
        });
        let (before, after) = row.split_once('|').expect("each row has a drop");
        let quiet: Vec<&str> = after.split(' ').filter(|entry| !entry.starts_with('!')).collect();
        assert_eq!(unwinding, format!("{before}|{}", quiet.join(" ")), "dropped while the thread unwinds");
        rows.push(row);
        if done {
            return rows;
        }
    }
    unreachable!("a program comes to its end")
}

struct Unwinding;

/// Drops what is in it when it is dropped itself: while the thread unwinds.
struct DropLate<T>(Option<T>);

impl<T> Drop for DropLate<T> {
    fn drop(&mut self) {
        assert!(thread::panicking());
        self.0 = None;
    }
}

fn cut<F: Future>(program: &dyn Fn(Trace) -> F, polls: usize, drop: &dyn Fn(Pin<Box<F>>)) -> (String, bool)
where
    F::Output: Debug,
{
    let trace = Trace::default();
    let mut future = Box::pin(program(trace.clone()));
    let done = Cell::new(false);
    for _ in 0..polls {
        match catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()))) {
            Ok(Poll::Pending) => continue,
            Ok(Poll::Ready(output)) => trace.add(format_args!("={output:?}")),
            Err(payload) => trace.add(format_args!("!{}", message(&*payload))),
        }
        done.set(true);
        break;
    }
    trace.add("|");
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(future))) {
        trace.add(format_args!("!{}", message(&*payload)));
    }
    assert_eq!(trace.alive(), 0, "values left or dropped twice: {}", trace.text());
    (trace.text(), done.get())
}

/// What a panic said.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "not text".to_owned(),
    }
}

/// What the panic that ends `f` said.
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => "returned".to_owned(),
        Err(payload) => message(&*payload),
    }
}
