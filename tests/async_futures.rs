//! Futures with deferred statements under the combinators and the executor of `futures`, and combinators in frames.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures::executor::{LocalPool, block_on};
use futures::future::{self, AbortHandle, Aborted, Either, FutureExt, abortable, select};
use futures::stream::{self, FuturesUnordered, StreamExt};
use futures::task::LocalSpawnExt;
use futures::{join, pin_mut, select_biased, try_join};
use with_defer::{defer, defer_on_failure, with_defer};

use self::inject::{Trace, cuts, cuts_across_threads, pause, poll};

#[path = "common/inject.rs"]
mod inject;

/// Takes this many polls, and then cleans up for one more.
#[with_defer]
async fn work(t: Trace, name: &'static str, polls: u8) -> Result<u8, &'static str> {
    defer_on_failure!(t.add(format!("{name}-failed")));
    defer!(t.step(format!("{name}-closed")).await);
    for _ in 0..polls {
        pause().await;
    }
    if name == "bad" {
        return Err("bad");
    }
    assert!(name != "bomb", "bomb");
    Ok(polls)
}

#[test]
fn join_runs_all_to_their_end() {
    let program = |t: Trace| async move { join!(work(t.clone(), "x", 1), work(t, "y", 2)) };
    let rows = [
        "|",
        "| y-failed x-failed",
        "| y-failed x-failed",
        "x-closed | y-failed",
        "x-closed y-closed =(Ok(1), Ok(2)) |",
    ];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn try_join_drops_the_others_when_one_fails() {
    let program = |t: Trace| async move { try_join!(work(t.clone(), "x", 3), work(t, "bad", 1)) };
    let rows = [
        "|",
        "| bad-failed x-failed",
        "| bad-failed x-failed",
        "bad-closed bad-failed x-failed =Err(\"bad\") |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn join_with_a_sibling_that_panics() {
    let program = |t: Trace| async move { join!(work(t.clone(), "x", 3), work(t, "bomb", 1)) };
    let rows = [
        "|",
        "| bomb-failed x-failed",
        "| bomb-failed x-failed !bomb",
        "bomb-closed bomb-failed x-failed !bomb |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn select_drops_the_loser_when_its_owner_does() {
    let program = |t: Trace| async move {
        let first = {
            let x = work(t.clone(), "x", 1);
            let y = work(t.clone(), "y", 3);
            pin_mut!(x, y);
            match select(x, y).await {
                Either::Left((output, _)) => ("x", output),
                Either::Right((output, _)) => ("y", output),
            }
        };
        t.step("end").await;
        first
    };
    let rows = [
        "|",
        "| y-failed x-failed",
        "| y-failed x-failed",
        "x-closed y-failed |",
        "x-closed y-failed end =(\"x\", Ok(1)) |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn select_macro_in_a_frame() {
    #[with_defer]
    async fn program(t: Trace) -> &'static str {
        defer!(t.step("outer").await);
        let mut x = pin!(work(t.clone(), "x", 3).fuse());
        let mut y = pin!(work(t.clone(), "y", 0).fuse());
        let mut done = 0;
        loop {
            done += 1;
            let winner = select_biased! {
                _ = x => "x",
                _ = y => "y",
            };
            t.add(winner);
            if done == 2 {
                return winner;
            }
        }
    }

    let rows = [
        "|",
        "| y-failed x-failed",
        "y-closed y | x-failed",
        "y-closed y | x-failed",
        "y-closed y x-closed x |",
        "y-closed y x-closed x outer =\"x\" |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn frames_as_arguments_of_combinators() {
    #[with_defer]
    async fn program(t: Trace) -> (u8, u8) {
        defer!(t.add("outer"));
        let left = async {
            defer!(t.add("left"));
            t.step("a").await;
            1
        };
        let right = async {
            defer!(t.step("right").await);
            2
        };
        join!(left, right)
    }

    let rows = ["|", "| left outer", "a left right outer =(1, 2) |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn combinators_in_deferred_code() {
    #[with_defer]
    async fn program(t: Trace) -> Result<u8, &'static str> {
        defer! {
            let (x, y) = join!(work(t.clone(), "x", 0), work(t.clone(), "y", 1));
            t.add(x? + y?);
        }
        defer! {
            try_join!(work(t.clone(), "z", 0), future::ready(Ok(1)))?;
        }
        t.step("a").await;
        Ok(1)
    }

    let rows = [
        "|",
        "| z-failed y-failed x-failed",
        "a | z-failed y-failed x-failed",
        "a z-closed | y-failed x-failed",
        "a z-closed x-closed | y-failed",
        "a z-closed x-closed y-closed 1 =Ok(1) |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn futures_unordered_drops_what_is_left() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        let mut tasks = FuturesUnordered::new();
        defer! { t.add(format_args!("{}-left", tasks.len())); tasks.clear(); }
        for (name, polls) in [("x", 0), ("y", 2), ("z", 9)] {
            tasks.push(work(t.clone(), name, polls));
        }
        let mut sum = 0;
        for _ in 0..2 {
            sum += tasks.next().await.unwrap().unwrap();
        }
        sum
    }

    let rows = cuts(program);
    assert_eq!(rows[0], "|");
    // Two have woken themselves, and the third was not polled yet.
    assert_eq!(rows[1], "| 3-left y-failed x-failed");
    assert_eq!(rows.last().unwrap(), "x-closed y-closed 1-left z-failed =2 |");
}

#[test]
fn streams_that_are_abandoned() {
    #[with_defer]
    async fn program(t: Trace) -> Vec<Result<u8, &'static str>> {
        let mut list = Vec::new();
        defer!(t.add("outer"));
        let results =
            stream::iter([("x", 0), ("bad", 0), ("y", 0)]).then(|(name, polls)| work(t.clone(), name, polls));
        let mut results = pin!(results);
        while let Some(result) = results.next().await {
            list.push(result);
            if result.is_err() {
                break;
            }
        }
        list
    }

    let rows = [
        "|",
        "| x-failed outer",
        "x-closed | bad-failed outer",
        "x-closed bad-closed bad-failed outer =[Ok(0), Err(\"bad\")] |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_future_may_be_aborted() {
    let t = Trace::default();
    let (future, handle) = abortable(work(t.clone(), "x", 9));
    let mut future = Box::pin(future);
    assert!(poll(future.as_mut()).is_pending());
    AbortHandle::abort(&handle);
    assert!(poll(future.as_mut()).map(|output| output == Err(Aborted)).is_ready());
    assert_eq!(t.text(), "");
    drop(future);
    assert_eq!(t.text(), "x-failed");
}

#[test]
fn a_panic_is_caught_behind_the_frame() {
    let t = Trace::default();
    let caught = block_on(AssertUnwindSafe(work(t.clone(), "bomb", 1)).catch_unwind());
    assert_eq!(inject::message(&*caught.unwrap_err()), "bomb");
    assert_eq!(t.text(), "bomb-closed bomb-failed");
}

#[test]
fn shared_and_boxed_futures() {
    let t = Trace::default();
    let shared = work(t.clone(), "x", 1).boxed().shared();
    let other = shared.clone();
    assert_eq!(block_on(async { join!(shared, other) }), (Ok(1), Ok(1)));
    assert_eq!(t.text(), "x-closed");
}

#[test]
fn the_executors_of_futures() {
    let t = Trace::default();
    assert_eq!(block_on(work(t.clone(), "x", 2)), Ok(2));

    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    let local = spawner.spawn_local_with_handle(work(t.clone(), "y", 1)).unwrap();
    let forgotten = spawner.spawn_local_with_handle(work(t.clone(), "z", 200)).unwrap();
    assert_eq!(pool.run_until(local), Ok(1));
    drop(forgotten);
    drop(pool);
    assert_eq!(t.text(), "x-closed y-closed z-failed");
}
