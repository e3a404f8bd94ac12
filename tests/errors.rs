//! What the tests of Zig, Swift, D, C, V, Nim, C3 and others demand of results, failures and success.
#![allow(clippy::needless_return, reason = "every way out is written")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use caught::caught;
use log::Log;
use with_defer::{defer, defer_on_failure, defer_on_success, recover, with_defer};

// Z003
#[test]
fn errdefer_not_for_nested_fn() {
    #[with_defer]
    fn outer(log: &Log) -> Result<(), &'static str> {
        defer_on_failure!(log.add("cleanup"));
        let make = || -> Result<(), &'static str> { Err("Bad") };
        let error = make();
        log.add("made");
        error
    }

    let log = Log::new();
    assert_eq!(outer(&log), Err("Bad"));
    assert_eq!(log.text(), "made cleanup");
}

// Z005
#[test]
fn mixed_defer_errdefer() {
    #[with_defer]
    fn on_failure(fails: bool, log: &Log) -> Result<(), &'static str> {
        defer!(log.add("a"));
        defer_on_failure!(log.add("b"));
        defer!(log.add("c"));
        if fails { Err("failed") } else { Ok(()) }
    }

    #[with_defer(result = Ok(()))]
    fn by_the_result(fails: bool, log: &Log) -> Result<(), &'static str> {
        defer!(log.add("a"));
        defer! {
            if result.is_err() {
                log.add("b");
            }
        }
        defer!(log.add("c"));
        if fails { Err("failed") } else { Ok(()) }
    }

    for f in [on_failure, by_the_result] {
        let log = Log::new();
        assert_eq!(f(false, &log), Ok(()));
        assert_eq!(log.text(), "c a");
        let log = Log::new();
        assert_eq!(f(true, &log), Err("failed"));
        assert_eq!(log.text(), "c b a");
    }
}

// Z007
#[test]
fn handled_error_inside() {
    #[derive(Debug, PartialEq)]
    enum Error {
        Expected,
        Other,
    }

    fn fails(odd: bool) -> Result<i32, Error> {
        Err(if odd { Error::Other } else { Error::Expected })
    }

    #[with_defer]
    fn f(odd: bool, a: &mut i32, seen: &Log) -> Result<(), Error> {
        defer! { *a += 1 }
        match fails(odd) {
            Err(Error::Expected) => *a += 1,
            Err(Error::Other) => return Err(Error::Other),
            Ok(n) => *a += n,
        }
        seen.add(*a);
        Ok(())
    }

    let (mut a, seen) = (0, Log::new());
    assert_eq!(f(false, &mut a, &seen), Ok(()));
    assert_eq!(seen.text(), "1");
    assert_eq!(a, 2);
    assert_eq!(f(true, &mut a, &seen), Err(Error::Other));
    assert_eq!(a, 3);
}

// S005
#[test]
fn once_per_exit() {
    #[with_defer]
    fn f(early: bool, log: &Log) -> &'static str {
        defer!(log.add("deferred"));
        if early {
            return "early";
        }
        log.add("late");
        "at the end"
    }

    let log = Log::new();
    assert_eq!(f(true, &log), "early");
    assert_eq!(log.text(), "deferred");
    assert_eq!(f(false, &log), "at the end");
    assert_eq!(log.text(), "deferred late deferred");
}

// S011
#[test]
fn throw_handled_inside() {
    fn number(text: &str) -> Result<i32, std::num::ParseIntError> {
        text.parse()
    }

    #[with_defer]
    fn f(log: &Log) {
        defer! {
            match number("one") {
                Ok(_) => log.add("read"),
                Err(_) => log.add("match"),
            }
        }
        defer! {
            if let Err(error) = number("") {
                log.add(error);
            }
        }
        defer! {
            let sum = || -> Result<i32, std::num::ParseIntError> { Ok(number("1")? + number("x")?) };
            log.add(sum().is_err());
        }
        defer! {
            let Ok(_) = number("two") else {
                log.add("else");
                return;
            };
            log.add("read");
        }
        defer!(log.add(number("three").unwrap_or(3)));
        defer! {
            fn sum() -> Result<i32, std::num::ParseIntError> {
                Ok(number("4")? + number("5")?)
            }
            log.add(sum().unwrap_or_default());
        }
        log.add("body");
    }

    let log = Log::new();
    f(&log);
    assert_eq!(log.text(), "body 9 3 else true cannot parse integer from empty string match");
}

// D009
#[test]
fn return_value_not_clobbered() {
    #[with_defer]
    fn f(seed: f64, work: &mut f64) -> f64 {
        defer! {
            for n in 0..1000 {
                *work = (*work + f64::from(n)).sqrt() * 1.5 + seed;
            }
        }
        let eight = seed * 4.0;
        return eight;
    }

    let mut work = 1.0;
    assert_eq!(f(2.0, &mut work).to_bits(), 8.0_f64.to_bits());
    assert!(work > 40.0 && work < 60.0, "{work}");
}

// D023
#[test]
fn return_value_through_finally() {
    fn calls(log: &Log) -> i32 {
        log.add("called");
        99
    }

    #[with_defer]
    fn seven(log: &Log) -> i32 {
        defer! { calls(log); }
        7
    }

    #[with_defer]
    fn three(log: &Log) -> i32 {
        defer! { let _ = calls(log) + calls(log); }
        let n = 3;
        if n == 3 {
            return n;
        }
        4
    }

    #[with_defer]
    fn array(log: &Log) -> [i32; 1] {
        defer! { calls(log); }
        [6]
    }

    let log = Log::new();
    assert_eq!((seven(&log), three(&log), array(&log)), (7, 3, [6]));
    assert_eq!(log.text(), "called called called called");
}

// C021
#[test]
fn buffer_freed_after_use() {
    fn sum(buffer: &[u8], log: &Log) -> usize {
        log.add("used");
        buffer.iter().map(|&byte| usize::from(byte)).sum()
    }

    #[with_defer]
    fn f(log: &Log) -> usize {
        let buffer = vec![1, 2, 3];
        defer! {
            log.add(format!("freed {}", buffer.len()));
            drop(buffer);
        }
        sum(&buffer, log)
    }

    let log = Log::new();
    assert_eq!(f(&log), 6);
    assert_eq!(log.text(), "used freed 3");
}

// C029
#[test]
fn conditional_in_defer() {
    #[with_defer]
    fn f(fails: bool, log: &Log) -> Result<(), &'static str> {
        let done = if fails { Err("not done") } else { Ok("handle") };
        defer! {
            if let Ok(handle) = done {
                log.add(format!("undo {handle}"));
            }
        }
        done?;
        Err("a later step")
    }

    let log = Log::new();
    assert_eq!(f(true, &log), Err("not done"));
    assert_eq!(log.text(), "");
    assert_eq!(f(false, &log), Err("a later step"));
    assert_eq!(log.text(), "undo handle");
}

// P005
#[test]
fn failed_enter_registers_nothing() {
    struct Resource(&'static str);

    fn enter(name: &'static str, log: &Log) -> Result<Resource, String> {
        if name == "missing" {
            return Err(format!("no {name}"));
        }
        log.add(format!("+{name}"));
        Ok(Resource(name))
    }

    #[expect(clippy::needless_pass_by_value, reason = "leaving takes the resource")]
    fn leave(resource: Resource, log: &Log) {
        log.add(format!("-{}", resource.0));
    }

    #[with_defer]
    fn f(second: &'static str, log: &Log) -> Result<(), String> {
        defer!(leave(enter("first", log)?, log));
        defer!(leave(enter(second, log)?, log));
        log.add("body");
        Ok(())
    }

    let log = Log::new();
    assert_eq!(f("missing", &log), Err("no missing".to_owned()));
    assert_eq!(log.text(), "+first -first");
    let log = Log::new();
    assert_eq!(f("second", &log), Ok(()));
    assert_eq!(log.text(), "+first +second body -second -first");
}

// P025
#[test]
fn decorator_reusable() {
    #[with_defer(count = 0)]
    fn f(turns: &mut u32, log: &Log) -> u32 {
        defer! {
            *count += 1;
            log.add(*count);
        }
        *turns += 1;
        *count * 10
    }

    let (mut turns, log) = (0, Log::new());
    assert_eq!(f(&mut turns, &log), 1);
    assert_eq!(f(&mut turns, &log), 1);
    assert_eq!(turns, 2);
    assert_eq!(log.text(), "1 1");
}

// V005
#[test]
fn multi_value_before_defer() {
    #[with_defer]
    fn f(n: &mut i32) -> (i32, f64) {
        defer! { *n *= 2 }
        (3 * *n, 2.5 * f64::from(*n))
    }

    let mut n = 3;
    assert_eq!(f(&mut n), (9, 7.5));
    assert_eq!(n, 6);
}

// V007
#[test]
fn error_text_before_defer() {
    #[with_defer]
    fn f(n: &mut i32) -> Result<(), String> {
        defer! { *n += 5 }
        *n += 2;
        Err(format!("n is {n}"))
    }

    let mut n = 17;
    assert_eq!(f(&mut n), Err("n is 19".to_owned()));
    assert_eq!(n, 24);
}

// V011
#[test]
fn option_fn_runs_defer() {
    #[with_defer]
    fn f(value: Option<i32>, ok: &mut i32) -> Option<i32> {
        defer! { *ok += 1 }
        Some(value? + 1)
    }

    let mut ok = 0;
    assert_eq!(f(Some(1), &mut ok), Some(2));
    assert_eq!(ok, 1);
    assert_eq!(f(None, &mut ok), None);
    assert_eq!(ok, 2);
}

// N003: no return out of a deferred statement; the result has a name instead
#[test]
fn return_overridden_by_finally() {
    #[with_defer(result = 0)]
    fn f(log: &Log) -> i32 {
        defer! {
            log.add("here");
            *result = 3;
        }
        defer! {
            log.add("came");
            *result = 2;
        }
        return 1;
    }

    let log = Log::new();
    assert_eq!(f(&log), 3);
    assert_eq!(log.text(), "came here");
}

// N007
#[test]
fn nested_return_paths() {
    #[with_defer]
    fn from_handler(log: &Log) -> Result<(), &'static str> {
        defer!(log.add("A"));
        let Err(error) = Err::<(), _>("raised") else { return Ok(()) };
        Err(error)
    }

    #[with_defer]
    fn from_the_body(log: &Log) -> i32 {
        defer!(log.add("B"));
        return 2;
    }

    #[with_defer]
    fn nested(log: &Log) -> Option<i32> {
        defer!(log.add("C"));
        let three = || {
            let number: i32 = "3".parse().ok()?;
            Some(number)
        };
        Some(three()? + 1)
    }

    let log = Log::new();
    assert_eq!(from_handler(&log), Err("raised"));
    assert_eq!(from_the_body(&log), 2);
    assert_eq!(nested(&log), Some(4));
    assert_eq!(log.text(), "A B C");
}

// K003: a closure is the scope of a round
#[test]
fn try_catch_in_loop() {
    #[with_defer]
    fn f(last: Result<i32, &'static str>, log: &Log) -> Result<i32, &'static str> {
        for round in 0..3 {
            let turn = || -> Result<Option<i32>, &'static str> {
                defer_on_success!(log.add("try"));
                defer_on_failure!(log.add("catch"));
                defer!(log.add("normal"));
                log.add(round);
                if round == 2 {
                    return last.map(Some);
                }
                Ok(None)
            };
            if let Some(value) = turn()? {
                return Ok(value);
            }
        }
        Ok(0)
    }

    let log = Log::new();
    assert_eq!(f(Err("fault"), &log), Err("fault"));
    assert_eq!(log.text(), "0 normal try 1 normal try 2 normal catch");
    let log = Log::new();
    assert_eq!(f(Ok(5), &log), Ok(5));
    assert_eq!(log.text(), "0 normal try 1 normal try 2 normal try");
}

// K005
#[test]
fn catch_before_plain() {
    #[with_defer]
    fn f(log: &Log) -> Result<(), &'static str> {
        defer_on_failure!(log.add("failure"));
        defer!(log.add("close"));
        Err("the read failed")
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("the read failed"));
    assert_eq!(log.text(), "close failure");
}

// K017: allowed here
#[test]
fn rethrow_in_defer_rejected() {
    fn fails() -> Result<i32, &'static str> {
        Err("from the deferred statement")
    }

    #[with_defer]
    fn f(log: &Log) -> Result<i32, &'static str> {
        defer!(log.add("last"));
        defer! {
            let n = fails()?;
            log.add(n);
        }
        Ok(1)
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("from the deferred statement"));
    assert_eq!(log.text(), "last");
}

// K023
#[test]
fn rethrow_return_one_exit() {
    #[with_defer]
    fn f(log: &Log) -> Result<i32, &'static str> {
        defer!(log.add("deferred"));
        let value = Err("fault")?;
        Ok(value)
    }

    let log = Log::new();
    let panic = caught(|| f(&log).unwrap());
    assert_eq!(panic.message(), Some("called `Result::unwrap()` on an `Err` value: \"fault\""));
    assert_eq!(log.text(), "deferred");
}

// K011
#[test]
fn defer_block_duplicated_once() {
    #[with_defer]
    fn f(n: u32, log: &Log) -> u32 {
        defer!(log.add("1"));
        if n == 0 {
            return 10;
        }
        defer! { log.add("2") }
        if n == 1 {
            return 11;
        }
        match n {
            2 => return 12,
            3 => 13,
            _ => 14,
        }
    }

    let runs = |n| {
        let log = Log::new();
        let result = f(n, &log);
        format!("{result}: {}", log.text())
    };
    assert_eq!([0, 1, 2, 3, 4].map(runs), ["10: 1", "11: 2 1", "12: 2 1", "13: 2 1", "14: 2 1"]);
}

// D005
#[test]
fn failure_only_in_its_scope() {
    #[with_defer]
    fn inner(x: &mut i32) {
        defer! { recover!(); }
        defer_on_failure! { *x += 1 }
        defer_on_failure! { *x += 3 }
        panic!("caught in here");
    }

    #[with_defer]
    fn outer(x: &mut i32) {
        defer_on_failure! { *x = 1000 }
        inner(x);
    }

    let mut x = 0;
    outer(&mut x);
    assert_eq!(x, 4);
}
