//! What runs when a future is dropped before it is done: at every await, in deferred code, re-entrantly, while
//! something panics.

use std::cell::RefCell;
use std::future::{pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

use self::inject::{Bomb, Trace, cuts, cuts_across_threads, panic_message, pause, poll, run};

#[path = "common/inject.rs"]
mod inject;

#[test]
fn each_statement_that_was_reached_runs_once_the_last_first() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        t.step("a").await;
        defer!(t.add(1));
        t.step("b").await;
        defer!(t.add(2));
        defer!(t.add(3));
        t.step("c").await;
        defer!(t.add(4));
        7
    }

    let rows = ["|", "|", "a | 1", "a b | 3 2 1", "a b c 4 3 2 1 =7 |"];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn a_future_that_was_never_polled_only_drops_its_arguments() {
    #[with_defer]
    async fn program(t: Trace, argument: inject::Value) {
        defer!(t.add("deferred"));
        t.add(argument.name());
        pending().await
    }

    let t = Trace::default();
    drop(program(t.clone(), t.value("argument")));
    assert_eq!(t.text(), "~argument");
}

#[test]
fn a_future_that_is_done_runs_nothing_more() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("deferred"));
        ready(()).await;
        t.add("body");
    }

    let t = Trace::default();
    let mut future = Box::pin(program(t.clone()));
    assert!(poll(future.as_mut()).is_ready());
    t.add("drop");
    drop(future);
    assert_eq!(t.text(), "body deferred drop");
}

#[test]
fn a_future_that_is_done_cannot_be_polled_again() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("deferred"));
        ready(()).await;
        t.add("body");
    }

    let t = Trace::default();
    let mut future = Box::pin(program(t.clone()));
    assert!(poll(future.as_mut()).is_ready());
    assert_eq!(panic_message(|| poll(future.as_mut())), "`async fn` resumed after completion");
    drop(future);
    assert_eq!(t.text(), "body deferred");
}

#[test]
fn a_future_whose_body_panicked_runs_nothing_more() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("deferred"));
        t.step("a").await;
        panic!("body");
    }

    assert_eq!(cuts(program), ["|", "| deferred", "a deferred !body |"]);
}

#[test]
fn a_future_that_is_forgotten_runs_nothing() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("deferred"));
        pending().await
    }

    let t = Trace::default();
    let mut future = Box::pin(program(t.clone()));
    assert!(poll(future.as_mut()).is_pending());
    std::mem::forget(future);
    assert_eq!(t.text(), "");
}

#[test]
fn awaiting_deferred_code_runs_to_its_first_pending_and_the_others_still_run() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer! {
            t.add("2a");
            pause().await;
            t.add("2b");
            pause().await;
            t.add("2c");
        }
        defer!(t.add("3"));
        t.step("body").await;
    }

    let rows = ["|", "| 3 2a 1", "body 3 2a | 1", "body 3 2a 2b | 1", "body 3 2a 2b 2c 1 =() |"];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn awaiting_deferred_code_that_is_never_pending_runs_to_its_end() {
    #[with_defer]
    async fn program(t: Trace) {
        defer! {
            ready(()).await;
            t.add("1");
        }
        defer! {
            async { t.add("2a") }.await;
            async { t.add("2b") }.await;
        }
        t.step("body").await;
    }

    assert_eq!(cuts(program), ["|", "| 2a 2b 1", "body 2a 2b 1 =() |"]);
}

#[test]
fn deferred_code_that_is_cut_drops_what_it_holds() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer! {
            let _held = t.value("held");
            t.step("2").await;
        }
        t.step("body").await;
    }

    let rows = ["|", "| ~held 1", "body | ~held 1", "body 2 ~held 1 =() |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn values_are_dropped_where_a_return_would_drop_them() {
    #[with_defer]
    async fn program(t: Trace, argument: inject::Value) -> &'static str {
        let _before = t.value("before");
        defer!(t.add("1"));
        let _between = t.value("between");
        t.step("a").await;
        defer!(t.add("2"));
        let _after = t.value("after");
        t.step("b").await;
        argument.name()
    }

    let rows = [
        "| ~argument",
        "| ~between 1 ~before ~argument",
        "a | ~after 2 ~between 1 ~before ~argument",
        "a b ~after 2 ~between 1 ~before ~argument =\"argument\" |",
    ];
    let program = |t: Trace| {
        let argument = t.value("argument");
        program(t, argument)
    };
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn a_cancellation_is_a_failure_and_no_panic() {
    #[with_defer]
    async fn fallible(t: Trace) -> Result<u8, String> {
        defer_on_failure!(t.add("failure"));
        defer_on_success!(t.add("success"));
        defer_on_panic!(t.add("panic"));
        t.step("a").await;
        Ok(1)
    }

    #[with_defer]
    async fn infallible(t: Trace) -> u8 {
        defer_on_success!(t.add("success"));
        defer_on_panic!(t.add("panic"));
        t.step("a").await;
        1
    }

    #[with_defer]
    async fn unit(t: Trace) {
        defer_on_failure!(t.add("failure"));
        defer_on_success!(t.add("success"));
        t.step("a").await;
    }

    assert_eq!(cuts(fallible), ["|", "| failure", "a success =Ok(1) |"]);
    assert_eq!(cuts(infallible), ["|", "|", "a success =1 |"]);
    assert_eq!(cuts(unit), ["|", "| failure", "a success =() |"]);
}

#[test]
fn awaiting_statements_know_that_they_are_cancelled() {
    #[with_defer]
    async fn program(t: Trace) -> Result<u8, String> {
        defer_on_failure! { t.add("failure"); pause().await; t.add("more"); }
        defer_on_success! { t.add("success"); pause().await; t.add("more"); }
        defer_on_panic! { t.add("panic"); pause().await; t.add("more"); }
        t.step("a").await;
        Ok(1)
    }

    // In the third row the success turns into a failure.
    let rows = ["|", "| failure", "a success | failure", "a success more =Ok(1) |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_cancellation_cannot_be_recovered() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        defer_on_success!(t.add("success"));
        defer!(t.add("1"));
        defer! { t.add(recover!().is_some()); }
        t.step("a").await;
        1
    }

    assert_eq!(cuts(program), ["|", "| false 1", "a false 1 success =1 |"]);
}

#[test]
fn deferred_code_sees_the_result_and_nobody_gets_it() {
    #[with_defer(result = t.value("initial"))]
    async fn program(t: Trace) -> inject::Value {
        defer! { t.add(format_args!("1:{}", result.name())); result.rename("one"); }
        defer! { t.add(format_args!("2:{}", result.name())); result.rename("two"); }
        t.step("a").await;
        result.rename("assigned");
        t.step("b").await;
        t.value("returned")
    }

    let rows = [
        "|",
        "| 2:initial 1:two ~one",
        "a | 2:assigned 1:two ~one",
        "a b ~assigned 2:returned 1:two =one ~one |",
    ];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_question_mark_in_deferred_code_changes_nothing() {
    #[with_defer]
    async fn program(t: Trace) -> Result<u8, String> {
        defer_on_failure!(t.add("failure"));
        defer! {
            t.add("1");
            Err("cleanup")?;
            t.add("not reached");
        }
        defer! {
            pause().await;
            t.add("2");
            Err("awaiting cleanup")?;
        }
        t.step("a").await;
        Ok(1)
    }

    let rows = ["|", "| 1 failure", "a | 1 failure", "a 2 1 failure =Err(\"awaiting cleanup\") |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_panic_in_deferred_code_reaches_who_drops_the_future() {
    #[with_defer]
    async fn program(t: Trace) {
        let _before = t.value("before");
        defer!(t.add("1"));
        defer_on_panic!(t.add("on panic"));
        defer! {
            t.add("2");
            panic!("deferred");
        }
        defer_on_panic!(t.add("no panic yet"));
        t.step("a").await;
    }

    let rows = ["|", "| 2 on panic 1 ~before !deferred", "a 2 on panic 1 ~before !deferred |"];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn a_panic_in_awaiting_deferred_code_reaches_who_drops_the_future() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer! {
            t.add("2");
            panics().await;
        }
        t.step("a").await;
    }

    async fn panics() {
        ready(()).await;
        panic!("deferred");
    }

    assert_eq!(cuts(program), ["|", "| 2 1 !deferred", "a 2 1 !deferred |"]);
}

#[test]
fn of_several_panics_the_last_goes_on() {
    #[with_defer]
    async fn program(t: Trace) {
        defer! { t.add("1"); panic!("first"); }
        defer! { t.add("2"); panic!("second"); }
        defer! { pause().await; t.add("3"); panic!("third"); }
        t.step("a").await;
    }

    assert_eq!(cuts(program), ["|", "| 2 1 !first", "a | 2 1 !first", "a 3 2 1 !first |"]);
}

#[test]
fn a_panic_during_a_cancellation_can_be_recovered_and_the_cancellation_goes_on() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        defer_on_success!(t.add("success"));
        defer!(t.add("1"));
        defer! { t.add(format_args!("{:?}", recover!().map(|panic| panic.to_string()))); }
        defer! { t.add("3"); panic!("deferred"); }
        t.step("a").await;
        1
    }

    #[with_defer(result = Ok(0))]
    async fn apart(t: Trace) -> Result<u8, String> {
        defer_on_success!(t.add("success"));
        defer_on_failure!(t.add("failure"));
        t.step("a").await;
        defer! { t.add(format_args!("{:?}", recover!().map(|panic| panic.to_string()))); }
        t.step("b").await;
        defer! { t.add("3"); panic!("deferred"); }
        t.step("c").await;
        Ok(1)
    }

    let rows = ["|", "| 3 Some(\"deferred\") 1", "a 3 Some(\"deferred\") 1 success =1 |"];
    assert_eq!(cuts(program), rows);
    let rows = [
        "|",
        "| failure",
        "a | None failure",
        "a b | 3 Some(\"deferred\") failure",
        "a b c 3 Some(\"deferred\") success =Ok(1) |",
    ];
    assert_eq!(cuts(apart), rows);
}

#[test]
fn a_panic_of_the_body_goes_on_when_its_deferred_code_is_cut() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer_on_panic! { t.add("2a"); pause().await; t.add("2b"); }
        t.step("a").await;
        panic!("body");
    }

    let rows = ["|", "| 1", "a 2a | 1 !body", "a 2a 2b 1 !body |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_destructor_that_panics_is_a_panic_of_the_body() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer_on_panic!(t.add("on panic"));
        let bomb = Bomb("destructor");
        let _value = t.value("value");
        t.step("a").await;
        std::mem::forget(bomb);
    }

    #[with_defer]
    async fn recovers(t: Trace) {
        defer_on_success!(t.add("success"));
        defer! { t.add(recover!().is_some()); }
        let bomb = Bomb("destructor");
        t.step("a").await;
        std::mem::forget(bomb);
    }

    assert_eq!(cuts(program), ["|", "| ~value on panic 1 !destructor", "a ~value 1 =() |"]);
    assert_eq!(cuts(recovers), ["|", "| true", "a false success =() |"]);
}

#[test]
fn a_destructor_that_panics_in_deferred_code_that_is_cut() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer_on_panic!(t.add("on panic"));
        defer! {
            let bomb = Bomb("destructor");
            t.step("2").await;
            std::mem::forget(bomb);
        }
        t.step("a").await;
    }

    let rows = ["|", "| on panic 1 !destructor", "a | on panic 1 !destructor", "a 2 1 =() |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_value_on_its_way_out_is_dropped_once() {
    #[with_defer]
    async fn program(t: Trace) -> inject::Value {
        defer! { t.step("1").await; }
        t.step("a").await;
        t.value("result")
    }

    let rows = ["|", "|", "a | ~result", "a 1 =result ~result |"];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn values_taken_now_are_dropped_once() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(close(t.value("direct")).await);
        if t.text().is_empty() {
            defer!(close(t.value("nested")).await);
            let owned = t.value("owned");
            defer! { owned.name(); t.step("with owned").await; }
            t.step("a").await;
        }
        t.step("b").await;
    }

    async fn close(mut value: inject::Value) {
        value.step("close").await;
    }

    let rows = [
        "|",
        "| ~owned ~nested ~direct",
        "a | ~owned ~nested ~direct",
        "a b | ~owned ~nested ~direct",
        "a b with owned ~owned | ~nested ~direct",
        "a b with owned ~owned nested:close ~nested | ~direct",
        "a b with owned ~owned nested:close ~nested direct:close ~direct =() |",
    ];
    assert_eq!(cuts(program), rows);
    assert_eq!(cuts_across_threads(program), rows);
}

#[test]
fn an_awaited_function_is_cancelled_before_the_one_that_awaits_it() {
    #[with_defer]
    async fn outer(t: Trace) -> u8 {
        defer! { t.add("o1"); pause().await; t.add("o2"); }
        t.step("a").await;
        let inner = inner(&t).await;
        t.step("d").await;
        inner + 1
    }

    #[with_defer]
    async fn inner(t: &Trace) -> u8 {
        defer! { t.add("i1"); pause().await; t.add("i2"); }
        t.step("b").await;
        t.add("c");
        7
    }

    let rows = [
        "|",
        "| o1",
        "a | i1 o1",
        "a b c i1 | o1",
        "a b c i1 i2 | o1",
        "a b c i1 i2 d o1 |",
        "a b c i1 i2 d o1 o2 =8 |",
    ];
    assert_eq!(cuts(outer), rows);
    assert_eq!(cuts_across_threads(outer), rows);
}

#[test]
fn a_function_awaited_by_deferred_code_is_cancelled_with_it() {
    #[with_defer]
    async fn outer(t: Trace) {
        defer!(t.add("o1"));
        defer! {
            inner(&t).await;
            t.add("o2");
        }
        t.step("a").await;
    }

    #[with_defer]
    async fn inner(t: &Trace) {
        defer! { t.add("i1"); pause().await; t.add("i2"); }
        t.step("b").await;
    }

    let rows = ["|", "| i1 o1", "a | i1 o1", "a b i1 | o1", "a b i1 i2 o2 o1 =() |"];
    assert_eq!(cuts(outer), rows);
}

#[test]
fn deferred_code_that_defers() {
    #[with_defer]
    async fn program(t: Trace) {
        defer!(t.add("1"));
        defer! {
            defer! { t.add("2d"); pause().await; t.add("2e"); }
            t.add("2a");
            defer!(t.add("2c"));
            t.step("2b").await;
        }
        t.step("a").await;
    }

    let rows = ["|", "| 2a 2c 2d 1", "a 2a | 2c 2d 1", "a 2a 2b 2c 2d | 1", "a 2a 2b 2c 2d 2e 1 =() |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_block_in_the_body_is_cancelled_first() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        defer!(t.add("1"));
        let block = async {
            defer!(t.add("2"));
            t.step("a").await;
            7
        };
        let never_awaited = async {
            defer!(t.add("3"));
        };
        let result = block.await;
        t.step("b").await;
        drop(never_awaited);
        result
    }

    assert_eq!(cuts(program), ["|", "| 2 1", "a 2 | 1", "a 2 b 1 =7 |"]);
}

#[test]
fn nothing_that_the_body_awaits_is_polled() {
    #[with_defer]
    async fn program(t: Trace) {
        defer! {
            let mut polls = 0;
            poll_fn(|_| {
                polls += 1;
                t.add(format_args!("cleanup polled {polls}"));
                Poll::<()>::Pending
            })
            .await;
        }
        let mut polls = 0;
        poll_fn(|_| {
            polls += 1;
            t.add(format_args!("body polled {polls}"));
            Poll::<()>::Pending
        })
        .await;
    }

    let t = Trace::default();
    let mut future = Box::pin(program(t.clone()));
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_pending());
    drop(future);
    assert_eq!(t.text(), "body polled 1 body polled 2 cleanup polled 1");
}

struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn nothing_wakes_the_task_that_is_cancelled() {
    #[with_defer]
    async fn program() {
        defer! { pause().await; }
        pause().await;
    }

    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let task = Waker::from(wakes.clone());
    let mut future = Box::pin(program());
    assert!(future.as_mut().poll(&mut Context::from_waker(&task)).is_pending());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    drop(future);
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    drop(task);
    assert_eq!(Arc::strong_count(&wakes), 1);
}

#[test]
fn deferred_code_may_drop_another_future() {
    #[with_defer]
    async fn outer(t: Trace, mut other: Option<Pin<Box<dyn Future<Output = ()>>>>) {
        defer!(t.add("o1"));
        defer! {
            t.add("o2");
            other = None;
            t.add("o3");
        }
        t.step("a").await;
        assert!(other.is_some());
    }

    #[with_defer]
    async fn inner(t: Trace) {
        defer! { t.add("i1"); pause().await; t.add("i2"); }
        pending().await
    }

    let program = |t: Trace| {
        let mut other: Pin<Box<dyn Future<Output = ()>>> = Box::pin(inner(t.clone()));
        assert!(poll(other.as_mut()).is_pending());
        outer(t, Some(other))
    };
    assert_eq!(cuts(program), ["| i1", "| o2 i1 o3 o1", "a o2 i1 o3 o1 =() |"]);
}

#[test]
fn a_child_may_be_cancelled_while_its_parent_is_polled() {
    type Child = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>>;

    #[with_defer]
    async fn parent(t: Trace, child: Child) {
        defer!(t.add("parent"));
        t.step("a").await;
        // The sibling below runs first and takes the child away.
        poll_fn(|cx| {
            let mut sibling = Box::pin(cancels(t.clone(), child.clone()));
            let _ = sibling.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        t.step("b").await;
    }

    #[with_defer]
    async fn cancels(t: Trace, child: Child) {
        defer!(t.add("sibling"));
        *child.borrow_mut() = None;
        pending().await
    }

    #[with_defer]
    async fn child(t: Trace) {
        defer! { t.add("child"); pause().await; t.add("not reached"); }
        pending().await
    }

    let program = |t: Trace| {
        let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(child(t.clone()));
        assert!(poll(future.as_mut()).is_pending());
        parent(t, Rc::new(RefCell::new(Some(future))))
    };
    let rows = ["| child", "| parent child", "a child sibling | parent", "a child sibling b parent =() |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_future_dropped_while_the_one_that_polls_it_panics() {
    #[with_defer]
    async fn outer(t: Trace) {
        defer!(t.add("o1"));
        let mut inner = Box::pin(inner(t.clone()));
        poll_fn(|cx| {
            assert!(inner.as_mut().poll(cx).is_pending());
            t.add("b");
            panic!("body")
        })
        .await
    }

    #[with_defer]
    async fn inner(t: Trace) {
        defer!(t.add("i1"));
        defer! { t.add("i2"); panic!("swallowed"); }
        defer_on_panic!(t.add("no panic of its own"));
        t.step("a").await;
    }

    assert_eq!(cuts(outer), ["|", "b i2 i1 o1 !body |"]);
}

#[test]
fn a_future_may_move_between_threads_at_each_poll() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        defer!(t.add("1"));
        t.step("a").await;
        defer! { t.step("2").await; }
        t.step("b").await;
        7
    }

    let t = Trace::default();
    let mut future = Box::pin(program(t.clone()));
    let output = loop {
        let polled = std::thread::scope(|scope| scope.spawn(|| poll(future.as_mut())).join().unwrap());
        t.add(".");
        if let Poll::Ready(output) = polled {
            break output;
        }
    };
    assert_eq!(output, 7);
    assert_eq!(t.text(), ". a . b . 2 1 .");
}

#[test]
fn a_statement_that_was_not_reached_does_not_run() {
    #[with_defer]
    async fn program(t: Trace, early: bool) -> u8 {
        defer!(t.add("1"));
        t.step("a").await;
        if early {
            return 1;
        }
        defer!(t.add("2"));
        t.step("b").await;
        2
    }

    assert_eq!(cuts(|t| program(t, true)), ["|", "| 1", "a 1 =1 |"]);
    assert_eq!(cuts(|t| program(t, false)), ["|", "| 1", "a | 2 1", "a b 2 1 =2 |"]);
}

#[test]
fn a_future_that_is_done_returns_what_it_returns() {
    #[with_defer]
    async fn program(t: Trace) -> Result<u8, String> {
        defer!(t.step("1").await);
        t.step("a").await;
        Err("b".to_owned())
    }

    let t = Trace::default();
    assert_eq!(run(program(t.clone())), Err("b".to_owned()));
    assert_eq!(t.text(), "a 1");
}
