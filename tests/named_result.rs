//! `#[with_defer(result = EXPR)]`: the named result.
#![allow(clippy::needless_return, reason = "every way out is written")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/log.rs"]
mod log;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Display;

use caught::caught;
use log::Log;
use with_defer::{defer, defer_on_failure, recover, with_defer};

// Go's classics.

#[test]
fn double() {
    #[with_defer(result = 0)]
    fn double(x: i32) -> i32 {
        defer! { *result += x }
        x
    }

    assert_eq!(double(4), 8);
}

#[test]
fn triple() {
    fn double(x: i32) -> i32 {
        x + x
    }

    #[with_defer(result = 0)]
    fn triple(x: i32) -> i32 {
        defer! { *result += x }
        double(x)
    }

    assert_eq!(triple(4), 12);
}

#[test]
fn wrapped_error() {
    #[with_defer(result = Ok(0))]
    fn number(text: &str) -> Result<i32, String> {
        defer! {
            if let Err(error) = result {
                *error = format!("number {text:?}: {error}");
            }
        }
        text.parse::<i32>().map_err(|error| error.to_string())
    }

    assert_eq!(number("7"), Ok(7));
    assert_eq!(number("x"), Err("number \"x\": invalid digit found in string".to_owned()));
}

#[test]
fn close_error_joined() {
    fn close(fails: bool) -> Result<(), &'static str> {
        if fails { Err("close") } else { Ok(()) }
    }

    #[with_defer(result = Ok(()))]
    fn f(read_fails: bool, close_fails: bool) -> Result<(), String> {
        defer! {
            if let Err(error) = close(close_fails) {
                *result = Err(match result {
                    Ok(()) => error.to_owned(),
                    Err(first) => format!("{first}, then {error}"),
                });
            }
        }
        if read_fails {
            return Err("read".to_owned());
        }
        Ok(())
    }

    assert_eq!(f(false, false), Ok(()));
    assert_eq!(f(true, false), Err("read".to_owned()));
    assert_eq!(f(false, true), Err("close".to_owned()));
    assert_eq!(f(true, true), Err("read, then close".to_owned()));
}

#[test]
fn a_b_c() {
    fn a() -> i32 {
        let mut i = 0;
        increment_late(&mut i);
        i
    }

    #[with_defer]
    fn increment_late(i: &mut i32) {
        let now = *i;
        defer! { *i = now + 1 }
        *i += 10;
    }

    #[with_defer]
    fn b() -> i32 {
        let mut i = 1;
        let seen = Cell::new(0);
        defer! {
            i += 1;
            seen.set(i);
        }
        i
    }

    #[with_defer(i = 0)]
    fn c() -> i32 {
        defer! { *i += 1 }
        return 1;
    }

    assert_eq!((a(), b(), c()), (1, 1, 2));
}

// Patterns.

#[test]
fn tuple_pattern() {
    #[with_defer((n, error) = (0, None))]
    fn read(fails: bool) -> (usize, Option<&'static str>) {
        defer! {
            if error.is_some() {
                *n = 0;
            }
        }
        *n = 3;
        if fails { (*n, Some("short")) } else { (*n, None) }
    }

    assert_eq!(read(false), (3, None));
    assert_eq!(read(true), (0, Some("short")));
}

#[derive(Debug, Default, PartialEq)]
struct Reading {
    count: usize,
    errors: Vec<&'static str>,
    inner: (u8, Option<u8>),
}

#[test]
fn struct_pattern() {
    #[with_defer(Reading { count, errors, .. } = Reading::default())]
    fn read() -> Reading {
        defer! { *count += errors.len() }
        *count = 10;
        errors.push("short");
        return;
    }

    assert_eq!(read(), Reading { count: 11, errors: vec!["short"], inner: (0, None) });
}

#[test]
fn nested_pattern() {
    #[with_defer((Reading { count: total, inner: (_, last), .. }, first, ..) = Default::default())]
    fn read() -> (Reading, u8, u8) {
        defer! {
            *total += 1;
            *last = Some(*first);
        }
        *first = 9;
        *total = 1;
        return;
    }

    assert_eq!(read(), (Reading { count: 2, errors: vec![], inner: (0, Some(9)) }, 9, 0));
}

#[test]
fn tuple_struct_pattern() {
    #[derive(Debug, PartialEq)]
    struct Meters(u32);

    #[with_defer(Meters(meters) = Meters(0))]
    fn distance() -> Meters {
        defer! { *meters *= 2 }
        Meters(21)
    }

    assert_eq!(distance(), Meters(42));
}

#[test]
fn nameless_pattern() {
    #[derive(Debug, PartialEq)]
    struct NoDefault(&'static str);

    #[with_defer(_ = NoDefault("before anything was stored"))]
    fn f(panics: bool) -> NoDefault {
        defer! { recover!(); }
        assert!(!panics);
        NoDefault("stored")
    }

    assert_eq!(f(true), NoDefault("before anything was stored"));
    assert_eq!(f(false), NoDefault("stored"));
}

#[test]
fn default_by_name_alone() {
    #[with_defer(result)]
    fn f(panics: bool) -> Vec<u8> {
        defer! {
            recover!();
            result.push(2);
        }
        assert!(!panics);
        vec![1]
    }

    assert_eq!(f(false), [1, 2]);
    assert_eq!(f(true), [2]);
}

// `EXPR`.

#[test]
fn initial_value_evaluated_once_at_entry() {
    fn initial(log: &Log) -> i32 {
        log.add("initial");
        1
    }

    #[with_defer(result = initial(log))]
    fn f(log: &Log, panics: bool) -> i32 {
        log.add("body");
        defer! {
            if recover!().is_some() {
                log.add("recovered");
            }
        }
        assert!(!panics);
        2
    }

    let log = Log::new();
    assert_eq!(f(&log, false), 2);
    assert_eq!(log.text(), "initial body");
    let log = Log::new();
    assert_eq!(f(&log, true), 1);
    assert_eq!(log.text(), "initial body recovered");
}

#[test]
fn initial_value_uses_the_arguments() {
    #[with_defer(result = names.len() + extra)]
    fn f(names: &[&str], extra: usize) -> usize {
        defer! { *result *= 2 }
        return;
    }

    #[with_defer(longest = a.clone())]
    fn longest(a: String, b: String) -> String {
        defer! { longest.push('!') }
        if b.len() > longest.len() { b } else { a }
    }

    assert_eq!(f(&["a", "b"], 3), 10);
    assert_eq!(longest("aa".to_owned(), "b".to_owned()), "aa!");
}

#[test]
fn initial_value_that_panics_registers_nothing() {
    #[with_defer(result = numbers[5])]
    fn f(numbers: &[i32], log: &Log) -> i32 {
        defer! {
            recover!();
            *result += 1;
            log.add("deferred");
        }
        0
    }

    let log = Log::new();
    assert!(caught(|| f(&[], &log)).to_string().contains("index out of bounds"));
    assert_eq!(log.text(), "");
    assert_eq!(f(&[0; 6], &log), 1);
    assert_eq!(log.text(), "deferred");
}

// The body and the slot.

#[test]
fn body_reads_and_assigns() {
    #[with_defer(total = 100)]
    fn f(numbers: &[i32]) -> i32 {
        defer! { *total += 1 }
        for number in numbers {
            *total += number;
        }
        let doubled = *total * 2;
        defer! { *total += doubled }
        *total += 1000;
        if numbers.is_empty() {
            return;
        }
        *total
    }

    assert_eq!(f(&[]), 100 + 1000 + 200 + 1);
    assert_eq!(f(&[1, 2]), 103 + 1000 + 206 + 1);
}

#[test]
fn bare_return_in_the_middle() {
    #[with_defer(result = String::from("start"))]
    fn f(stop: u8) -> String {
        if stop == 0 {
            return;
        }
        defer! { result.push_str(" deferred") }
        result.push_str(" one");
        if stop == 1 {
            return;
        }
        match stop {
            2 => {
                *result = "two".to_owned();
                return;
            }
            _ => return,
        }
    }

    assert_eq!(f(0), "start");
    assert_eq!(f(1), "start one deferred");
    assert_eq!(f(2), "two deferred");
    assert_eq!(f(3), "start one deferred");
}

#[test]
fn bare_return_of_a_closure_is_its_own() {
    #[with_defer(result = 1)]
    fn f() -> i32 {
        defer! { *result += 1 }
        let mut calls = 0;
        let mut count = |stop: bool| {
            calls += 1;
            if stop {
                return;
            }
            calls += 10;
        };
        count(true);
        count(false);
        calls
    }

    assert_eq!(f(), 13);
}

#[test]
fn question_mark_stores_first() {
    #[with_defer(result = Ok(0))]
    fn f(text: &str, seen: &Log) -> Result<i32, std::num::ParseIntError> {
        defer! { seen.add(format!("{result:?}")) }
        let n: i32 = text.parse()?;
        Ok(n * 2)
    }

    let seen = Log::new();
    assert_eq!(f("4", &seen), Ok(8));
    assert!(f("", &seen).is_err());
    assert_eq!(seen.text(), "Ok(8) Err(ParseIntError { kind: Empty })");
}

#[test]
fn macro_that_returns_stores_first() {
    macro_rules! bail {
        ($($text:tt)*) => { return Err(format!($($text)*)) };
    }

    #[with_defer(result = Ok(()))]
    fn f(n: u8) -> Result<(), String> {
        defer! {
            if let Err(text) = result {
                text.push('!');
            }
        }
        if n > 3 {
            bail!("{n} is too much");
        }
        Ok(())
    }

    assert_eq!(f(3), Ok(()));
    assert_eq!(f(4), Err("4 is too much!".to_owned()));
}

#[test]
fn shadowed_in_the_body() {
    #[with_defer(result = 1)]
    fn f() -> i32 {
        defer! { *result += 10 }
        *result += 1;
        let result = *result * 100;
        result + 5
    }

    assert_eq!(f(), 215);
}

// Go calls this an error.
#[test]
fn bare_return_where_the_name_is_shadowed() {
    #[with_defer(result = 1)]
    fn f(early: bool) -> i32 {
        defer! { *result += 10 }
        *result += 1;
        let result = 100;
        if early {
            return;
        }
        result
    }

    assert_eq!(f(true), 12);
    assert_eq!(f(false), 110);
}

#[test]
fn named_like_glue() {
    #[with_defer(slot = 0)]
    fn slot(out: i32) -> i32 {
        let recover = 1;
        let exit = 2;
        defer! {
            recover!();
            *slot += out + exit + recover;
        }
        1000
    }

    #[with_defer(exit = 0)]
    fn exit(attempt: i32) -> i32 {
        let ty = 1;
        defer! { *exit += attempt + ty }
        1000
    }

    assert_eq!(slot(30), 1033);
    assert_eq!(exit(30), 1031);
}

#[test]
fn a_raw_name() {
    #[with_defer(r#type = 1)]
    fn f() -> i32 {
        defer! { *r#type += 1 }
        return;
    }

    assert_eq!(f(), 2);
}

#[test]
fn in_the_text_of_a_format_string() {
    #[with_defer(result = 0)]
    fn f(seen: &Log) -> i32 {
        defer! { seen.add(format!("{result}")) }
        *result = 5;
        seen.add(format!("{result}"));
        return 7;
    }

    let seen = Log::new();
    assert_eq!(f(&seen), 7);
    assert_eq!(seen.text(), "5 7");
}

#[test]
fn in_a_deferred_statement_of_deferred_code() {
    #[with_defer(result = 0)]
    fn f() -> i32 {
        defer! {
            defer! { *result *= 10 }
            *result += 1;
        }
        4
    }

    assert_eq!(f(), 50);
}

// In call form a value is taken now, and an address stays live.
#[test]
fn in_call_form() {
    fn bump(n: &mut i32, by: i32) {
        *n += by;
    }

    #[with_defer(result = 1)]
    fn number() -> i32 {
        defer!(bump(&mut *result, 1000));
        defer!(bump(&mut *result, *result));
        *result = 50;
        return 100;
    }

    #[with_defer(list = vec![0])]
    fn list() -> Vec<usize> {
        defer!(list.push(list.len()));
        list.push(0);
        return;
    }

    assert_eq!(number(), 1101);
    assert_eq!(list(), [0, 0, 1]);
}

// Types.

#[test]
fn impl_trait() {
    #[with_defer(numbers = 0..1)]
    fn whole(panics: bool) -> impl Iterator<Item = u32> + Clone {
        defer! {
            recover!();
            numbers.next();
        }
        assert!(!panics);
        0..4
    }

    #[with_defer(result = Ok(String::new()))]
    fn part(fails: bool) -> Result<impl Display, String> {
        defer! {
            if let Ok(text) = result {
                text.push_str("changed");
            }
        }
        if fails {
            return Err("failed".to_owned());
        }
        Ok(String::new())
    }

    #[with_defer((_, count) = (i32::abs, 0))]
    fn beside() -> (impl Fn(i32) -> i32, i32) {
        defer! { *count += 1 }
        (i32::abs, 1)
    }

    assert_eq!(whole(false).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(whole(true).count(), 0);
    assert_eq!(part(false).map(|text| text.to_string()), Ok("changed".to_owned()));
    assert_eq!(part(true).err(), Some("failed".to_owned()));
    let (abs, count) = beside();
    assert_eq!((abs(-3), count), (3, 2));
}

#[test]
fn references_and_lifetimes() {
    #[with_defer(word = "")]
    fn elided(text: &str) -> &str {
        defer! {
            if word.is_empty() {
                *word = "none";
            }
        }
        text.split(' ').next().unwrap_or_default()
    }

    #[with_defer(result = Some(a))]
    fn named<'a, 'b>(a: &'a str, b: &'b str) -> Option<&'a str> {
        defer! {
            if b == "drop" {
                *result = None;
            }
        }
        return;
    }

    #[with_defer(cell = a)]
    fn exclusive<'a>(a: &'a mut i32, b: &'a mut i32, second: bool) -> &'a mut i32 {
        defer! { **cell += 1 }
        if second {
            *cell = b;
        }
        return;
    }

    #[with_defer(text = Cow::Borrowed(source))]
    fn cow<'a>(source: &'a str, loud: bool) -> Cow<'a, str> {
        defer! {
            if loud {
                text.to_mut().push('!');
            }
        }
        return;
    }

    assert_eq!(elided("two words"), "two");
    assert_eq!(elided(""), "none");
    assert_eq!(named("kept", "keep"), Some("kept"));
    assert_eq!(named("kept", "drop"), None);
    let (mut a, mut b) = (10, 20);
    *exclusive(&mut a, &mut b, false) += 100;
    *exclusive(&mut a, &mut b, true) += 200;
    assert_eq!((a, b), (111, 221));
    assert!(matches!(cow("quiet", false), Cow::Borrowed("quiet")));
    assert_eq!(cow("loud", true), "loud!");
}

#[test]
fn without_clone_or_default() {
    #[derive(Debug, PartialEq)]
    struct Handle(Box<str>);

    #[with_defer(handle = Handle("none".into()))]
    fn f(panics: bool) -> Handle {
        defer! {
            if recover!().is_some() {
                *handle = Handle(format!("{} left", handle.0).into());
            }
        }
        assert!(!panics);
        Handle("opened".into())
    }

    #[with_defer(callback = Box::new(|n| n))]
    fn boxed(add: i32) -> Box<dyn Fn(i32) -> i32> {
        defer! {
            let inner = std::mem::replace(callback, Box::new(|n| n));
            *callback = Box::new(move |n| inner(n) * 2);
        }
        if add == 0 {
            return;
        }
        Box::new(move |n| n + add)
    }

    assert_eq!(f(false), Handle("opened".into()));
    assert_eq!(f(true), Handle("none left".into()));
    assert_eq!(boxed(1)(10), 22);
    assert_eq!(boxed(0)(10), 20);
}

#[test]
fn unit() {
    #[with_defer(nothing = ())]
    fn f(log: &Log, early: bool) {
        defer! {
            let () = *nothing;
            log.add("deferred");
        }
        if early {
            return;
        }
        log.add("body");
    }

    let log = Log::new();
    f(&log, true);
    f(&log, false);
    assert_eq!(log.text(), "deferred body deferred");
}

#[test]
fn generic() {
    trait Zero {
        const ZERO: Self;
    }
    impl Zero for u8 {
        const ZERO: Self = 0;
    }

    #[with_defer((value, rest) = (T::ZERO, [T::ZERO; N]))]
    fn f<T, const N: usize>(new: T) -> (T, [T; N])
    where
        T: Zero + Copy,
    {
        defer! {
            if let Some(last) = rest.last_mut() {
                *last = *value;
            }
        }
        *value = new;
        return;
    }

    assert_eq!(f::<u8, 3>(4), (4, [0, 0, 4]));
}

#[test]
fn in_methods() {
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Counter {
        count: u32,
    }

    impl Counter {
        #[with_defer(new = Self::default())]
        fn new(start: u32) -> Self {
            defer! { new.count += 1 }
            Self { count: start }
        }

        #[with_defer(before = self.count)]
        fn advance(&mut self) -> u32 {
            defer! { self.count += *before }
            self.count += 1;
            return;
        }

        #[with_defer(this = self.clone())]
        fn into_even(self) -> Self {
            defer! { this.count *= 2 }
            self
        }
    }

    let mut counter = Counter::new(4);
    assert_eq!(counter.advance(), 5);
    assert_eq!(counter.count, 11);
    assert_eq!(counter.into_even(), Counter { count: 22 });
}

#[test]
fn in_trait_methods() {
    trait Name {
        #[with_defer(name = String::from("?"))]
        fn name(&self) -> String {
            defer! { name.push('.') }
            return;
        }
    }

    struct Default;
    struct Own;
    impl Name for Default {}
    impl Name for Own {
        #[with_defer(name)]
        fn name(&self) -> String {
            defer! { name.insert(0, '-') }
            "own".to_owned()
        }
    }

    assert_eq!(Default.name(), "?.");
    assert_eq!(Own.name(), "-own");
}

#[test]
fn sixty_four_kibibytes() {
    #[expect(clippy::large_stack_arrays, reason = "results go over the stack")]
    #[with_defer(block = [fill; 65_536])]
    fn f(fill: u8, panics: bool) -> [u8; 65_536] {
        defer! { block[0] = 2 }
        defer! {
            if recover!().is_some() {
                block[1] = 3;
            }
        }
        block[65_535] = 4;
        assert!(!panics);
        [9; 65_536]
    }

    let returned = f(1, false);
    assert_eq!((returned[0], returned[1], returned[65_535]), (2, 9, 9));
    let recovered = f(1, true);
    assert_eq!((recovered[0], recovered[1], recovered[2], recovered[65_535]), (2, 3, 1, 4));
}

// What survives a panic.

#[test]
fn stored_value_survives_a_panic_in_deferred_code() {
    #[with_defer(result = 0)]
    fn recovered() -> i32 {
        defer! {
            recover!();
            *result += 1;
        }
        defer! { panic!("deferred") }
        10
    }

    #[with_defer]
    fn without_a_name() -> i32 {
        defer! { recover!(); }
        let five = 5;
        defer! { panic!("deferred") }
        five * 2
    }

    #[with_defer(result = 0)]
    fn change_before_the_panic() -> i32 {
        defer! { recover!(); }
        defer! {
            *result += 5;
            panic!("deferred");
        }
        10
    }

    assert_eq!(recovered(), 11);
    assert_eq!(without_a_name(), 10);
    assert_eq!(change_before_the_panic(), 15);
}

#[test]
fn panic_while_the_result_is_computed_leaves_the_slot() {
    #[with_defer(result = 1)]
    fn f(numbers: &[i32]) -> i32 {
        defer! { recover!(); }
        *result = 2;
        if let [first] = numbers {
            return *first + numbers[1];
        }
        numbers[2]
    }

    assert_eq!(f(&[]), 2);
    assert_eq!(f(&[1]), 2);
    assert_eq!(f(&[1, 2, 3]), 3);
}

#[test]
fn failure_is_judged_by_the_slot() {
    #[with_defer(result = Ok(1))]
    fn f(log: &Log) -> Result<i32, &'static str> {
        defer_on_failure!(log.add("third"));
        defer! { *result = Err("deferred") }
        defer_on_failure!(log.add("first"));
        *result = Err("overwritten");
        Ok(2)
    }

    let log = Log::new();
    assert_eq!(f(&log), Err("deferred"));
    assert_eq!(log.text(), "third");
}

#[test]
fn dropped_once() {
    struct Counted<'a>(&'a Cell<u32>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[with_defer(result = Counted(drops))]
    fn f<'a>(drops: &'a Cell<u32>, seen: &Log) -> Counted<'a> {
        defer! {
            seen.add(result.0.get());
            *result = Counted(drops);
        }
        Counted(drops)
    }

    #[with_defer(result = Counted(drops))]
    fn panics<'a>(drops: &'a Cell<u32>) -> Counted<'a> {
        defer! { *result = Counted(drops) }
        panic!("the slot is dropped");
    }

    let (drops, seen) = (Cell::new(0), Log::new());
    let result = f(&drops, &seen);
    assert_eq!(seen.text(), "1");
    assert_eq!(drops.get(), 2);
    drop(result);
    assert_eq!(drops.get(), 3);
    assert_eq!(caught(|| drop(panics(&drops))).message(), Some("the slot is dropped"));
    assert_eq!(drops.get(), 5);
}

mod hidden {
    use super::*;

    #[test]
    fn by_a_variable_of_the_body() {
        #[with_defer(n = 0)]
        fn f(counter: &mut i32) -> i32 {
            defer! { *n += 1 }
            let n = counter;
            defer! { *n += 10 }
            *n += 100;
            *n
        }

        let mut counter = 1000;
        assert_eq!(f(&mut counter), 1101);
        assert_eq!(counter, 1110);
    }

    #[test]
    fn by_the_variable_of_a_loop() {
        #[with_defer(n = 0)]
        fn f(log: &Log) -> i32 {
            for n in 0..2 {
                defer!(log.add(n));
                defer! { log.add(10 * n) }
            }
            defer!(log.add(*n));
            *n += 5;
            return;
        }

        let log = Log::new();
        assert_eq!(f(&log), 5);
        assert_eq!(log.text(), "0 10 1 0 0");
    }

    #[test]
    fn by_a_pattern() {
        #[with_defer(err = Ok(0))]
        fn f(given: Result<i32, &str>, log: &Log) -> Result<i32, String> {
            if let Err(err) = given {
                defer! { log.add(err) }
            }
            match given {
                Ok(err) => {
                    defer! { log.add(err) }
                }
                Err(err) => log.add(err.len()),
            }
            defer! {
                if let Err(err) = err {
                    err.push('!');
                }
            }
            if let Err(err) = given {
                defer! { log.add(err.to_uppercase()) }
                Err(err.to_owned())
            } else {
                defer! { *err = Ok(7) }
                Ok(1)
            }
        }

        let log = Log::new();
        assert_eq!(f(Ok(4), &log), Ok(7));
        assert_eq!(f(Err("bad"), &log), Err("bad!".to_owned()));
        assert_eq!(log.text(), "4 3 BAD bad");
    }

    #[test]
    fn in_a_part_of_a_pattern() {
        #[with_defer((n, err) = (0, None))]
        fn f(given: Result<i32, &str>, log: &Log) -> (i32, Option<String>) {
            if let Err(err) = given {
                defer! {
                    *n += 100;
                    log.add(err);
                    log.add(recover!().is_some());
                }
            }
            defer! { *err = Some("deferred".to_owned()) }
            match given {
                Ok(n) => (n, None),
                Err(err) => panic!("{err}"),
            }
        }

        let log = Log::new();
        assert_eq!(f(Ok(5), &log), (5, Some("deferred".to_owned())));
        assert_eq!(log.text(), "");
        assert_eq!(f(Err("bad"), &log), (100, Some("deferred".to_owned())));
        assert_eq!(log.text(), "bad true");
    }

    #[test]
    fn by_the_parameter_of_a_closure() {
        #[with_defer(n = 1)]
        fn f(log: &Log) -> i32 {
            let each = |n: i32| {
                defer! { log.add(n) }
                n + 1
            };
            *n += each(4);
            return;
        }

        let log = Log::new();
        assert_eq!(f(&log), 6);
        assert_eq!(log.text(), "4");
    }

    #[test]
    fn around_a_scope() {
        #[with_defer(n = 1)]
        fn f(early: bool, log: &Log) -> i32 {
            defer! { *n += 1 }
            #[defer_scope]
            for n in 0..3 {
                defer! { log.add(n) }
                if early && n == 1 {
                    return;
                }
            }
            100
        }

        let log = Log::new();
        assert_eq!(f(true, &log), 2);
        assert_eq!(f(false, &log), 101);
        assert_eq!(log.text(), "0 1 0 1 2");
    }
}
