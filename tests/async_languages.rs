//! What the tests of other languages demand of deferred code that suspends or is cancelled: Go, Zig, Swift, Python, Nim.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use with_defer::{defer, defer_on_failure, recover, with_defer};

use self::inject::{Trace, cuts, pause, poll, run};

#[path = "common/inject.rs"]
mod inject;

type Task = Pin<Box<dyn Future<Output = ()>>>;

mod go {
    use super::*;

    // G087
    #[test]
    fn blocked_deferred_result_once() {
        #[with_defer]
        async fn f(t: Trace) -> u32 {
            defer!(t.step(1).await);
            defer! { pause().await; t.step(2).await; }
            pause().await;
            t.add("evaluated");
            42
        }

        let rows = ["|", "|", "evaluated |", "evaluated |", "evaluated 2 |", "evaluated 2 1 =42 |"];
        assert_eq!(cuts(f), rows);
    }
}

mod zig {
    use super::*;

    // Z025
    #[test]
    fn async_defer_after_resume() {
        #[with_defer]
        async fn f(y: &RefCell<u32>) {
            *y.borrow_mut() += 1;
            pause().await;
            defer! { *y.borrow_mut() += 2; }
        }

        let y = RefCell::new(1);
        let mut future = Box::pin(f(&y));
        assert_eq!(*y.borrow(), 1);
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(*y.borrow(), 2);
        assert!(poll(future.as_mut()).is_ready());
        assert_eq!(*y.borrow(), 4);
        drop(future);
        assert_eq!(*y.borrow(), 4);
    }

    // Z027
    #[test]
    fn await_inside_errdefer() {
        #[with_defer]
        async fn f(t: Trace) -> Result<(), &'static str> {
            let mut task = Box::pin(task(&t));
            // Started, not only made.
            assert!(task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            defer_on_failure! { t.add(task.await); }
            t.step("body").await;
            Err("Bad")
        }

        async fn task(t: &Trace) -> &'static str {
            t.add("started");
            pause().await;
            pause().await;
            "finished"
        }

        let rows = ["|", "started |", "started body |", "started body finished =Err(\"Bad\") |"];
        assert_eq!(cuts(f), rows);
    }

    // Z029
    #[test]
    fn defer_vs_result_spill() {
        #[with_defer]
        async fn f(t: Trace, large: [u64; 32]) -> Result<[u64; 32], String> {
            defer! { pause().await; t.add("cleanup"); pause().await; }
            pause().await;
            if large[0] == 0 {
                return Err("Bad".to_owned());
            }
            Ok(large)
        }

        let rows = ["|", "|", "|", "cleanup |", "cleanup =Err(\"Bad\") |"];
        assert_eq!(cuts(|t| f(t, [0; 32])), rows);
        assert_eq!(run(f(Trace::default(), [7; 32])), Ok([7; 32]));
    }

    // Z031
    #[test]
    fn async_defer_on_early_return() {
        type Handle = Rc<RefCell<Option<u8>>>;

        #[with_defer]
        async fn in_a_for(handle: Handle) -> u8 {
            for n in 0..10 {
                defer! { *handle.borrow_mut() = None; }
                *handle.borrow_mut() = Some(n);
                pause().await;
                if n == 6 {
                    return n;
                }
            }
            unreachable!()
        }

        #[with_defer]
        async fn in_a_while(handle: Handle) -> u8 {
            let mut n = 0;
            while n < 10 {
                *handle.borrow_mut() = Some(n);
                #[defer_scope]
                {
                    defer! { *handle.borrow_mut() = None; }
                    pause().await;
                    if n == 6 {
                        return n;
                    }
                }
                n += 1;
            }
            unreachable!()
        }

        let handle = Handle::default();
        assert_eq!(run(in_a_for(handle.clone())), 6);
        assert_eq!(*handle.borrow(), None);
        assert_eq!(run(in_a_while(handle.clone())), 6);
        assert_eq!(*handle.borrow(), None);
        for polls in 0..7 {
            let mut cut = [
                Box::pin(in_a_for(handle.clone())) as Pin<Box<dyn Future<Output = u8>>>,
                Box::pin(in_a_while(handle.clone())),
            ];
            for future in &mut cut {
                assert!((0..polls).all(|_| poll(future.as_mut()).is_pending()));
            }
            assert_eq!(handle.borrow().is_some(), polls > 0);
            let [first, second] = cut;
            drop(first);
            assert_eq!(*handle.borrow(), None);
            *handle.borrow_mut() = Some(polls);
            drop(second);
            assert_eq!(handle.borrow().is_some(), polls == 0);
            *handle.borrow_mut() = None;
        }
    }

    // Z033
    #[test]
    fn cancel_backwards() {
        type Handle = Rc<RefCell<Option<Task>>>;

        #[with_defer]
        async fn b1(t: Trace) {
            defer!(t.add("b1"));
            b2(&t).await;
            t.add("not reached");
        }

        #[with_defer]
        async fn b2(t: &Trace) {
            let handle = Handle::default();
            defer!(t.add("b2"));
            *handle.borrow_mut() = Some(Box::pin(b3(t.clone())));
            resume(&handle);
            resume(&handle);
            t.add("cancel");
            *handle.borrow_mut() = None;
            t.add("cancelled");
            std::future::pending().await
        }

        #[with_defer]
        async fn b3(t: Trace) {
            defer!(t.add("b3"));
            b4(&t).await;
            t.add("not reached");
        }

        #[with_defer]
        async fn b4(t: &Trace) {
            defer!(t.add("b4"));
            t.step("resumed").await;
            pause().await;
            t.add("not reached");
        }

        fn resume(handle: &Handle) {
            let mut task = handle.borrow_mut();
            let task = task.as_mut().expect("it was started");
            assert!(poll(task.as_mut()).is_pending());
        }

        let t = Trace::default();
        let mut future = Box::pin(b1(t.clone()));
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(t.text(), "resumed cancel b4 b3 cancelled");
        drop(future);
        assert_eq!(t.text(), "resumed cancel b4 b3 cancelled b2 b1");
    }
}

mod swift {
    use super::*;

    // S017: a closure must say that it is async; then it may await in its `defer!` only.
    #[test]
    fn async_defer_in_closure() {
        #[with_defer]
        async fn f(t: Trace) -> u8 {
            let closure = async || {
                defer!(t.step("deferred").await);
                t.add("closure");
                1
            };
            closure().await + 1
        }

        assert_eq!(cuts(f), ["|", "closure |", "closure deferred =2 |"]);
    }

    // S019
    #[test]
    fn async_defer_completes_first() {
        #[with_defer]
        async fn f(t: Trace) {
            defer! { t.step("1a").await; t.step("1b").await; }
            defer! { t.step("2a").await; t.step("2b").await; }
            defer! { t.step("3a").await; t.step("3b").await; }
            t.add("body");
        }

        let rows = [
            "|",
            "body |",
            "body 3a |",
            "body 3a 3b |",
            "body 3a 3b 2a |",
            "body 3a 3b 2a 2b |",
            "body 3a 3b 2a 2b 1a |",
            "body 3a 3b 2a 2b 1a 1b =() |",
        ];
        assert_eq!(cuts(f), rows);
    }

    // S021: cancelling is dropping, so deferred code that is pending then is cut, and neither hangs nor panics.
    #[test]
    fn async_cancel_visible() {
        #[with_defer]
        async fn f(t: Trace) {
            defer! { t.add("after"); }
            defer! {
                t.add("cleanup");
                std::future::pending::<()>().await;
                t.add("not reached");
            }
            defer_on_failure!(t.add("cancelled"));
            std::future::pending().await
        }

        let t = Trace::default();
        let mut future = Box::pin(f(t.clone()));
        assert!(poll(future.as_mut()).is_pending());
        drop(future);
        assert_eq!(t.text(), "cancelled cleanup after");
    }
}

mod python {
    use super::*;

    // P023, its async twin
    #[test]
    fn async_closing_on_error() {
        #[with_defer]
        async fn f(t: Trace, fail: bool) -> Result<(), &'static str> {
            let mut resource = t.value("resource");
            defer!(resource.step("close").await);
            if fail {
                Err("error")?;
            }
            Ok(())
        }

        let rows = ["|", "| ~resource", "resource:close ~resource =Err(\"error\") |"];
        assert_eq!(cuts(|t| f(t, true)), rows);
        let rows = ["|", "| ~resource", "resource:close ~resource =Ok(()) |"];
        assert_eq!(cuts(|t| f(t, false)), rows);
    }

    // P027
    #[test]
    fn async_callbacks_lifo() {
        async fn call(t: &Trace, args: &[u8], named: Option<&str>) {
            t.step(format_args!("{args:?}{}", named.unwrap_or_default())).await;
        }

        #[with_defer]
        async fn f(t: Trace) {
            defer!(call(&t, &[], None).await);
            defer!(call(&t, &[1], None).await);
            defer!(call(&t, &[1, 2], None).await);
            defer!(call(&t, &[1, 2], Some("e")).await);
            defer!(call(&t, &[], Some("e")).await);
            defer!(call(&t, &[9], Some("f")).await);
        }

        let rows = [
            "|",
            "|",
            "[9]f |",
            "[9]f []e |",
            "[9]f []e [1, 2]e |",
            "[9]f []e [1, 2]e [1, 2] |",
            "[9]f []e [1, 2]e [1, 2] [1] |",
            "[9]f []e [1, 2]e [1, 2] [1] [] =() |",
        ];
        assert_eq!(cuts(f), rows);
    }

    // P029
    #[test]
    fn async_enter_order() {
        async fn enter(t: &Trace) -> u8 {
            t.step(1).await;
            7
        }

        #[with_defer]
        async fn f(t: Trace) {
            let entered = enter(&t).await;
            defer!(t.step(4).await);
            defer!(t.step(3).await);
            assert_eq!(entered, 7);
            t.add(2);
        }

        assert_eq!(cuts(f), ["|", "|", "1 2 |", "1 2 3 |", "1 2 3 4 =() |"]);
    }

    // P031
    #[test]
    fn async_generator_closed() {
        #[with_defer]
        async fn generator(t: Trace) {
            defer!(t.add("closed"));
            for item in 0..10 {
                t.add(item);
                pause().await;
            }
        }

        #[with_defer]
        async fn consumer(t: Trace) -> Result<(), &'static str> {
            let mut generator = Box::pin(generator(t.clone()));
            assert!(poll(generator.as_mut()).is_pending());
            defer! { t.add("closing"); drop(generator); }
            pause().await;
            Err("error")
        }

        let rows = ["|", "0 | closing closed", "0 closing closed =Err(\"error\") |"];
        assert_eq!(cuts(consumer), rows);
    }

    // P033: cancelling is dropping, so nothing can catch or ignore it.
    #[test]
    fn cancel_cannot_be_caught() {
        #[with_defer(result = 0)]
        async fn f(t: Trace) -> u8 {
            defer!(t.add("after"));
            defer! {
                t.add(recover!().is_none());
                *result = 42;
                loop {
                    t.add("await");
                    pause().await;
                }
            }
            std::future::pending().await
        }

        let t = Trace::default();
        let mut future = Box::pin(f(t.clone()));
        assert!(poll(future.as_mut()).is_pending());
        drop(future);
        assert_eq!(t.text(), "true await after");
    }

    // P035: a task cannot drop itself while it runs; what it asks for happens at the next await, or not at all.
    #[test]
    fn cancel_inside_self() {
        struct Slot(RefCell<Option<Task>>);

        #[with_defer]
        async fn f(t: Trace, own: Rc<Slot>, awaits: bool) {
            defer!(t.add("deferred"));
            // The executor has taken the task out to poll it: there is nothing to drop.
            t.add(own.0.borrow().is_some());
            if awaits {
                pause().await;
                t.add("not reached");
            }
        }

        let outcome = |awaits| {
            let t = Trace::default();
            let slot = Rc::new(Slot(RefCell::new(None)));
            *slot.0.borrow_mut() = Some(Box::pin(f(t.clone(), slot.clone(), awaits)));
            let mut task = slot.0.take().unwrap();
            let done = poll(task.as_mut()).is_ready();
            drop(task);
            (done, t.text())
        };
        assert_eq!(outcome(true), (false, "false deferred".to_owned()));
        assert_eq!(outcome(false), (true, "false deferred".to_owned()));
    }
}

mod nim {
    use super::*;

    // N015
    #[test]
    fn defer_sets_result() {
        #[with_defer(result = false)]
        async fn f(_: Trace) -> bool {
            defer! {
                pause().await;
                *result = true;
            }
            pause().await;
            false
        }

        assert_eq!(cuts(f), ["|", "|", "|", "=true |"]);
    }

    // N017: a future is the iterator
    #[test]
    fn iterator_defer_close() {
        struct Open(File, Trace);

        impl Open {
            fn close(&mut self) {
                self.0.write_all(b"end\n").unwrap();
                self.1.add("closed");
            }
        }

        #[with_defer]
        async fn lines(path: PathBuf, t: Trace) {
            let mut file = Open(File::create(&path).unwrap(), t.clone());
            defer!(file.close());
            for n in 0..2 {
                writeln!(file.0, "line {n}").unwrap();
                t.add(n);
                pause().await;
            }
        }

        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("iterator_defer_close");
        let t = Trace::default();
        run(lines(path.clone(), t.clone()));
        assert_eq!(t.text(), "0 1 closed");
        assert_eq!(fs::read_to_string(&path).unwrap(), "line 0\nline 1\nend\n");

        let t = Trace::default();
        let mut abandoned = Box::pin(lines(path.clone(), t.clone()));
        assert!(poll(abandoned.as_mut()).is_pending());
        drop(abandoned);
        assert_eq!(t.text(), "0 closed");
        assert_eq!(fs::read_to_string(&path).unwrap(), "line 0\nend\n");
        fs::remove_file(&path).unwrap();
    }

    // The async twin of exceptions in deferred code: the last one leaves.
    #[test]
    fn defer_raises_after_await() {
        #[with_defer]
        async fn f(t: Trace) {
            defer! { pause().await; panic!("outer"); }
            defer! { pause().await; panic!("inner"); }
            t.step("body").await;
        }

        assert_eq!(cuts(f), ["|", "|", "body |", "body | !inner", "body !outer |"]);
    }
}
