//! What breaks a naive implementation: deferred statements in inner blocks and expressions.
#![allow(clippy::needless_return, clippy::items_after_statements, reason = "every way out is written")]

mod common;

use std::fmt::Debug;
use std::sync::Mutex;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

mod values_of_blocks {
    use super::*;

    #[test]
    fn block_bound_to_the_returned_variable() {
        #[with_defer]
        fn f(log: &Log, fail: bool) -> Result<i32, String> {
            let __ret: Result<i32, String> = {
                let mut n = 1;
                defer!(log.add("deferred"));
                n += 1;
                if fail {
                    return Err("failed".to_owned());
                }
                log.add("body");
                Ok(n)
            };
            __ret
        }
        let log = Log::default();
        assert_eq!((f(&log, false), f(&log, true)), (Ok(2), Err("failed".to_owned())));
        assert_eq!(log.text(), "body deferred deferred");
    }

    #[test]
    fn coerced_to_the_expected_type() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> String {
            let boxed: Box<dyn Debug> = if condition {
                let kept = String::from("kept");
                defer!(log.add(&kept));
                Box::new(kept.len())
            } else {
                Box::new("x")
            };
            let function: fn(i32) -> i32 = {
                let kept = String::from("function");
                defer!(log.add(&kept));
                |n| n + 1
            };
            let slice: &[i32] = if condition {
                let kept = String::from("slice");
                defer!(log.add(&kept));
                &[1, 2]
            } else {
                &[]
            };
            format!("{boxed:?} {} {slice:?}", function(1))
        }
        let log = Log::default();
        assert_eq!([f(&log, true), f(&log, false)], ["4 2 [1, 2]", "\"x\" 2 []"]);
        assert_eq!(log.text(), "slice function kept function");
    }

    #[test]
    fn coerced_to_the_return_type() {
        #[with_defer]
        fn f(log: &Log, stop: i32) -> Box<dyn Debug> {
            for i in 0..3 {
                let kept = format!("k{i}");
                defer!(log.add(&kept));
                if i == stop {
                    return Box::new(i);
                }
            }
            Box::new("end")
        }
        let log = Log::default();
        assert_eq!(
            (format!("{:?}", f(&log, 1)), format!("{:?}", f(&log, 9))),
            ("1".into(), "\"end\"".into())
        );
        assert_eq!(log.text(), "k1 k0 k2 k1 k0");
    }

    #[test]
    fn inferred_from_later_use() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> (Option<Vec<u8>>, u8) {
            let mut sum = 0;
            let list = if condition {
                let mut step = 5;
                defer! {
                    log.add(step);
                }
                step += 1;
                sum += step;
                None
            } else {
                Some(Vec::new())
            };
            (list, sum)
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), ((None, 6), (Some(vec![]), 0)));
        assert_eq!(log.text(), "6");
    }

    #[test]
    fn blocks_that_never_end() {
        #[with_defer]
        fn f(log: &Log, n: i32) -> i32 {
            let x: i32 = if n == 0 {
                let kept = "returned".to_owned();
                defer!(log.add(&kept));
                return 5;
            } else if n == 1 {
                let kept = "panicked".to_owned();
                defer!(log.add(&kept));
                panic!("one")
            } else {
                7
            };
            x + n
        }
        let log = Log::default();
        assert_eq!((f(&log, 0), f(&log, 2)), (5, 9));
        assert_eq!(panic_message(|| f(&log, 1)), "one");
        assert_eq!(log.text(), "returned panicked");
    }

    #[test]
    fn labelled_block_left_with_a_value() {
        #[with_defer]
        fn f(log: &Log, early: bool) -> usize {
            let n = 'block: {
                let mut list = vec![1];
                defer! {
                    log.add(list.len());
                }
                if early {
                    break 'block list.len();
                }
                list.push(2);
                list.len() * 10
            };
            log.add(n);
            n
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (1, 20));
        assert_eq!(log.text(), "1 1 20 2");
    }

    #[test]
    fn in_struct_literals_indices_and_operands() {
        struct Pair {
            a: i32,
            b: i32,
        }
        #[with_defer]
        fn f(log: &Log, condition: bool) -> Option<i32> {
            let kept = |n: i32| n;
            let pair = Pair {
                a: {
                    let k = kept(1);
                    defer!(log.add(k));
                    k
                },
                b: if condition {
                    let k = kept(2);
                    defer!(log.add(k));
                    k
                } else {
                    0
                },
            };
            let mut list = [0, 0, 0];
            list[1] += {
                let k = Some(5);
                defer! {
                    log.add(format_args!("{k:?}"));
                }
                k
            }?;
            list[{
                let k = 2;
                defer! {
                    log.add(format_args!("index{k}"));
                }
                k
            }] = 100;
            while {
                let first = list[0];
                defer! {
                    log.add(format_args!("while{first}"));
                }
                first < 2
            } {
                list[0] += 1;
            }
            Some(pair.a + pair.b + list[1] + list[0])
        }
        let log = Log::default();
        assert_eq!(f(&log, true), Some(10));
        assert_eq!(log.text(), "while2 while1 while0 index2 Some(5) 2 1");
    }

    #[test]
    fn right_side_of_an_assignment_is_evaluated_first() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut list = [0, 0, 0];
            list[{
                defer!(log.add("index"));
                log.value("i", 1)
            }] = {
                defer!(log.add("value"));
                log.value("v", 5)
            };
            log.add("body");
            list[1]
        }
        let log = Log::default();
        assert_eq!(f(&log), 5);
        assert_eq!(log.text(), "v i body index value");
    }

    #[test]
    fn the_head_of_a_loop_that_ends_the_function() {
        #[with_defer]
        fn f(log: &Log) {
            let mut n = 0;
            while {
                defer!(log.add(n));
                n < 2
            } {
                n += 1;
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 1 0");
    }

    #[test]
    fn a_guard_is_evaluated_for_each_alternative() {
        #[with_defer]
        fn f(log: &Log, pair: (i32, i32)) -> i32 {
            let found = match pair {
                (n, _) | (_, n)
                    if {
                        defer!(log.add(n));
                        n > 2
                    } =>
                {
                    n
                }
                _ => 0,
            };
            log.add("body");
            found
        }
        let log = Log::default();
        assert_eq!(f(&log, (1, 2)), 0);
        assert_eq!(log.text(), "body 2 1");
    }

    #[test]
    fn an_assignment_that_ends_the_function() {
        #[with_defer]
        fn f(log: &Log, list: &mut [i32]) {
            list[{
                defer!(log.add("index"));
                log.value("i", 1)
            }] = {
                defer!(log.add("value"));
                log.value("v", 5)
            }
        }
        let log = Log::default();
        let mut list = [0, 0];
        f(&log, &mut list);
        assert_eq!(list, [0, 5]);
        assert_eq!(log.text(), "v i index value");
    }

    #[test]
    fn in_a_return_and_around_a_closure_frame() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> usize {
            let count = text
                .chars()
                .map(|c| {
                    defer!(log.add(c));
                    c
                })
                .filter(|c| {
                    *c != {
                        let mut skipped = 'b';
                        defer! {
                            log.add(format_args!("not-{skipped}"));
                        }
                        skipped = 'b';
                        skipped
                    }
                })
                .count();
            return {
                let n = count;
                defer! {
                    log.add(n);
                }
                n + 1
            };
        }
        let log = Log::default();
        assert_eq!(f(&log, "ab"), 2);
        assert_eq!(log.text(), "a not-b b not-b 1");
    }
}

mod jumps {
    use super::*;

    #[test]
    fn closures_in_the_block_keep_their_own_returns() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> Option<i32> {
            let mut sum = 0;
            if condition {
                let kept = vec![1];
                defer! {
                    log.add(kept.len());
                }
                let parse = |text: &str| -> Option<i32> {
                    let n = text.parse::<i32>().ok()?;
                    if n > 0 {
                        return Some(n + 1);
                    }
                    None
                };
                let search = || {
                    for i in 0.. {
                        if i == 3 {
                            return i;
                        }
                        if i > 5 {
                            break;
                        }
                    }
                    7
                };
                sum += parse("1")? + search();
                parse("x")?;
            }
            Some(sum)
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (None, Some(0)));
        assert_eq!(log.text(), "1");
    }

    #[test]
    fn items_in_the_block_keep_their_own_returns() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> i32 {
            if condition {
                let kept = vec![1];
                defer! {
                    log.add(kept.len());
                }
                fn inner(n: i32) -> &'static str {
                    for i in 0..3 {
                        if n > i {
                            break;
                        }
                        if i == 2 {
                            return "negative";
                        }
                    }
                    "positive"
                }
                log.add(inner(1));
                log.add(inner(-1));
            }
            3
        }
        let log = Log::default();
        assert_eq!(f(&log, true), 3);
        assert_eq!(log.text(), "positive negative 1");
    }

    #[test]
    fn continue_and_break_of_loops_at_three_levels() {
        #[with_defer]
        fn f(log: &Log) -> Vec<String> {
            let mut seen = vec![];
            'a: for a in 0..3 {
                let ka = format!("a{a}");
                defer! {
                    log.add(&ka);
                }
                'b: for b in 0..3 {
                    let kb = format!("b{a}{b}");
                    defer! {
                        log.add(&kb);
                    }
                    for c in 0..3 {
                        let kc = format!("c{a}{b}{c}");
                        defer! {
                            log.add(&kc);
                        }
                        match (a, b, c) {
                            (0, _, 1) => continue 'a,
                            (1, 0, 1) => continue 'b,
                            (1, 1, 0) => break,
                            (1, 2, 0) => break 'b,
                            (2, ..) => break 'a,
                            _ => {}
                        }
                        seen.push(kc.clone());
                    }
                    seen.push(kb.clone());
                }
                seen.push(ka.clone());
            }
            seen
        }
        let log = Log::default();
        assert_eq!(f(&log), ["c000", "c100", "b11", "a1"]);
        let order = "c200 b20 a2 c120 b12 c110 b11 c101 c100 b10 a1 c001 c000 b00 a0";
        assert_eq!(log.text(), order);
    }
}

mod types {
    use super::*;

    #[test]
    fn generic_values_and_constants() {
        #[with_defer]
        fn f<T: Debug + Clone, const N: usize>(log: &Log, items: [T; N]) -> Vec<T> {
            let mut list = vec![];
            for item in items {
                let copy = item.clone();
                defer! {
                    log.add(format_args!("{copy:?}{N}"));
                }
                defer!(drop(item));
                list.push(copy.clone());
            }
            list
        }
        let log = Log::default();
        assert_eq!(f(&log, ["a", "b"]), ["a", "b"]);
        assert_eq!(log.text(), "\"b\"2 \"a\"2");
    }

    #[test]
    fn lifetimes_and_trait_objects() {
        #[with_defer]
        fn f<'a>(items: &'a [String], seen: &dyn Fn(&'a str)) -> Option<&'a str> {
            for item in items {
                let text = item.as_str();
                let boxed: Box<dyn Fn(&'a str) + '_> = Box::new(seen);
                defer! {
                    boxed(text);
                }
                if text.len() > 1 {
                    return Some(text);
                }
            }
            None
        }
        let log = Log::default();
        let items = ["a".to_owned(), "bb".to_owned(), "c".to_owned()];
        assert_eq!(f(&items, &|text| log.add(text)), Some("bb"));
        assert_eq!(log.text(), "bb a");
    }

    #[test]
    fn impl_trait_results() {
        #[with_defer]
        fn iterator(log: &Log, condition: bool) -> impl Iterator<Item = i32> + use<> {
            fn double(n: i32) -> i32 {
                n * 2
            }
            if condition {
                let kept = String::from("kept");
                defer!(log.add(&kept));
                return (0..2).map(double as fn(i32) -> i32);
            }
            (0..3).map(double as fn(i32) -> i32)
        }
        #[with_defer]
        fn function(log: &Log) -> impl Fn(&str) -> usize + use<> {
            for n in 0..2 {
                let kept = format!("k{n}");
                defer!(log.add(&kept));
            }
            |text| text.len()
        }
        let log = Log::default();
        assert_eq!(iterator(&log, true).chain(iterator(&log, false)).collect::<Vec<_>>(), [0, 2, 0, 2, 4]);
        assert_eq!(function(&log)("four"), 4);
        assert_eq!(log.text(), "kept k1 k0");
    }

    #[test]
    fn mutable_borrows_that_the_body_ends() {
        #[with_defer]
        fn f(log: &Log, list: &mut Vec<i32>) -> i32 {
            for turn in 0..2 {
                let first = &mut list[0];
                *first += 1;
                let copy = *first;
                defer! {
                    log.add(copy);
                }
                list.push(turn);
            }
            defer!(log.add(list.len()));
            defer! {
                list.clear();
            }
            list.iter().sum()
        }
        let log = Log::default();
        let mut list = vec![5];
        assert_eq!(f(&log, &mut list), 8);
        assert_eq!((log.text().as_str(), list), ("3 7 6", vec![]));
    }

    #[test]
    fn outer_collection_of_borrows() {
        #[with_defer]
        fn f(log: &Log, count: usize) -> usize {
            let texts = vec![String::from("t"); count];
            let mut seen: Vec<&str> = vec![];
            for (i, text) in texts.iter().enumerate() {
                let kept = i;
                defer! {
                    log.add(kept);
                }
                seen.push(text);
            }
            seen.len()
        }
        let log = Log::default();
        assert_eq!(f(&log, 2), 2);
        assert_eq!(log.text(), "1 0");
    }
}

mod expressions {
    use super::*;

    #[test]
    fn statement_as_a_unit_value() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> (i32, ()) {
            let () = defer!(log.add("let"));
            let pair = (1, defer!(log.add("tuple")));
            let frame = || defer!(log.add("closure"));
            frame();
            if condition {
                defer!(log.add("then"))
            } else {
                defer!(log.add("else"))
            }
            match i32::from(condition) {
                1 => defer!(log.add("true")),
                _ => defer! { log.add("false") },
            }
            log.add("body");
            pair
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), ((1, ()), (1, ())));
        assert_eq!(log.text(), "closure body true then tuple let closure body false else tuple let");
    }

    #[test]
    fn conditional_compilation() {
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            for n in 0..2 {
                #[cfg(any())]
                defer!(no_such_function(n, not_even_a_variable));
                log.add(n);
            }
            if condition {
                let kept = 5;
                #[cfg(any())]
                defer! { no_such_function(kept) }
                #[cfg(not(any()))]
                defer! { log.add(kept); }
                #[cfg(any())]
                defer! { log.add(log.no_such_field); }
                log.add("then");
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "0 1 then body 5");
    }

    #[test]
    fn lint_attributes() {
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            if condition {
                let kept = String::from("kept");
                #[allow(unused_variables)]
                defer! {
                    let unused = &kept;
                    log.add("first");
                }
                #[expect(unused_must_use)]
                defer! {
                    kept.parse::<i32>();
                    log.add("second");
                }
                log.add(&kept);
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "kept body second first");
    }

    #[test]
    fn items_and_macros_behind_a_nested_statement() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> i32 {
            macro_rules! one {
                () => {
                    1
                };
            }
            if condition {
                defer!(late(log));
            }
            macro_rules! two {
                () => {
                    one!() + 1
                };
            }
            if condition {
                defer! {
                    log.add(two!());
                }
            }
            two!()
        }
        fn late(log: &Log) {
            log.add("late");
        }
        #[with_defer]
        fn g(log: &Log, condition: bool) -> i32 {
            if condition {
                defer!(late(log));
            }
            const NUMBER: i32 = 5;
            fn late(log: &Log) {
                log.add("later");
            }
            NUMBER
        }
        let log = Log::default();
        assert_eq!((f(&log, true), g(&log, true)), (2, 5));
        assert_eq!(log.text(), "2 late later");
    }
}

mod locks {
    use super::*;

    #[test]
    fn scrutinee_is_unlocked_when_the_function_exits() {
        fn is_free<T>(mutex: &Mutex<T>) -> bool {
            mutex.try_lock().is_ok()
        }
        #[with_defer]
        fn at_the_end(log: &Log, mutex: &Mutex<Vec<i32>>) -> usize {
            match mutex.lock().unwrap().len() {
                0 => 0,
                n => {
                    defer! {
                        log.add(is_free(mutex));
                    }
                    log.add(is_free(mutex));
                    n
                }
            }
        }
        #[with_defer]
        fn in_the_middle(log: &Log, mutex: &Mutex<Vec<i32>>) -> usize {
            if let Some(first) = mutex.lock().unwrap().first() {
                let first = *first;
                defer! {
                    log.add(format_args!("{first}{}", is_free(mutex)));
                }
                log.add(is_free(mutex));
            }
            mutex.lock().unwrap().len()
        }
        let log = Log::default();
        let mutex = Mutex::new(vec![5]);
        assert_eq!((at_the_end(&log, &mutex), in_the_middle(&log, &mutex)), (1, 1));
        assert_eq!(log.text(), "false true false 5true");
    }
}

mod panics {
    use super::*;

    #[test]
    fn each_record_runs_and_the_last_panic_is_seen() {
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            defer! {
                log.add("first");
            }
            for n in 0..3 {
                let kept = n;
                defer! {
                    log.add(kept);
                    panic!("record {kept}");
                }
            }
            if condition {
                defer! {
                    log.add("branch");
                    panic!("branch");
                }
            }
            panic!("body");
        }
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log, true)), "record 0");
        assert_eq!(log.text(), "branch 2 1 0 first");
    }

    #[test]
    fn panic_in_a_block_with_inner_variables() {
        #[with_defer]
        fn f(log: &Log, at: usize) -> usize {
            let mut total = 0;
            for n in [1, 2] {
                let mut kept = vec![n];
                defer! {
                    log.add(format_args!("{kept:?}{total}"));
                }
                total += kept[at];
                kept.push(0);
            }
            total
        }
        let log = Log::default();
        assert_eq!(f(&log, 0), 3);
        assert_eq!(log.text(), "[2, 0]3 [1, 0]3");
        let log = Log::default();
        let message = panic_message(|| f(&log, 1));
        assert_eq!(message, "index out of bounds: the len is 1 but the index is 1");
        assert_eq!(log.text(), "[1]0");
    }
}
