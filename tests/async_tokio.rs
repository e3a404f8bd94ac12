//! Tasks, timeouts and combinators of tokio, on one thread and on several.
#![cfg(not(miri))]

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{sleep, timeout};
use with_defer::{defer, defer_on_failure, defer_on_success, recover, with_defer};

use self::inject::{Trace, message, poll};

#[path = "common/inject.rs"]
mod inject;

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// Runs a test on one thread and on two.
fn on_both<F: Future<Output = ()>>(test: impl Fn(Trace) -> F) {
    for runtime in [one_thread(), two_threads()] {
        runtime.block_on(test(Trace::default()));
    }
}

/// Waits until the trace says this. Tasks that are aborted are dropped some time later.
async fn until(t: &Trace, text: &str) {
    let same = async {
        while t.text() != text {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), same).await.unwrap_or_else(|_| panic!("{} is not {text}", t.text()));
}

#[with_defer]
async fn work(t: Trace, mut turns: u32) -> Result<u32, String> {
    defer_on_failure!(t.add("failure"));
    defer_on_success!(t.add("success"));
    defer! { yield_now().await; t.add("closed"); }
    t.add("open");
    while turns > 0 {
        yield_now().await;
        turns -= 1;
    }
    Ok(turns)
}

#[test]
fn spawned_tasks_run_to_their_end() {
    on_both(async |t| {
        assert_eq!(tokio::spawn(work(t.clone(), 3)).await.unwrap(), Ok(0));
        assert_eq!(t.text(), "open closed success");
    });
}

#[test]
fn an_aborted_task_runs_its_deferred_statements() {
    on_both(async |t| {
        let task = tokio::spawn(work(t.clone(), u32::MAX));
        until(&t, "open").await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        // The deferred `yield_now` is pending once, and nobody polls it again.
        assert_eq!(t.text(), "open failure");
    });
}

#[test]
fn a_task_that_panics() {
    #[with_defer]
    async fn panics(t: Trace) {
        defer!(t.add("1"));
        defer! { yield_now().await; t.add("2"); }
        yield_now().await;
        panic!("body");
    }

    on_both(async |t| {
        let error = tokio::spawn(panics(t.clone())).await.unwrap_err();
        assert_eq!(message(&*error.into_panic()), "body");
        assert_eq!(t.text(), "2 1");
    });
}

#[test]
fn a_panic_of_deferred_code_in_an_aborted_task_stays_in_the_task() {
    #[with_defer]
    async fn panics(t: Trace) {
        defer!(t.add("1"));
        defer! { t.add("2"); panic!("deferred"); }
        t.add("body");
        pending().await
    }

    on_both(async |t| {
        let task = tokio::spawn(panics(t.clone()));
        until(&t, "body").await;
        task.abort();
        // tokio catches what a future panics with while it drops it, and calls the task cancelled.
        assert!(task.await.is_err());
        assert_eq!(t.text(), "body 2 1");
    });
}

#[test]
fn a_timeout_cancels() {
    on_both(async |t| {
        let outcome = timeout(Duration::from_millis(5), work(t.clone(), u32::MAX)).await;
        assert!(outcome.is_err());
        assert_eq!(t.text(), "open failure");
        assert_eq!(timeout(Duration::from_secs(10), work(t.clone(), 1)).await.unwrap(), Ok(0));
        assert_eq!(t.text(), "open failure open closed success");
    });
}

#[test]
fn the_end_of_a_runtime_cancels_its_tasks() {
    for runtime in [one_thread(), two_threads()] {
        let t = Trace::default();
        runtime.spawn(work(t.clone(), u32::MAX));
        runtime.block_on(until(&t, "open"));
        drop(runtime);
        assert_eq!(t.text(), "open failure");
    }
}

#[test]
fn a_timer_in_deferred_code_at_the_end_of_a_runtime() {
    #[with_defer]
    async fn waits(t: Trace) {
        defer!(t.add("1"));
        defer! { t.add("2"); sleep(Duration::from_millis(1)).await; t.add("not reached"); }
        t.add("body");
        pending().await
    }

    for runtime in [one_thread(), two_threads()] {
        let t = Trace::default();
        runtime.spawn(waits(t.clone()));
        runtime.block_on(until(&t, "body"));
        drop(runtime);
        assert_eq!(t.text(), "body 2 1");
    }
}

#[test]
fn a_timer_in_deferred_code_outside_of_a_runtime_panics_and_the_others_run() {
    #[with_defer]
    async fn waits(t: Trace) {
        defer!(t.add("1"));
        defer! { t.add("2"); sleep(Duration::from_millis(1)).await; }
        pending().await
    }

    let t = Trace::default();
    let mut future = Box::pin(waits(t.clone()));
    assert!(poll(future.as_mut()).is_pending());
    let said = inject::panic_message(|| drop(future));
    assert!(said.starts_with("there is no reactor running"), "{said}");
    assert_eq!(t.text(), "2 1");
}

#[test]
fn out_of_budget_a_free_lock_is_pending() {
    #[with_defer]
    async fn holds(t: Trace, lock: Arc<Mutex<u32>>, spends: bool) {
        defer!(t.add("1"));
        defer! { *tokio::task::unconstrained(lock.lock()).await += 10; t.add("unconstrained"); }
        defer! { *lock.lock().await += 1; t.add("locked"); }
        if spends {
            // What is left of the budget of this poll.
            loop {
                tokio::task::consume_budget().await;
            }
        }
        pending().await
    }

    on_both(async |_| {
        for (spends, said, sum) in [(false, "locked unconstrained 1", 11), (true, "unconstrained 1", 21)] {
            let trace = Trace::default();
            let lock = Arc::new(Mutex::new(if spends { 11 } else { 0 }));
            let task = tokio::spawn({
                let (trace, lock) = (trace.clone(), lock.clone());
                async move {
                    let mut held = Box::pin(holds(trace, lock, spends));
                    std::future::poll_fn(|cx| {
                        assert!(held.as_mut().poll(cx).is_pending());
                        std::task::Poll::Ready(())
                    })
                    .await;
                    drop(held);
                }
            });
            task.await.unwrap();
            assert_eq!(trace.text(), said);
            assert_eq!(*lock.lock().await, sum);
        }
    });
}

#[test]
fn select_in_a_loop() {
    #[with_defer]
    async fn serve(t: Trace, mut jobs: mpsc::Receiver<u32>, stop: oneshot::Receiver<()>) -> u32 {
        let mut sum = 0;
        defer! { t.add(format_args!("stopped-{sum}")); }
        let mut stop = pin!(stop);
        #[defer_scope]
        loop {
            let mut job = None;
            defer! { yield_now().await; t.add(format_args!("turn-{job:?}")); }
            tokio::select! {
                biased;
                received = jobs.recv() => job = received,
                _ = &mut stop => return sum,
            }
            sum += job.unwrap_or_default();
        }
    }

    on_both(async |t| {
        let (jobs, queue) = mpsc::channel(4);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(t.clone(), queue, stopped));
        jobs.send(3).await.unwrap();
        jobs.send(4).await.unwrap();
        until(&t, "turn-Some(3) turn-Some(4)").await;
        stop.send(()).unwrap();
        assert_eq!(task.await.unwrap(), 7);
        assert_eq!(t.text(), "turn-Some(3) turn-Some(4) turn-None stopped-7");
    });
}

#[test]
fn join_and_try_join() {
    on_both(async |t| {
        let (first, second) = tokio::join!(work(t.clone(), 1), work(t.clone(), 2));
        assert_eq!((first, second), (Ok(0), Ok(0)));
        let fails = async {
            yield_now().await;
            Err::<u32, _>("failed".to_owned())
        };
        assert_eq!(tokio::try_join!(work(t.clone(), u32::MAX), fails), Err("failed".to_owned()));
        assert_eq!(t.text(), "open open closed success closed success open failure");
    });
}

#[test]
fn a_set_of_tasks_is_aborted() {
    on_both(async |t| {
        let mut tasks = JoinSet::new();
        for _ in 0..3 {
            tasks.spawn(work(t.clone(), u32::MAX));
        }
        until(&t, "open open open").await;
        tasks.shutdown().await;
        assert_eq!(t.text(), "open open open failure failure failure");
    });
}

#[test]
fn blocks_as_tasks() {
    #[with_defer]
    async fn starts(t: Trace) -> u32 {
        defer!(t.add("function"));
        let task = tokio::spawn({
            let t = t.clone();
            async move {
                defer! { yield_now().await; t.add("task"); }
                yield_now().await;
                5
            }
        });
        task.await.unwrap()
    }

    on_both(async |t| {
        assert_eq!(starts(t.clone()).await, 5);
        assert_eq!(t.text(), "task function");
    });
}

#[test]
fn a_task_recovers() {
    #[with_defer(result = Err("lost".to_owned()))]
    async fn recovers(t: Trace) -> Result<u32, String> {
        defer! {
            if let Some(panic) = recover!() {
                yield_now().await;
                *result = Err(panic.to_string());
            }
        }
        yield_now().await;
        t.add("body");
        panic!("recovered")
    }

    on_both(async |t| {
        let result = tokio::spawn(recovers(t.clone())).await.unwrap();
        assert_eq!(result, Err("recovered".to_owned()));
    });
}

#[test]
fn tasks_hold_references_locks_and_trait_objects() {
    trait Sink: Send {
        fn put(&mut self, text: &str);
    }

    impl Sink for Trace {
        fn put(&mut self, text: &str) {
            self.add(text);
        }
    }

    #[with_defer]
    async fn generic<S: Sink + ?Sized>(sink: &mut S, lock: Arc<Mutex<u32>>) -> u32 {
        let mut held = lock.lock().await;
        defer! { sink.put("deferred"); *held += 1; }
        defer! { yield_now().await; sink.put("awaited"); }
        yield_now().await;
        sink.put("body");
        *held
    }

    on_both(async |t| {
        let lock = Arc::new(Mutex::new(1));
        let mut boxed: Box<dyn Sink> = Box::new(t.clone());
        let task = {
            let lock = lock.clone();
            async move { generic(&mut *boxed, lock.clone()).await + generic(&mut *boxed, lock).await }
        };
        assert_eq!(tokio::spawn(task).await.unwrap(), 3);
        assert_eq!(*lock.lock().await, 3);
        assert_eq!(t.text(), "body awaited deferred body awaited deferred");
    });
}

/// Functions that await each other.
macro_rules! chain {
    ($($name:ident awaits $next:ident),*) => {
        $(
            #[with_defer]
            async fn $name(t: Trace) -> u32 {
                defer!(t.add(1));
                yield_now().await;
                $next(t.clone()).await + 1
            }
        )*
    };
}

async fn end(_: Trace) -> u32 {
    yield_now().await;
    0
}

chain!(f1 awaits end, f2 awaits f1, f3 awaits f2, f4 awaits f3, f5 awaits f4, f6 awaits f5, f7 awaits f6);
chain!(f8 awaits f7);

#[test]
fn a_task_that_awaits_eight_functions_deep() {
    on_both(async |t| {
        assert_eq!(tokio::spawn(f8(t.clone())).await.unwrap(), 8);
        assert_eq!(t.text(), "1 1 1 1 1 1 1 1");
    });
}
