//! Tasks of async-executor (the executor of smol), on one thread and on several.
#![cfg(not(miri))]

use std::sync::Mutex;
use std::thread;

use async_executor::{Executor, LocalExecutor};
use futures_lite::future::{block_on, or, yield_now, zip};
use with_defer::{defer, defer_on_failure, with_defer};

use self::inject::{Trace, message};

#[path = "common/inject.rs"]
mod inject;

#[with_defer]
async fn work(t: Trace, turns: u32) -> Result<u32, String> {
    defer_on_failure!(t.add("failure"));
    defer! { yield_now().await; t.add("closed"); }
    t.add("open");
    for _ in 0..turns {
        yield_now().await;
    }
    Ok(turns)
}

#[test]
fn tasks_on_one_thread() {
    let t = Trace::default();
    let executor = LocalExecutor::new();
    let task = executor.spawn(work(t.clone(), 3));
    assert_eq!(block_on(executor.run(task)), Ok(3));
    assert_eq!(t.text(), "open closed");
}

#[test]
fn a_task_that_is_dropped_or_cancelled() {
    let t = Trace::default();
    let executor = LocalExecutor::new();
    let cancelled = executor.spawn(work(t.clone(), u32::MAX));
    let dropped = executor.spawn(work(t.clone(), u32::MAX));
    block_on(executor.run(async {
        yield_now().await;
        assert_eq!(cancelled.cancel().await, None);
        drop(dropped);
        yield_now().await;
    }));
    drop(executor);
    assert_eq!(t.text(), "open open failure failure");
}

#[test]
fn the_end_of_an_executor_cancels_its_tasks() {
    let t = Trace::default();
    let executor = LocalExecutor::new();
    executor.spawn(work(t.clone(), u32::MAX)).detach();
    assert!(executor.try_tick());
    drop(executor);
    assert_eq!(t.text(), "open failure");
}

#[test]
fn a_task_that_panics() {
    #[with_defer]
    async fn panics(t: Trace) {
        defer! { yield_now().await; t.add("deferred"); }
        yield_now().await;
        panic!("body");
    }

    let t = Trace::default();
    let executor = LocalExecutor::new();
    let task = executor.spawn(panics(t.clone()));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(executor.run(task))));
    assert_eq!(message(&*caught.unwrap_err()), "body");
    assert_eq!(t.text(), "deferred");
}

#[test]
fn tasks_on_several_threads() {
    let t = Trace::default();
    let executor = Executor::new();
    let tasks = (1..=4).map(|turns| executor.spawn(work(t.clone(), turns)));
    let queue = Mutex::new(tasks.collect::<Vec<_>>());
    let next = || queue.lock().unwrap().pop();
    let run = || {
        let mut sum = 0;
        while let Some(task) = next() {
            sum += block_on(executor.run(task)).unwrap();
        }
        sum
    };
    let sum: u32 = thread::scope(|scope| {
        let threads = [scope.spawn(run), scope.spawn(run)];
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(sum, 10);
    let text = t.text();
    assert_eq!((text.matches("open").count(), text.matches("closed").count()), (4, 4));
}

#[test]
fn combinators_of_futures_lite() {
    let t = Trace::default();
    let first = block_on(or(work(t.clone(), 1), work(t.clone(), 50)));
    assert_eq!(first, Ok(1));
    assert_eq!(t.text(), "open open closed failure");
    let both = block_on(zip(work(t.clone(), 1), work(t.clone(), 2)));
    assert_eq!(both, (Ok(1), Ok(2)));
    assert_eq!(t.text(), "open open closed failure open open closed closed");
}
