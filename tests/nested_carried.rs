//! Behind a statement that names a variable of an inner block, variables from outside may be moved away and assigned anew.
#![allow(clippy::assign_op_pattern, clippy::string_add_assign, reason = "that is the point")]

mod common;

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use common::Log;
use with_defer::{defer, with_defer};

#[derive(Debug, PartialEq)]
struct Builder(Vec<u8>);

impl Builder {
    fn add(mut self, n: u8) -> Self {
        self.0.push(n);
        self
    }
}

#[test]
fn assigned_from_itself() {
    #[with_defer]
    fn f(log: &Log, names: &[&str]) -> String {
        let mut text = String::new();
        for name in names {
            let name = name.to_string();
            defer! {
                log.add(&name);
            }
            if name == "skip" {
                continue;
            }
            text = text + &name;
            if name == "stop" {
                break;
            }
            if name == "return" {
                return text;
            }
        }
        text = text + "!";
        text
    }
    let log = Log::default();
    assert_eq!(f(&log, &["a", "skip", "b"]), "ab!");
    assert_eq!(f(&log, &["c", "stop", "d"]), "cstop!");
    assert_eq!(f(&log, &["e", "return", "f"]), "ereturn");
    assert_eq!(log.text(), "b skip a stop c return e");
}

#[test]
fn builder_and_question_mark() {
    #[with_defer]
    fn f(log: &Log, mut builder: Builder, end: u8) -> Result<Builder, String> {
        for n in 0..end {
            let cell = Cell::new(n);
            defer! {
                log.add(cell.get());
            }
            if n == 3 {
                Err("three")?;
            }
            builder = builder.add(n);
            cell.set(n * 10);
        }
        Ok(builder)
    }
    let log = Log::default();
    assert_eq!(f(&log, Builder(vec![7]), 2), Ok(Builder(vec![7, 0, 1])));
    assert_eq!(f(&log, Builder(vec![]), 5), Err("three".to_owned()));
    assert_eq!(log.text(), "10 0 3 20 10 0");
}

#[test]
fn taken_apart_and_put_together() {
    #[with_defer]
    fn merge(log: &Log, a: &[u8], b: &[u8]) -> Vec<String> {
        let mut a = a.iter().map(u8::to_string);
        let mut b = b.iter().map(u8::to_string);
        let mut left = a.next();
        let mut right = b.next();
        let mut merged = Vec::new();
        loop {
            let from = Cell::new("end");
            defer! {
                log.add(from.get());
            }
            match (left, right) {
                (Some(l), Some(r)) if l <= r => {
                    merged.push(l);
                    left = a.next();
                    right = Some(r);
                    from.set("left");
                }
                (l, Some(r)) => {
                    merged.push(r);
                    right = b.next();
                    left = l;
                    from.set("right");
                }
                (Some(l), None) => {
                    merged.push(l);
                    left = a.next();
                    right = None;
                    from.set("rest");
                }
                (None, None) => return merged,
            }
        }
    }
    let log = Log::default();
    assert_eq!(merge(&log, &[1, 3, 6], &[2, 4]), ["1", "2", "3", "4", "6"]);
    assert_eq!(log.text(), "end rest right left right left");
}

#[test]
fn reference_that_is_moved_along() {
    #[with_defer]
    fn fill(log: &Log, mut buf: &mut [u8]) -> usize {
        let mut turns = 0;
        while !buf.is_empty() {
            turns += 1;
            let at = turns * 2;
            defer! {
                log.add(at);
            }
            let (first, rest) = buf.split_at_mut(1);
            first[0] = at;
            buf = rest;
        }
        buf.len()
    }
    let log = Log::default();
    let mut buf = [0; 3];
    assert_eq!(fill(&log, &mut buf), 0);
    assert_eq!(buf, [2, 4, 6]);
    assert_eq!(log.text(), "6 4 2");
}

#[test]
fn out_of_two_blocks() {
    #[with_defer]
    fn f(log: &Log, limit: usize) -> (String, u32) {
        let mut text = String::from("-");
        let mut count = 0;
        'outer: loop {
            let outer = text.len();
            defer!(log.add(outer));
            text = text + "o";
            loop {
                let inner = text.len();
                defer!(log.add(format!("i{inner}")));
                count = count + 1;
                if text.len() >= limit {
                    break 'outer;
                }
                text = text + "i";
                if text.len() % 3 == 0 {
                    continue 'outer;
                }
            }
        }
        (text, count)
    }
    let log = Log::default();
    assert_eq!(f(&log, 5), ("-oioi".to_owned(), 3));
    assert_eq!(log.text(), "i5 i4 3 i2 1");
}

#[test]
fn a_panic_in_the_rest_drops_it_once() {
    struct Counted<'a>(&'a Cell<u32>);
    impl Counted<'_> {
        fn again(self) -> Self {
            Counted(self.0)
        }
    }
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    #[with_defer]
    fn f(log: &Log, drops: &Cell<u32>, panics: bool) {
        let mut counted = Counted(drops);
        for turn in 0..2 {
            let name = turn;
            defer!(log.add(name));
            counted = counted.again();
            assert!(!panics || turn == 0, "second turn");
        }
        drop(counted);
    }
    let log = Log::default();
    let drops = Cell::new(0);
    f(&log, &drops, false);
    assert_eq!(drops.get(), 3);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&log, &drops, true)));
    assert!(panicked.is_err());
    assert_eq!(drops.get(), 6);
    assert_eq!(log.text(), "1 0 1 0");
}

/// Deferred code sees the variable itself, so it stays where it is.
#[test]
fn what_deferred_code_names_is_not_carried() {
    #[with_defer]
    fn f(log: &Log) -> u32 {
        let mut sum = 1;
        defer!(log.add(format!("at the end {}", { sum })));
        defer! {
            log.add(sum);
        }
        for n in 0..3 {
            let seen = n;
            defer! {
                log.add(seen + sum);
            }
            sum = sum + n;
        }
        sum
    }
    let log = Log::default();
    assert_eq!(f(&log), 4);
    assert_eq!(log.text(), "6 5 4 4 at the end 1");
}

#[test]
fn in_async_code() {
    #[with_defer]
    async fn f(log: &Log, names: &[&str]) -> String {
        let mut text = String::new();
        for name in names {
            let name = name.to_string();
            defer! {
                std::future::ready(()).await;
                log.add(&name);
            }
            text = text + &name;
            std::future::ready(()).await;
            if name == "b" {
                let last = format!("last{}", text.len());
                defer!(log.add(&last));
                text = text + "+";
            }
        }
        text
    }
    let log = Log::default();
    let future = pin!(f(&log, &["a", "b"]));
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready("ab+".to_owned()));
    assert_eq!(log.text(), "last2 b a");
}
