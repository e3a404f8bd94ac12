//! Go: deferred statements in loops, branches and inner blocks belong to the function.

mod common;

use std::cell::Cell;
use std::error::Error;
use std::fmt::Display;

use common::{Log, panic_message};
use with_defer::{defer, recover, with_defer};

// G001
#[test]
fn loop_lifo_10() {
    #[with_defer]
    fn f(text: &mut String) {
        for i in 0..10 {
            defer!(text.push_str(&i.to_string()));
        }
    }
    let mut text = String::new();
    f(&mut text);
    assert_eq!(text, "9876543210");
}

// G003
#[test]
fn loop_float_snapshots() {
    #[with_defer]
    fn f(log: &Log) {
        let mut v = 0.0;
        for _ in 0..3 {
            v += 0.1;
            defer!(log.add(v));
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "0.30000000000000004 0.2 0.1");
}

// G003: the block form sees the last value three times
#[test]
fn loop_float_live() {
    #[with_defer]
    fn f(log: &Log) {
        let mut v = 0.0;
        for _ in 0..3 {
            v += 0.1;
            defer! {
                log.add(v);
            }
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "0.30000000000000004 0.30000000000000004 0.30000000000000004");
}

// G045
#[test]
fn conditional_4_2_1() {
    #[with_defer]
    fn f(log: &mut Vec<i32>, n: i32, panics: bool) {
        defer! {
            recover!();
        }
        defer!(log.push(1));
        if n > 5 {
            defer!(log.push(2));
            if n > 8 {
                defer!(log.push(3));
            } else {
                defer!(log.push(4));
            }
        }
        assert!(!panics, "at the end");
    }
    for panics in [true, false] {
        let run = |n| {
            let mut log = vec![];
            f(&mut log, n, panics);
            log
        };
        assert_eq!([run(8), run(3), run(6), run(9)], [vec![4, 2, 1], vec![1], vec![4, 2, 1], vec![3, 2, 1]]);
    }
}

// G049
#[test]
fn interleave_stack_and_top() {
    #[with_defer]
    fn f(log: &Log, condition: bool) {
        defer!(log.add("d1"));
        for i in 0..2 {
            defer!(log.add(format!("loop{i}")));
        }
        defer!(log.add("d2"));
        if condition {
            defer!(log.add("if"));
        }
        defer!(log.add("d3"));
    }
    let log = Log::default();
    f(&log, true);
    assert_eq!(log.text(), "d3 if d2 loop1 loop0 d1");
    let log = Log::default();
    f(&log, false);
    assert_eq!(log.text(), "d3 d2 loop1 loop0 d1");
}

// G051
#[test]
fn function_scoped_block() {
    #[with_defer]
    fn f(log: &Log) {
        {
            let inner = String::from("inner");
            defer!(log.add(&inner));
            log.add("in block");
        }
        log.add("after block");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "in block after block inner");
}

// G053
#[test]
fn switch_arms() {
    #[with_defer]
    fn f(log: &Log) {
        for i in 0..3 {
            match i {
                0 => {
                    defer!(log.add("zero"));
                }
                1 => {
                    defer!(log.add("one"));
                    defer!(log.add("def1"));
                }
                n => {
                    defer!(log.add(format!("def{n}")));
                }
            }
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "def2 def1 one zero");
}

// G055
#[test]
fn for_per_iteration_var() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        for i in 0..3 {
            defer! {
                log.push(i);
            }
        }
    }
    #[with_defer]
    fn one_variable_for_all(log: &mut Vec<i32>) {
        let mut i = 0;
        while i < 3 {
            defer! {
                log.push(i);
            }
            i += 1;
        }
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [2, 1, 0]);
    log.clear();
    one_variable_for_all(&mut log);
    assert_eq!(log, [3, 3, 3]);
}

// G057
#[test]
fn range_func_order_1() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(-1));
        for x in [1, 2, 3, 4].iter().copied() {
            defer!(log.push(x));
        }
        defer!(log.push(5));
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [5, 4, 3, 2, 1, -1]);
}

// G059
#[test]
fn range_func_counter() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        let mut counter = 0;
        for _ in 0..2 {
            for _ in 0..3 {
                counter += 1;
                defer!(log.push(counter));
            }
        }
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [6, 5, 4, 3, 2, 1]);
}

// G061
#[test]
fn range_continue() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(9));
        for x in 1..5 {
            if x % 2 == 0 {
                continue;
            }
            defer!(log.push(x));
        }
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [3, 1, 9]);
}

// G063
#[test]
fn range_unnamed_result() {
    #[with_defer]
    fn f(log: &mut Vec<i32>, early: bool, stop: i32) -> i32 {
        if early {
            return 10;
        }
        for i in 1..5 {
            defer!(log.push(i));
            if i == stop {
                return 10 + i;
            }
        }
        20
    }
    let mut log = vec![];
    assert_eq!((f(&mut log, true, 0), log), (10, vec![]));
    let mut log = vec![];
    assert_eq!((f(&mut log, false, 2), log), (12, vec![2, 1]));
    let mut log = vec![];
    assert_eq!((f(&mut log, false, 9), log), (20, vec![4, 3, 2, 1]));
}

// G065
#[test]
fn range_labelled_continue() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(9));
        'outer: for round in 0..2 {
            for value in 1..4 {
                if value == 2 {
                    continue 'outer;
                }
                defer!(log.push(round * 10 + value));
            }
        }
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [11, 1, 9]);
}

// G067
#[test]
fn range_nested_return() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) -> i32 {
        defer!(log.push(99));
        for round in 0..2 {
            for value in 1..4 {
                if round == 0 && value > 1 {
                    break;
                }
                let n = round * 10 + value;
                defer!(log.push(n));
                if n == 12 {
                    return n;
                }
            }
        }
        0
    }
    let mut log = vec![];
    assert_eq!(f(&mut log), 12);
    assert_eq!(log, [12, 11, 1, 99]);
}

// G069
#[test]
fn range_nested_panic() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(99));
        for round in 0..2 {
            for value in 1..4 {
                if round == 0 && value > 1 {
                    continue;
                }
                let n = round * 10 + value;
                defer!(log.push(n));
                assert!(n != 12, "nested boom");
            }
        }
    }
    let mut log = vec![];
    assert_eq!(panic_message(|| f(&mut log)), "nested boom");
    assert_eq!(log, [12, 11, 1, 99]);
}

// G073: a clone is returned; rustc does not let the list itself be returned while deferred code waits to change it
#[test]
fn range_append_unnamed_result() {
    #[with_defer]
    fn f(log: &Log) -> (Vec<i32>, Vec<i32>) {
        let mut list = vec![-1];
        defer! {
            log.add(format!("{list:?}"));
        }
        for n in 1..3 {
            list.push(n);
            defer!(list.push(n * 100));
        }
        (list.clone(), list.clone())
    }
    let log = Log::default();
    assert_eq!(f(&log), (vec![-1, 1, 2], vec![-1, 1, 2]));
    assert_eq!(log.text(), "[-1, 1, 2, 200, 100]");
}

// G071
#[test]
fn range_stop_output() {
    struct Broken(i32);
    impl Iterator for Broken {
        type Item = i32;
        fn next(&mut self) -> Option<i32> {
            self.0 += 1;
            assert!(self.0 < 3, "iterator");
            Some(self.0)
        }
    }
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("F first"));
        for n in Broken(1) {
            defer! {
                log.add(format_args!("F recovers {}", recover!().unwrap()));
            }
            log.add(n);
        }
        log.add("not reached");
    }
    #[with_defer]
    fn g(log: &Log) {
        defer!(log.add("G first"));
        let mut n = 2;
        while n > 0 {
            defer! {
                log.add(format_args!("G recovers {}", recover!().unwrap()));
            }
            log.add(n);
            n -= 2;
            assert!(n > 0, "post statement");
        }
        log.add("not reached");
    }
    #[with_defer]
    fn h(log: &Log) {
        defer!(log.add("first"));
        for name in ["second", "third", "recover"] {
            defer! {
                log.add(name);
                if name == "recover" {
                    assert_eq!(recover!().unwrap().message(), Some("after the loop"));
                }
            }
        }
        panic!("after the loop");
    }
    #[with_defer]
    fn i(log: &Log) {
        for n in Broken(1) {
            defer! {
                log.add("I");
                recover!();
            }
            log.add(n);
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "2 F recovers iterator F first");
    let log = Log::default();
    g(&log);
    assert_eq!(log.text(), "2 G recovers post statement G first");
    let log = Log::default();
    h(&log);
    assert_eq!(log.text(), "recover third second first");
    let log = Log::default();
    i(&log);
    assert_eq!(log.text(), "2 I");
}

// G137
#[test]
fn panic_in_loop_defers() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        for i in 0..4 {
            defer! {
                log.push(i);
                assert!(i != 2, "x{i}");
            }
        }
    }
    let mut log = vec![];
    assert_eq!(panic_message(|| f(&mut log)), "x2");
    assert_eq!(log, [3, 2, 1, 0]);
}

mod every_construct {
    use super::*;

    #[test]
    fn if_let_and_else() {
        #[with_defer]
        fn f(log: &Log, n: Option<i32>) {
            if let Some(n) = n {
                defer!(log.add(n));
                log.add("some");
            } else {
                defer!(log.add("deferred"));
                log.add("none");
            }
            log.add("end");
        }
        let log = Log::default();
        f(&log, Some(1));
        f(&log, None);
        assert_eq!(log.text(), "some end 1 none end deferred");
    }

    #[test]
    fn else_if_chain() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            if n == 0 {
                defer!(log.add("zero"));
            } else if n == 1 {
                defer!(log.add("one"));
            } else if let 2..4 = n {
                defer!(log.add("few"));
            } else {
                defer!(log.add("many"));
            }
            log.add(n);
        }
        let log = Log::default();
        for n in [0, 1, 3, 4] {
            f(&log, n);
        }
        assert_eq!(log.text(), "0 zero 1 one 3 few 4 many");
    }

    #[test]
    fn while_let_and_loop() {
        #[with_defer]
        fn f(log: &Log) {
            let mut stack = vec![1, 2];
            while let Some(top) = stack.pop() {
                defer!(log.add(top));
                if top == 2 {
                    stack.push(5);
                }
            }
            let mut n = 0;
            loop {
                n += 1;
                if n == 3 {
                    break;
                }
                defer!(log.add(format!("n{n}")));
            }
            log.add("end");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "end n2 n1 1 5 2");
    }

    #[test]
    fn match_arms_with_and_without_braces() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            match n {
                0 => defer!(log.add("zero")),
                1 => defer! {
                    log.add("one");
                },
                2 | 3 if n == 3 => {
                    defer!(log.add("three"));
                }
                n => {
                    let twice = n * 2;
                    defer!(log.add(twice));
                }
            }
            log.add("end");
        }
        let log = Log::default();
        for n in 0..5 {
            f(&log, n);
        }
        assert_eq!(log.text(), "end zero end one end 4 end three end 8");
    }

    #[test]
    fn let_else_branch() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Option<i32> {
            let Ok(n) = text.parse::<i32>() else {
                defer!(log.add("not a number"));
                log.add(text);
                return None;
            };
            defer!(log.add(n));
            Some(n)
        }
        let log = Log::default();
        assert_eq!((f(&log, "x"), f(&log, "7")), (None, Some(7)));
        assert_eq!(log.text(), "x not a number 7");
    }

    #[test]
    fn labelled_block_and_its_value() {
        #[with_defer]
        fn f(log: &Log, n: i32) -> i32 {
            let value = 'block: {
                defer!(log.add("first"));
                if n == 1 {
                    break 'block 10;
                }
                defer!(log.add("second"));
                if n == 2 {
                    break 'block 20;
                }
                30
            };
            log.add(value);
            value
        }
        let log = Log::default();
        assert_eq!([f(&log, 1), f(&log, 2), f(&log, 3)], [10, 20, 30]);
        assert_eq!(log.text(), "10 first 20 second first 30 second first");
    }

    #[test]
    fn block_value_of_a_let() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let x = {
                let mut inner = 1;
                defer!(log.add(inner));
                defer! {
                    log.add(inner);
                }
                inner += 1;
                inner * 10
            };
            let y: i32 = {
                defer!(log.add("y"));
                x + 1
            };
            log.add(x);
            x + y
        }
        let log = Log::default();
        assert_eq!(f(&log), 41);
        assert_eq!(log.text(), "20 y 2 1");
    }

    #[test]
    fn blocks_in_expressions() {
        fn add(a: i32, b: i32) -> i32 {
            a + b
        }
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut sum = add(
                {
                    defer!(log.add("first operand"));
                    1
                },
                {
                    defer!(log.add("second operand"));
                    2
                },
            );
            sum += {
                defer!(log.add("right side"));
                sum
            };
            let list = [{
                defer!(log.add("element"));
                5
            }];
            if {
                defer!(log.add("condition"));
                sum == 6
            } {
                log.add("six");
            }
            match {
                defer!(log.add("scrutinee"));
                list[0]
            } {
                5 => log.add("five"),
                _ => log.add("other"),
            }
            for i in {
                defer!(log.add("iterator"));
                0..2
            } {
                log.add(i);
            }
            log.add("end");
            sum + list[0]
        }
        let log = Log::default();
        assert_eq!(f(&log), 11);
        let order =
            "six five 0 1 end iterator scrutinee condition element right side second operand first operand";
        assert_eq!(log.text(), order);
    }

    #[test]
    fn tail_of_if_let_and_match() {
        #[with_defer]
        fn f(log: &Log, n: Option<i32>) -> i32 {
            defer!(log.add("first"));
            match n {
                Some(n) if n > 10 => {
                    defer!(log.add("large"));
                    n
                }
                Some(n) => {
                    if let 1..5 = n {
                        defer!(log.add("small"));
                        n * 10
                    } else {
                        defer!(log.add("medium"));
                        n * 100
                    }
                }
                None => {
                    defer!(log.add("none"));
                    0
                }
            }
        }
        let log = Log::default();
        assert_eq!([f(&log, Some(11)), f(&log, Some(2)), f(&log, Some(7)), f(&log, None)], [11, 20, 700, 0]);
        assert_eq!(log.text(), "large first small first medium first none first");
    }

    /// What follows a branch at the end takes its value, which is not that of the function.
    #[test]
    fn method_behind_a_branch_at_the_end() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Result<u8, String> {
            if text.is_empty() {
                let reason = "empty";
                defer!(log.add(reason));
                "0".parse::<u8>()
            } else {
                text.parse::<u8>()
            }
            .map_err(|error| error.to_string())
        }
        #[with_defer]
        fn g(log: &Log, is_long: bool) -> usize {
            {
                let text = "block";
                defer!(log.add(text));
                if is_long { text } else { "" }
            }
            .len()
        }
        let log = Log::default();
        assert_eq!(f(&log, ""), Ok(0));
        assert_eq!(f(&log, "x"), Err("invalid digit found in string".to_owned()));
        assert_eq!(g(&log, true), 5);
        assert_eq!(log.text(), "empty block");
    }

    /// The value of a block is coerced to what the function returns, at any depth.
    #[test]
    fn value_of_a_block_at_the_end_is_coerced() {
        #[with_defer]
        fn pair<'a>(log: &Log, n: &'a mut u8, list: &'a mut [u8]) -> Option<(&'a u8, &'a mut u8)> {
            match list.first_mut() {
                Some(first) => {
                    let name = "first";
                    defer!(log.add(name));
                    *n += 1;
                    if *n > 1 {
                        let name = "large";
                        defer!(log.add(name));
                        Some((n, first))
                    } else {
                        None
                    }
                }
                None => None,
            }
        }
        #[with_defer]
        fn boxed(log: &Log, n: u8) -> Result<Box<dyn Display>, Box<dyn Error>> {
            match n {
                0 => {
                    let name = "number";
                    defer!(log.add(name));
                    if n == 0 { Ok(Box::new(n)) } else { Ok(Box::new(name)) }
                }
                1 => {
                    let name = "error";
                    defer!(log.add(name));
                    Err("one")?
                }
                _ => Ok(Box::new("many")),
            }
        }
        let log = Log::default();
        assert_eq!(pair(&log, &mut 1, &mut [5]), Some((&2, &mut 5)));
        assert_eq!(boxed(&log, 0).unwrap().to_string(), "0");
        assert_eq!(boxed(&log, 1).err().unwrap().to_string(), "one");
        assert_eq!(log.text(), "large first number error");
    }

    #[test]
    fn return_out_of_every_level() {
        #[with_defer]
        fn f(log: &Log, stop: i32) -> i32 {
            defer!(log.add("f"));
            for i in 0..2 {
                defer!(log.add(format!("for{i}")));
                if stop == 1 {
                    return 1;
                }
                let mut j = 0;
                while j < 2 {
                    j += 1;
                    defer!(log.add(format!("while{i}{j}")));
                    match (stop, i, j) {
                        (2, 1, 2) => {
                            defer!(log.add("match"));
                            return 2;
                        }
                        (3, 1, _) => break,
                        _ => {}
                    }
                }
            }
            3
        }
        let log = Log::default();
        assert_eq!((f(&log, 1), log.text().as_str()), (1, "for0 f"));
        let log = Log::default();
        assert_eq!(
            (f(&log, 2), log.text().as_str()),
            (2, "match while12 while11 for1 while02 while01 for0 f")
        );
        let log = Log::default();
        assert_eq!((f(&log, 3), log.text().as_str()), (3, "while11 for1 while02 while01 for0 f"));
    }

    #[test]
    #[expect(clippy::never_loop, reason = "the inner loop leaves the outer one")]
    fn break_with_a_value_out_of_a_loop() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut n = 0;
            let found = loop {
                n += 1;
                let square = n * n;
                defer!(log.add(square));
                if square > 10 {
                    break square;
                }
            };
            let outer = 'outer: loop {
                loop {
                    let inner = n;
                    defer! {
                        log.add(format_args!("inner{inner}"));
                    }
                    n += 1;
                    if n > 5 {
                        break 'outer n * 100;
                    }
                }
            };
            log.add("end");
            found + outer
        }
        let log = Log::default();
        assert_eq!(f(&log), 616);
        assert_eq!(log.text(), "end inner5 inner4 16 9 4 1");
    }

    #[test]
    fn question_mark_and_macros_out_of_a_loop() {
        macro_rules! bail {
            ($text:expr) => {
                return Err($text.to_owned())
            };
        }
        #[with_defer]
        fn f(log: &Log, texts: &[&str]) -> Result<i32, String> {
            let mut sum = 0;
            for text in texts {
                let name = format!("<{text}>");
                defer!(log.add(&name));
                if text.is_empty() {
                    bail!("empty");
                }
                sum += text.parse::<i32>().map_err(|error| error.to_string())?;
            }
            Ok(sum)
        }
        let log = Log::default();
        assert_eq!(f(&log, &["1", "2"]), Ok(3));
        assert_eq!(f(&log, &["1", "x", "2"]), Err("invalid digit found in string".to_owned()));
        assert_eq!(f(&log, &["1", ""]), Err("empty".to_owned()));
        assert_eq!(log.text(), "<2> <1> <x> <1> <> <1>");
    }

    #[test]
    fn inner_blocks_of_closure_frames_and_deferred_blocks() {
        #[with_defer]
        fn f(log: &Log) {
            let frame = |n: i32| {
                for i in 0..n {
                    defer!(log.add(format!("closure{i}")));
                }
                if n > 1 {
                    defer!(log.add("large"));
                    return n;
                }
                log.add("small");
                0
            };
            defer! {
                for i in 0..2 {
                    let text = format!("block{i}");
                    defer!(log.add(&text));
                }
                log.add("block");
            }
            log.add(frame(1) + frame(2));
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "small closure0 large closure1 closure0 2 block block1 block0");
    }

    #[test]
    fn closure_frames_in_a_loop_with_deferred_statements() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let text = format!("loop{i}");
                defer!(log.add(&text));
                let frame = || {
                    defer!(log.add(format!("frame{i}")));
                    if i == 1 {
                        defer!(log.add("one"));
                    }
                };
                frame();
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "frame0 one frame1 loop1 loop0");
    }

    #[test]
    fn twenty_sites_in_one_statement() {
        #[with_defer]
        fn f(log: &mut Vec<i32>, turns: i32) {
            for turn in 0..turns {
                let n = turn * 100;
                if turn < 2 {
                    defer!(log.push(n + 1));
                    defer!(log.push(n + 2));
                    defer!(log.push(n + 3));
                    defer!(log.push(n + 4));
                    defer!(log.push(n + 5));
                } else {
                    defer!(log.push(n + 6));
                    defer!(log.push(n + 7));
                    defer!(log.push(n + 8));
                    defer!(log.push(n + 9));
                    defer!(log.push(n + 10));
                }
                defer!(log.push(n + 11));
                defer!(log.push(n + 12));
                defer!(log.push(n + 13));
                defer!(log.push(n + 14));
                defer!(log.push(n + 15));
                match turn {
                    0 => {
                        defer!(log.push(n + 16));
                        defer!(log.push(n + 17));
                    }
                    1 => {
                        defer!(log.push(n + 21));
                    }
                    _ => {
                        defer!(log.push(n + 18));
                        defer!(log.push(n + 19));
                        defer!(log.push(n + 20));
                    }
                }
            }
        }
        let mut log = vec![];
        f(&mut log, 3);
        let third = [220, 219, 218, 215, 214, 213, 212, 211, 210, 209, 208, 207, 206];
        let second = [121, 115, 114, 113, 112, 111, 105, 104, 103, 102, 101];
        let first = [17, 16, 15, 14, 13, 12, 11, 5, 4, 3, 2, 1];
        assert_eq!(log, [&third[..], &second, &first].concat());
    }

    #[test]
    fn a_million_records() {
        #[with_defer]
        fn f(sum: &mut u64, last: &mut u64) {
            for i in 0..1_000_000_u64 {
                defer! {
                    *sum += i;
                    *last = i;
                }
            }
        }
        let (mut sum, mut last) = (0, 1);
        f(&mut sum, &mut last);
        assert_eq!((sum, last), (499_999_500_000, 0));
    }

    #[test]
    fn argument_that_panics_or_returns_stores_nothing() {
        #[with_defer]
        fn f(log: &Log, texts: &[&str]) -> Result<(), std::num::ParseIntError> {
            for text in texts {
                defer!(log.add(text.parse::<i32>()?));
            }
            Ok(())
        }
        #[with_defer]
        fn g(log: &Log, numbers: &[i32]) {
            for i in [0, 1, 2] {
                defer!(log.add(numbers[i]));
            }
        }
        let log = Log::default();
        assert!(f(&log, &["1", "2", "x", "3"]).is_err());
        assert_eq!(log.text(), "2 1");
        let log = Log::default();
        assert_eq!(
            panic_message(|| g(&log, &[5, 6])),
            "index out of bounds: the len is 2 but the index is 2"
        );
        assert_eq!(log.text(), "6 5");
    }

    #[test]
    fn order_of_evaluation_in_a_branch() {
        fn callee<'a>(log: &'a Log, name: &'static str) -> impl Fn(i32) + use<'a> {
            log.add(name);
            move |n| log.add(format_args!("{name}({n})"))
        }
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            if condition {
                defer!(callee(log, "a")(log.value("one", 1)));
                defer!(callee(log, "b")(log.value("two", 2)));
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "a one b two body b(2) a(1)");
        let log = Log::default();
        f(&log, false);
        assert_eq!(log.text(), "body");
    }

    #[test]
    fn unused_loop_variable_in_the_deferred_block() {
        #[with_defer]
        fn f(count: &Cell<i32>) {
            for _ in 0..5 {
                defer! {
                    count.set(count.get() + 1);
                }
            }
            assert_eq!(count.get(), 0);
        }
        let count = Cell::new(0);
        f(&count);
        assert_eq!(count.get(), 5);
    }
}
