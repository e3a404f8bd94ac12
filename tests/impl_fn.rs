//! `-> impl Fn(…)` with parameters by value.

#[path = "support/log.rs"]
mod log;

use std::borrow::Cow;

use log::Log;
use with_defer::{defer, with_defer};

#[test]
fn of_a_number() {
    #[with_defer]
    fn add(n: i32, log: &Log) -> impl Fn(i32) -> i32 + use<> {
        defer!(log.add("deferred"));
        move |m| m + n
    }

    let log = Log::new();
    assert_eq!(add(2, &log)(3), 5);
    assert_eq!(log.text(), "deferred");
}

#[test]
fn of_nothing() {
    #[with_defer]
    fn constant(n: i32) -> impl Fn() -> i32 {
        defer! {}
        move || n
    }

    assert_eq!(constant(2)(), 2);
}

#[test]
fn of_several() {
    #[with_defer]
    fn join(log: &Log) -> impl Fn(&str, String, Option<&str>, u8) -> String + use<> {
        defer!(log.add("deferred"));
        |a, b, c, d| format!("{a}{b}{}{d}", c.unwrap_or("-"))
    }

    let log = Log::new();
    assert_eq!(join(&log)("a", "b".to_owned(), None, 1), "ab-1");
    assert_eq!(log.text(), "deferred");
}

#[test]
fn of_the_impl_s_own_types() {
    struct Pair<T>(T, T);

    impl<T: Copy + Into<u64>> Pair<T> {
        #[with_defer]
        fn sum() -> impl Fn(Self, T) -> u64 + use<T> {
            defer! {}
            |pair, more| pair.0.into() + pair.1.into() + more.into()
        }

        #[with_defer]
        fn count(log: &Log) -> impl FnMut(Vec<Self>) -> usize + use<T> {
            defer!(log.add("count"));
            let mut total = 0;
            move |pairs| {
                total += pairs.len();
                total
            }
        }
    }

    let log = Log::new();
    assert_eq!(Pair::sum()(Pair(1_u8, 2), 3), 6);
    let mut count = Pair::<u8>::count(&log);
    count(vec![Pair(1, 2)]);
    assert_eq!(count(vec![Pair(1, 2), Pair(3, 4)]), 3);
    assert_eq!(log.text(), "count");
}

#[test]
fn of_a_slice_and_a_trait_object() {
    #[expect(clippy::type_complexity, reason = "every kind of parameter")]
    #[with_defer]
    fn total(log: &Log) -> impl Fn(&[u8], &dyn Fn(u8) -> u8, Box<dyn Fn() -> u8>) -> u8 + use<> {
        defer!(log.add("deferred"));
        |bytes, change, more| bytes.iter().map(|&byte| change(byte)).sum::<u8>() + more()
    }

    let log = Log::new();
    assert_eq!(total(&log)(&[1, 2], &|n| n * 10, Box::new(|| 5)), 35);
    assert_eq!(log.text(), "deferred");
}

#[test]
fn of_the_function_s_own_lifetimes() {
    #[with_defer]
    fn get<'a, T>(list: &'a [T], log: &Log) -> impl Fn(usize) -> Option<&'a T> + use<'a, T> {
        defer!(log.add("get"));
        |at| list.get(at)
    }

    #[with_defer]
    fn cut<'a>(
        text: &'a str,
        log: &Log,
    ) -> impl Fn(&str, &'a str, Cow<'_, str>) -> (&'a str, usize) + use<'a> {
        defer!(log.add("cut"));
        |start, default, end| match text.strip_prefix(start) {
            Some(rest) => (rest, end.len()),
            None => (default, 0),
        }
    }

    struct Line<'t>(&'t str);

    impl<'t> Line<'t> {
        #[with_defer]
        fn first(&self, log: &Log) -> impl Fn(char) -> Option<&'t str> + use<'t> {
            defer!(log.add("first"));
            let text = self.0;
            move |end| text.split(end).next()
        }
    }

    let log = Log::new();
    assert_eq!(get(&[1, 2], &log)(1), Some(&2));
    assert_eq!(cut("abc", &log)("a", "none", "end".into()), ("bc", 3));
    assert_eq!(cut("abc", &log)("b", "none", "end".into()), ("none", 0));
    assert_eq!(Line("a,b").first(&log)(','), Some("a"));
    assert_eq!(log.text(), "get cut cut first");
}

#[test]
fn of_arrays_of_any_length() {
    #[with_defer]
    fn repeat<const N: usize>(log: &Log) -> impl Fn(u8) -> [u8; N] + use<N> {
        defer!(log.add("repeat"));
        |byte| [byte; N]
    }

    #[with_defer]
    fn all<'a, const N: usize>(
        texts: [&'a str; N],
        log: &Log,
    ) -> impl Fn(&[u8; N]) -> [&'a str; N] + use<'a, N> {
        defer!(log.add("all"));
        move |_| texts
    }

    let log = Log::new();
    assert_eq!(repeat::<3>(&log)(7), [7, 7, 7]);
    assert_eq!(all(["a", "b"], &log)(&[1, 2]), ["a", "b"]);
    assert_eq!(log.text(), "repeat all");
}
