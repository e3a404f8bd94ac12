//! `?` in a deferred statement: its failure becomes the function's.

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::num::ParseIntError;
use std::ops::ControlFlow;
use std::task::Poll;

use caught::caught;
use log::Log;
use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

type Closed = Result<(), &'static str>;

/// Says that it ran, and fails if the name starts with `!`.
fn close(name: &'static str, log: &Log) -> Closed {
    log.add(name);
    if name.starts_with('!') { Err(name) } else { Ok(()) }
}

// The first failure stands.

#[test]
fn success_becomes_failure() {
    #[with_defer]
    fn call(name: &'static str, log: &Log) -> Result<i32, &'static str> {
        defer!(close(name, log)?);
        log.add("body");
        Ok(1)
    }

    #[with_defer]
    fn block(name: &'static str, log: &Log) -> Result<i32, &'static str> {
        defer! {
            close(name, log)?;
            log.add("closed");
        }
        log.add("body");
        Ok(1)
    }

    let log = Log::new();
    assert_eq!(call("file", &log), Ok(1));
    assert_eq!(call("!file", &log), Err("!file"));
    assert_eq!(log.text(), "body file body !file");
    let log = Log::new();
    assert_eq!(block("file", &log), Ok(1));
    assert_eq!(block("!file", &log), Err("!file"));
    assert_eq!(log.text(), "body file closed body !file");
}

#[test]
fn the_body_failed_first() {
    #[with_defer]
    fn f(log: &Log) -> Result<i32, &'static str> {
        defer!(close("!call", log)?);
        defer! { close("!block", log)? }
        Err("body")
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("body"));
    assert_eq!(log.text(), "!block !call");
}

#[test]
fn no_deferred_statement_is_skipped() {
    #[with_defer]
    fn f(log: &Log) -> Result<&'static str, &'static str> {
        defer!(log.add("last"));
        defer!(close("!fourth", log)?);
        defer! { close("third", log)? }
        defer!(close("!second", log)?);
        log.add("body");
        defer! { close("first", log)? }
        Ok("returned")
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("!second"));
    assert_eq!(log.text(), "body first !second third !fourth last");
}

#[test]
fn a_panic_stands() {
    #[with_defer]
    fn body(log: &Log) -> Closed {
        defer!(close("!call", log)?);
        panic!("in the body");
    }

    #[with_defer]
    fn deferred(log: &Log) -> Closed {
        defer!(close("!last", log)?);
        defer! { panic!("deferred") }
        defer!(close("!first", log)?);
        Ok(())
    }

    let log = Log::new();
    assert_eq!(caught(|| body(&log)).message(), Some("in the body"));
    assert_eq!(log.text(), "!call");
    let log = Log::new();
    assert_eq!(caught(|| deferred(&log)).message(), Some("deferred"));
    assert_eq!(log.text(), "!first !last");
}

#[test]
fn after_recover() {
    #[with_defer(result = Ok(0))]
    fn named(name: &'static str, log: &Log) -> Result<i32, &'static str> {
        defer!(close(name, log)?);
        defer! { recover!(); }
        *result = Ok(5);
        panic!("stopped");
    }

    #[with_defer]
    fn unnamed(name: &'static str, log: &Log) -> Option<()> {
        defer! { close(name, log).ok()? }
        defer! { recover!(); }
        panic!("stopped");
    }

    let log = Log::new();
    assert_eq!(named("file", &log), Ok(5));
    assert_eq!(named("!file", &log), Err("!file"));
    assert_eq!(unnamed("file", &log), None);
    assert_eq!(unnamed("!file", &log), None);
    assert_eq!(log.text(), "file !file file !file");
}

#[test]
fn others_see_the_new_state() {
    #[with_defer(result = Ok(1))]
    fn f(log: &Log) -> Result<i32, &'static str> {
        defer! { log.add(result.is_err()) }
        defer_on_success!(log.add("success"));
        defer_on_failure!(log.add("failure"));
        defer!(close("!file", log)?);
        defer_on_failure!(log.add("no failure yet"));
        defer_on_success!(log.add("success so far"));
        Ok(2)
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("!file"));
    assert_eq!(log.text(), "success so far !file failure true");
}

#[test]
fn the_value_is_dropped_once() {
    struct Counted<'a>(&'a Cell<u32>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[with_defer]
    fn f<'a>(drops: &'a Cell<u32>, log: &Log) -> Result<Counted<'a>, &'static str> {
        defer!(log.add(drops.get()));
        defer! { log.add(drops.get()) }
        defer!(close("!file", log)?);
        Ok(Counted(drops))
    }

    let (drops, log) = (Cell::new(0), Log::new());
    assert_eq!(f(&drops, &log).err(), Some("!file"));
    assert_eq!(drops.get(), 1);
    assert_eq!(log.text(), "!file 1 0");
}

#[test]
fn in_statements_that_depend_on_the_exit() {
    #[with_defer]
    fn f(fails: bool, log: &Log) -> Closed {
        defer_on_panic!(close("!panic", log)?);
        defer_on_failure!(close("!failure", log)?);
        defer_on_success! { close("!success", log)? }
        if fails { Err("body") } else { Ok(()) }
    }

    let log = Log::new();
    assert_eq!(f(false, &log), Err("!success"));
    assert_eq!(log.text(), "!success !failure");
    let log = Log::new();
    assert_eq!(f(true, &log), Err("body"));
    assert_eq!(log.text(), "!failure");
}

// Where it stands.

#[test]
fn in_the_arguments_it_happens_now() {
    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Closed {
        defer!(log.add("registered before"));
        defer!(log.add(format!("{:?}", close(name, log)?)));
        log.add("body");
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f("now", &log), Ok(()));
    assert_eq!(log.text(), "now body () registered before");
    let log = Log::new();
    assert_eq!(f("!now", &log), Err("!now"));
    assert_eq!(log.text(), "!now registered before");
}

#[test]
fn after_a_method() {
    struct File<'a>(&'a Log);

    impl File<'_> {
        fn sync(&mut self, name: &'static str) -> Closed {
            close(name, self.0)
        }
    }

    #[with_defer]
    fn f(log: &Log) -> Closed {
        let mut file = File(log);
        defer!(file.sync("!deferred")?);
        file.sync("body")?;
        file.sync("again")
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("!deferred"));
    assert_eq!(log.text(), "body again !deferred");
}

#[test]
fn several_in_one_block() {
    #[with_defer]
    fn f(second: &'static str, log: &Log) -> Result<i32, String> {
        defer! {
            close("one", log)?;
            for name in [second, "three"] {
                if !log.text().is_empty() {
                    close(name, log)?;
                }
            }
            let sum: i32 = ["4", "5"].iter().map(|text| text.parse::<i32>()).sum::<Result<i32, _>>()
                .map_err(|error| error.to_string())?;
            log.add(sum);
        }
        Ok(0)
    }

    let log = Log::new();
    assert_eq!(f("two", &log), Ok(0));
    assert_eq!(log.text(), "one two three 9");
    let log = Log::new();
    assert_eq!(f("!two", &log), Err("!two".to_owned()));
    assert_eq!(log.text(), "one !two");
}

#[test]
fn beside_a_return() {
    #[with_defer]
    fn f(stops: bool, log: &Log) -> Closed {
        defer! {
            if stops {
                log.add("stopped");
                return;
            }
            close("!file", log)?;
        }
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f(true, &log), Ok(()));
    assert_eq!(f(false, &log), Err("!file"));
    assert_eq!(log.text(), "stopped !file");
}

#[test]
fn in_a_closure_it_is_the_closure_s() {
    #[with_defer]
    fn f(log: &Log) -> Result<i32, String> {
        defer! {
            let closed = || -> Closed {
                close("!inner", log)?;
                close("never", log)
            };
            log.add(closed().is_err());
        }
        Ok(1)
    }

    let log = Log::new();
    assert_eq!(f(&log), Ok(1));
    assert_eq!(log.text(), "!inner true");
}

#[test]
fn in_a_macro_s_arguments() {
    #[with_defer]
    fn f(text: &'static str, log: &Log) -> Result<(), ParseIntError> {
        defer! { log.add(format!("{}", text.parse::<i32>()? + 1)) }
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f("1", &log), Ok(()));
    assert!(f("one", &log).is_err());
    assert_eq!(log.text(), "2");
}

// Types.

#[derive(Debug)]
enum Failure {
    Io(io::Error),
    Number(ParseIntError),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Io(error)
    }
}

impl From<ParseIntError> for Failure {
    fn from(error: ParseIntError) -> Self {
        Failure::Number(error)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Io(error) => write!(f, "io: {error}"),
            Failure::Number(error) => write!(f, "number: {error}"),
        }
    }
}

impl Error for Failure {}

fn sync(fails: bool) -> io::Result<()> {
    if fails { Err(io::Error::other("no room")) } else { Ok(()) }
}

#[test]
fn converted_by_from() {
    #[with_defer]
    fn enumeration(fails: bool, text: &str) -> Result<u8, Failure> {
        defer!(sync(fails)?);
        defer! { text.parse::<i8>()?; }
        Ok(1)
    }

    #[with_defer]
    fn boxed(fails: bool, text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
        defer!(sync(fails)?);
        defer! {
            if text.is_empty() {
                Err("empty")?;
            }
        }
        Ok(text.parse()?)
    }

    #[with_defer]
    fn generic<E: From<io::Error>>(fails: bool) -> Result<u8, E> {
        defer!(sync(fails)?);
        Ok(1)
    }

    assert_eq!(enumeration(false, "1").ok(), Some(1));
    assert_eq!(enumeration(true, "1").expect_err("io").to_string(), "io: no room");
    let error = enumeration(true, "x").expect_err("a number");
    assert_eq!(error.to_string(), "number: invalid digit found in string");
    assert_eq!(boxed(false, "7").ok(), Some(7));
    assert_eq!(boxed(true, "7").expect_err("io").to_string(), "no room");
    assert_eq!(boxed(true, "").expect_err("a number").to_string(), "cannot parse integer from empty string");
    assert_eq!(generic::<Failure>(true).expect_err("io").to_string(), "io: no room");
    assert_eq!(generic::<io::Error>(false).ok(), Some(1));
}

#[test]
fn with_anyhow() {
    use anyhow::{Context, bail, ensure};

    #[with_defer]
    fn f(n: u8, sync_fails: bool) -> anyhow::Result<u8> {
        defer! { sync(sync_fails).context("the sync")? }
        defer! {
            if n == 3 {
                bail_out()?;
            }
        }
        ensure!(n != 1, "one");
        if n == 2 {
            bail!("two");
        }
        Ok(n)
    }

    fn bail_out() -> anyhow::Result<()> {
        bail!("three");
    }

    let text = |n, fails| f(n, fails).map_or_else(|error| format!("{error:#}"), |n| n.to_string());
    assert_eq!(text(0, false), "0");
    assert_eq!(text(0, true), "the sync: no room");
    assert_eq!(text(1, true), "one");
    assert_eq!(text(2, true), "two");
    assert_eq!(text(3, true), "three");
}

#[test]
fn with_thiserror() {
    #[derive(Debug, thiserror::Error)]
    enum Broken {
        #[error("the file: {0}")]
        File(#[from] io::Error),
        #[error(transparent)]
        Number(#[from] ParseIntError),
    }

    #[with_defer]
    fn f(fails: bool, text: &str) -> Result<u8, Broken> {
        defer!(sync(fails)?);
        Ok(text.parse()?)
    }

    assert_eq!(f(false, "1").ok(), Some(1));
    assert_eq!(f(true, "1").expect_err("io").to_string(), "the file: no room");
    assert_eq!(f(true, "x").expect_err("a number").to_string(), "invalid digit found in string");
}

#[test]
fn in_an_option_function() {
    #[with_defer]
    fn f(first: Option<i32>, at_exit: Option<i32>, log: &Log) -> Option<i32> {
        defer!(log.add("last"));
        defer! { log.add(at_exit?) }
        Some(first? + 1)
    }

    #[with_defer]
    fn call(at_exit: &mut Option<i32>) -> Option<i32> {
        defer!(at_exit.take()?);
        Some(at_exit.as_ref()? + 1)
    }

    let log = Log::new();
    assert_eq!(f(Some(1), Some(5), &log), Some(2));
    assert_eq!(f(Some(1), None, &log), None);
    assert_eq!(f(None, Some(6), &log), None);
    assert_eq!(log.text(), "5 last last 6 last");
    let mut at_exit = Some(3);
    assert_eq!(call(&mut at_exit), Some(4));
    assert_eq!(call(&mut at_exit), None);
}

#[test]
fn in_a_control_flow_function() {
    fn check(n: i32) -> ControlFlow<i32> {
        if n < 0 { ControlFlow::Break(n) } else { ControlFlow::Continue(()) }
    }

    #[with_defer]
    fn f(body: i32, at_exit: i32) -> ControlFlow<i32, &'static str> {
        defer!(check(at_exit)?);
        check(body)?;
        ControlFlow::Continue("went on")
    }

    assert_eq!(f(1, 1), ControlFlow::Continue("went on"));
    assert_eq!(f(1, -2), ControlFlow::Break(-2));
    assert_eq!(f(-1, -2), ControlFlow::Break(-1));
}

#[test]
fn in_poll_functions() {
    #[with_defer]
    fn result(ready: bool, name: &'static str, log: &Log) -> Poll<Result<u8, &'static str>> {
        defer!(close(name, log)?);
        if ready { Poll::Ready(Ok(1)) } else { Poll::Pending }
    }

    #[with_defer]
    fn poll(at_exit: Poll<Result<(), &'static str>>) -> Poll<Result<u8, &'static str>> {
        defer! {
            if let Poll::Ready(()) = at_exit? {
                return;
            }
            Err("still pending")?;
        }
        Poll::Ready(Ok(1))
    }

    let log = Log::new();
    assert_eq!(result(true, "file", &log), Poll::Ready(Ok(1)));
    assert_eq!(result(true, "!file", &log), Poll::Ready(Err("!file")));
    assert_eq!(result(false, "file", &log), Poll::Pending);
    assert_eq!(poll(Poll::Ready(Ok(()))), Poll::Ready(Ok(1)));
    assert_eq!(poll(Poll::Ready(Err("at exit"))), Poll::Ready(Err("at exit")));
    assert_eq!(poll(Poll::Pending), Poll::Ready(Err("still pending")));
}

#[test]
fn with_impl_trait_in_the_result() {
    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Result<impl Iterator<Item = u8> + use<>, &'static str> {
        defer!(close(name, log)?);
        Ok([1, 2, 3].into_iter().filter(|n| n % 2 == 1))
    }

    let log = Log::new();
    assert_eq!(f("file", &log).map(Iterator::collect), Ok(vec![1, 3]));
    assert_eq!(f("!file", &log).err(), Some("!file"));
}

#[test]
fn in_a_unit_result() {
    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Closed {
        defer!(close(name, log)?);
        Ok(())
    }

    #[with_defer]
    fn fmt_result(text: &mut String) -> fmt::Result {
        use fmt::Write;
        defer!(text.write_str(" end")?);
        text.write_str("start")
    }

    let log = Log::new();
    assert_eq!(f("file", &log), Ok(()));
    assert_eq!(f("!file", &log), Err("!file"));
    let mut text = String::new();
    assert_eq!(fmt_result(&mut text), Ok(()));
    assert_eq!(text, "start end");
}

// Closures.

#[test]
fn in_closures_with_an_inferred_return_type() {
    #[with_defer]
    fn f(log: &Log) -> Vec<Result<usize, &'static str>> {
        let sizes = |name: &'static str| {
            defer!(close(name, log)?);
            if name.len() > 6 {
                return Err("too long");
            }
            Ok(name.len())
        };
        ["file", "!file", "!too long"].map(sizes).into()
    }

    #[with_defer]
    fn option() -> Option<i32> {
        let last = |mut numbers: Vec<i32>| {
            let mut sum = 0;
            defer! { sum += numbers.pop()? }
            for number in &numbers {
                sum += number;
            }
            Some(sum)
        };
        last(vec![])?;
        last(vec![1, 2])
    }

    let log = Log::new();
    assert_eq!(f(&log), [Ok(4), Err("!file"), Err("too long")]);
    assert_eq!(log.text(), "file !file !too long");
    assert_eq!(option(), None);
}

#[test]
fn in_closures_with_a_written_return_type() {
    #[with_defer]
    fn f(log: &Log) -> usize {
        let size = |name: &'static str| -> Result<usize, Box<dyn Error>> {
            defer!(close(name, log)?);
            let size: usize = name.len();
            if size > 5 {
                return Err("too long".into());
            }
            Ok(size)
        };
        ["file", "!file", "!too long"].into_iter().filter_map(|name| size(name).ok()).sum()
    }

    let log = Log::new();
    assert_eq!(f(&log), 4);
    assert_eq!(log.text(), "file !file !too long");
}

#[test]
fn in_a_closure_passed_to_a_function() {
    fn apply<T, E>(f: impl Fn(T) -> Result<T, E>, value: T) -> Result<T, E> {
        f(value)
    }

    #[with_defer]
    fn f(name: &'static str, log: &Log) -> Result<i32, Box<dyn Error>> {
        let two = apply(
            |n: i32| {
                defer!(close(name, log)?);
                Ok::<_, Box<dyn Error>>(n + "1".parse::<i32>()?)
            },
            1,
        )?;
        Ok(two * 10)
    }

    let log = Log::new();
    assert_eq!(f("file", &log).ok(), Some(20));
    assert_eq!(f("!file", &log).expect_err("the close").to_string(), "!file");
}
