//! What breaks a naive implementation: deferred statements at the top level of synchronous functions.

mod common;

use std::cell::RefCell;
use std::mem;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard};
use std::task::Poll;
use std::thread;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

mod wrapped_bodies {
    use super::*;

    #[test]
    fn block_that_is_the_whole_body() {
        #[with_defer]
        fn f(log: &Log, fail: bool) -> Result<i32, String> {
            {
                log.add("span");
                {
                    let mut n = 1;
                    defer!(log.add(n));
                    defer! {
                        log.add(format_args!("live{n}"));
                    }
                    n += 1;
                    if fail {
                        return Err("failed".to_owned());
                    }
                    Ok(n)
                }
            }
        }
        let log = Log::default();
        assert_eq!((f(&log, false), f(&log, true)), (Ok(2), Err("failed".to_owned())));
        assert_eq!(log.text(), "span live2 1 span live2 1");
    }

    #[test]
    fn branches_at_the_end() {
        #[with_defer]
        fn f(log: &Log, n: i32) -> &'static str {
            if n > 2 {
                let mut list = vec![n];
                defer!(log.add(list.len()));
                list.push(n);
                defer! {
                    log.add(list.len());
                }
                list.push(n);
                "large"
            } else if n > 1 {
                defer!(log.add("two"));
                "medium"
            } else {
                defer!(log.add("else"));
                "small"
            }
        }
        let log = Log::default();
        assert_eq!([f(&log, 3), f(&log, 2), f(&log, 1)], ["large", "medium", "small"]);
        assert_eq!(log.text(), "3 1 two else");
    }
}

mod closure_frames {
    use super::*;

    fn apply<T>(f: impl Fn(i32) -> T, n: i32) -> T {
        f(n)
    }

    #[test]
    fn coercions_of_an_inferred_return_type() {
        #[with_defer]
        fn f(log: &Log, n: i32) -> String {
            let shown: Box<dyn std::fmt::Debug> = apply::<Box<dyn std::fmt::Debug>>(
                |n| {
                    defer!(log.add("frame"));
                    if n > 1 {
                        return Box::new(n);
                    }
                    Box::new("small")
                },
                n,
            );
            format!("{shown:?}")
        }
        let log = Log::default();
        assert_eq!([f(&log, 5), f(&log, 1)], ["5", "\"small\""]);
        assert_eq!(log.text(), "frame frame");
    }

    #[test]
    fn question_mark_in_an_inferred_return_type() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Option<i32> {
            let parse = |text: &str| {
                defer!(log.add("parsed"));
                let n: i32 = text.parse().ok()?;
                Some(n + 1)
            };
            parse(text)
        }
        let log = Log::default();
        assert_eq!((f(&log, "1"), f(&log, "x")), (Some(2), None));
        assert_eq!(log.text(), "parsed parsed");
    }

    #[test]
    fn written_return_type() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Result<i64, Box<dyn std::error::Error>> {
            let parse = |text: &str| -> Result<i64, Box<dyn std::error::Error>> {
                defer!(log.add("parsed"));
                Ok(text.parse()?)
            };
            parse(text)
        }
        let log = Log::default();
        assert_eq!(f(&log, "1").unwrap(), 1);
        assert_eq!(f(&log, "x").unwrap_err().to_string(), "invalid digit found in string");
        assert_eq!(log.text(), "parsed parsed");
    }

    #[test]
    fn fn_mut_frame() {
        #[with_defer]
        fn f() -> (Vec<i32>, i32) {
            let mut seen = vec![];
            let mut total = 0;
            let mut add = |n: i32| {
                total += n;
                defer!(seen.push(total));
                total *= 2;
                seen.push(-n);
            };
            add(1);
            add(2);
            defer!(drop(vec![1]));
            (seen, total)
        }
        assert_eq!(f(), (vec![-1, 1, -2, 4], 8));
    }

    #[test]
    fn frame_in_a_frame_in_deferred_code() {
        #[with_defer]
        fn f(log: &Log) {
            defer! {
                let outer = |n: i32| {
                    defer!(log.add(format_args!("outer{n}")));
                    let inner = || {
                        defer!(log.add("inner"));
                        log.add("innermost");
                    };
                    inner();
                };
                outer(1);
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body innermost inner outer1");
    }
}

mod moves_and_borrows {
    use super::*;

    #[derive(Default)]
    struct Builder(Vec<&'static str>);

    impl Builder {
        fn name(mut self, name: &'static str) -> Self {
            self.0.push(name);
            self
        }
    }

    #[test]
    fn moved_and_assigned_again_where_deferred_code_does_not_use_it() {
        #[with_defer]
        fn f(log: &Log) -> usize {
            let mut builder = Builder::default();
            let mut list = vec![1];
            defer!(log.add("deferred"));
            builder = builder.name("x");
            builder = builder.name("y");
            drop(list);
            list = vec![2, 3];
            builder.0.len() + list.len()
        }
        let log = Log::default();
        assert_eq!(f(&log), 4);
        assert_eq!(log.text(), "deferred");
    }

    #[test]
    fn taken_and_assigned_again_where_deferred_code_uses_it() {
        #[with_defer]
        fn f(log: &Log) {
            let mut builder = Builder::default();
            defer! {
                log.add(builder.0.join("+"));
            }
            builder = mem::take(&mut builder).name("x");
            builder = mem::take(&mut builder).name("y");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "x+y");
    }

    #[test]
    fn cursor_into_an_argument() {
        #[with_defer]
        fn fill(mut buffer: &mut [u8], log: &Log) -> usize {
            defer!(log.add("filled"));
            let mut chunks = 0;
            while buffer.len() >= 2 {
                let (head, tail) = buffer.split_at_mut(2);
                head.fill(7);
                buffer = tail;
                chunks += 1;
            }
            chunks
        }
        #[with_defer]
        fn words<'a>(mut text: &'a str, log: &Log) -> Vec<&'a str> {
            defer!(log.add("split"));
            let mut words = vec![];
            while let Some((word, rest)) = text.split_once(' ') {
                words.push(word);
                text = rest;
            }
            words.push(text);
            words
        }
        let log = Log::default();
        let mut buffer = [0; 5];
        assert_eq!(fill(&mut buffer, &log), 2);
        assert_eq!(buffer, [7, 7, 7, 7, 0]);
        assert_eq!(words("a b c", &log), ["a", "b", "c"]);
        assert_eq!(log.text(), "filled split");
    }

    #[test]
    fn cursor_of_a_linked_list() {
        struct Node {
            value: i32,
            next: Option<Box<Node>>,
        }
        #[with_defer]
        fn append(mut list: &mut Option<Box<Node>>, value: i32, log: &Log) {
            defer!(log.add("appended"));
            while let Some(node) = list {
                node.value += 1;
                list = &mut node.next;
            }
            *list = Some(Box::new(Node { value, next: None }));
        }
        let log = Log::default();
        let mut list = None;
        append(&mut list, 1, &log);
        append(&mut list, 5, &log);
        let first = list.unwrap();
        assert_eq!((first.value, first.next.unwrap().value), (2, 5));
        assert_eq!(log.text(), "appended appended");
    }

    #[test]
    fn local_cursor_rebound_behind_the_statement() {
        #[with_defer]
        fn fill(bytes: &mut [u8], log: &Log) {
            let buffer = &mut bytes[1..];
            defer!(log.add("filled"));
            let mut buffer = buffer;
            while let Some((first, rest)) = buffer.split_first_mut() {
                *first = 9;
                buffer = rest;
            }
        }
        let log = Log::default();
        let mut bytes = [0; 3];
        fill(&mut bytes, &log);
        assert_eq!((bytes, log.text().as_str()), ([0, 9, 9], "filled"));
    }

    #[test]
    fn collection_of_later_borrows_rebound_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log) -> usize {
            let list: Vec<&str> = vec![];
            defer!(log.add("deferred"));
            let mut list = list;
            let later = String::from("later");
            list.push(&later);
            list.len()
        }
        let log = Log::default();
        assert_eq!(f(&log), 1);
        assert_eq!(log.text(), "deferred");
    }

    #[test]
    fn field_moved_out_of_a_struct() {
        struct Pair {
            first: String,
            second: Vec<i32>,
        }
        #[with_defer]
        fn plain(log: &Log, mut pair: Pair) -> String {
            defer!(log.add(pair.second.len()));
            defer! {
                log.add(pair.second.len());
            }
            pair.second.push(1);
            pair.first
        }
        #[with_defer]
        #[expect(clippy::boxed_local, reason = "the box is the point")]
        fn boxed(log: &Log, pair: Box<Pair>) -> String {
            let mut pair = *pair;
            defer! {
                log.add(pair.second.len());
            }
            pair.second.push(1);
            pair.first
        }
        let log = Log::default();
        assert_eq!(plain(&log, Pair { first: "a".to_owned(), second: vec![] }), "a");
        assert_eq!(boxed(&log, Box::new(Pair { first: "b".to_owned(), second: vec![] })), "b");
        assert_eq!(log.text(), "1 0 1");
    }

    #[test]
    fn disjoint_fields_of_self_and_a_result_that_borrows() {
        struct Cache {
            hits: i32,
            values: Vec<String>,
        }
        impl Cache {
            #[with_defer]
            fn get(&mut self, i: usize) -> Option<&mut String> {
                defer! {
                    self.hits += 1;
                }
                self.values.push("new".to_owned());
                self.values.get_mut(i)
            }
        }
        let mut cache = Cache { hits: 0, values: vec![] };
        cache.get(0).unwrap().push('!');
        assert!(cache.get(5).is_none());
        assert_eq!((cache.hits, cache.values), (2, vec!["new!".to_owned(), "new".to_owned()]));
    }

    #[test]
    fn two_phase_borrows_in_body_and_deferred_code() {
        #[with_defer]
        fn f(list: &mut Vec<usize>) -> usize {
            defer! {
                list.push(list.len());
            }
            list.push(list.len() * 10);
            list.len()
        }
        let mut list = vec![];
        assert_eq!(f(&mut list), 1);
        assert_eq!(list, [0, 1]);
    }

    #[test]
    fn body_returns_what_it_moved_out_of_an_option() {
        #[with_defer]
        fn f(log: &Log) -> Option<Vec<i32>> {
            let mut slot = Some(vec![1, 2]);
            defer! {
                log.add(slot.is_none());
            }
            let list = slot.take()?;
            Some(list)
        }
        let log = Log::default();
        assert_eq!(f(&log), Some(vec![1, 2]));
        assert_eq!(log.text(), "true");
    }
}

mod locks {
    use super::*;

    fn is_free<T>(mutex: &Mutex<T>) -> bool {
        mutex.try_lock().is_ok()
    }

    #[test]
    fn guard_that_is_always_dropped_by_the_body() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<i32>) {
            let guard = mutex.lock().unwrap();
            defer! {
                log.add(is_free(mutex));
            }
            log.add(is_free(mutex));
            drop(guard);
        }
        let log = Log::default();
        f(&log, &Mutex::new(1));
        assert_eq!(log.text(), "false true");
    }

    #[test]
    fn guard_that_is_held_until_the_exit() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<i32>) {
            let mut guard = mutex.lock().unwrap();
            defer! {
                log.add(is_free(mutex));
            }
            *guard += 1;
        }
        let log = Log::default();
        let mutex = Mutex::new(1);
        f(&log, &mutex);
        assert_eq!(log.text(), "false");
        assert_eq!(*mutex.lock().unwrap(), 2);
    }

    #[test]
    fn conditionally_dropped_guard_in_an_option() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<i32>, early: bool) {
            let mut guard = Some(mutex.lock().unwrap());
            defer! {
                log.add(is_free(mutex));
            }
            if early {
                drop(guard.take());
                return;
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, &Mutex::new(1), true);
        f(&log, &Mutex::new(1), false);
        assert_eq!(log.text(), "true body false");
    }

    #[test]
    fn lock_in_the_final_expression_is_free_again() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<Vec<i32>>) -> usize {
            defer! {
                log.add(is_free(mutex));
            }
            mutex.lock().unwrap().len()
        }
        let log = Log::default();
        assert_eq!(f(&log, &Mutex::new(vec![1])), 1);
        assert_eq!(log.text(), "true");
    }

    #[test]
    fn deferred_code_after_a_panic_does_not_poison_but_a_guard_that_the_panic_drops_does() {
        #[with_defer]
        fn locked_by_deferred_code(mutex: &Mutex<i32>) {
            defer! {
                assert!(!thread::panicking());
                *mutex.lock().unwrap() += 1;
            }
            panic!("body");
        }
        #[with_defer]
        fn locked_by_the_body(log: &Log, mutex: &Mutex<i32>) {
            defer! {
                log.add(mutex.is_poisoned());
            }
            let _guard: MutexGuard<i32> = mutex.lock().unwrap();
            panic!("body");
        }
        let log = Log::default();
        let mutex = Mutex::new(1);
        assert_eq!(panic_message(|| locked_by_deferred_code(&mutex)), "body");
        assert!(!mutex.is_poisoned());
        assert_eq!(panic_message(|| locked_by_the_body(&log, &mutex)), "body");
        assert_eq!(log.text(), "true");
    }
}

mod question_mark_types {
    use super::*;

    #[test]
    fn option_poll_and_control_flow() {
        #[with_defer]
        fn option(log: &Log, n: Option<i32>) -> Option<i32> {
            defer!(log.add("option"));
            Some(n? + 1)
        }
        #[with_defer]
        fn poll(log: &Log, n: Poll<Result<i32, i32>>) -> Poll<Result<i32, i32>> {
            defer!(log.add("poll"));
            let n = n?;
            n.map(|n| Ok(n + 1))
        }
        #[with_defer]
        fn control_flow(log: &Log, n: ControlFlow<i32, i32>) -> ControlFlow<i32, i32> {
            defer!(log.add("flow"));
            ControlFlow::Continue(n? + 1)
        }
        let log = Log::default();
        assert_eq!((option(&log, Some(1)), option(&log, None)), (Some(2), None));
        assert_eq!(poll(&log, Poll::Ready(Ok(1))), Poll::Ready(Ok(2)));
        assert_eq!(poll(&log, Poll::Ready(Err(5))), Poll::Ready(Err(5)));
        assert_eq!(poll(&log, Poll::Pending), Poll::Pending);
        assert_eq!(control_flow(&log, ControlFlow::Continue(1)), ControlFlow::Continue(2));
        assert_eq!(control_flow(&log, ControlFlow::Break(7)), ControlFlow::Break(7));
        assert_eq!(log.text(), "option option poll poll poll flow flow");
    }
}

mod shapes {
    use super::*;

    #[test]
    fn large_values() {
        #[with_defer]
        fn f(log: &Log, first: u8) -> [u8; 4096] {
            let mut large = [first; 4096];
            defer!(log.add(large.len()));
            defer! {
                log.add(large[4095]);
            }
            large[4095] = 9;
            large
        }
        let log = Log::default();
        let large = f(&log, 5);
        assert_eq!((large[0], large[4095]), (5, 9));
        assert_eq!(log.text(), "9 4096");
    }

    #[test]
    fn packed_struct() {
        #[repr(C, packed)]
        struct Packed {
            a: u8,
            b: u32,
        }
        #[with_defer]
        fn f(log: &Log, packed: &mut Packed) -> u32 {
            defer! {
                packed.b += 1;
            }
            defer!(log.add({ packed.b }));
            packed.a = 7;
            packed.b = 8;
            u32::from(packed.a) + packed.b
        }
        let log = Log::default();
        let mut packed = Packed { a: 1, b: 2 };
        assert_eq!(f(&log, &mut packed), 15);
        assert_eq!((packed.a, { packed.b }, log.text().as_str()), (7, 9, "2"));
    }

    #[test]
    fn generic_associated_types() {
        trait Lend {
            type Item<'a>
            where
                Self: 'a;
            fn lend(&mut self) -> Option<Self::Item<'_>>;
        }
        struct Windows {
            data: Vec<i32>,
            at: usize,
        }
        impl Lend for Windows {
            type Item<'a> = &'a mut [i32];
            #[with_defer]
            fn lend(&mut self) -> Option<Self::Item<'_>> {
                defer! {
                    self.at += 1;
                }
                self.data.get_mut(self.at..self.at + 2)
            }
        }
        let mut windows = Windows { data: vec![1, 2, 3], at: 0 };
        while let Some(window) = windows.lend() {
            window[1] += window[0];
        }
        assert_eq!((windows.data, windows.at), (vec![1, 3, 6], 3));
    }

    #[test]
    fn callback_that_calls_back() {
        #[with_defer]
        fn f<'a>(log: &'a RefCell<Vec<i32>>, again: &dyn Fn(&'a RefCell<Vec<i32>>)) {
            defer! {
                log.borrow_mut().push(2);
            }
            again(log);
            log.borrow_mut().push(1);
        }
        let log = RefCell::new(vec![]);
        f(&log, &|log| f(log, &|log| log.borrow_mut().push(0)));
        assert_eq!(log.into_inner(), [0, 1, 2, 1, 2]);
    }

    #[test]
    fn chain_of_a_hundred_and_twenty_annotated_functions() {
        trait Run {
            fn run(depth: &mut Vec<usize>);
        }
        impl Run for () {
            fn run(depth: &mut Vec<usize>) {
                depth.push(0);
            }
        }
        struct Next<T>(T);
        impl<T: Run> Run for Next<T> {
            #[with_defer]
            fn run(depth: &mut Vec<usize>) {
                defer!(depth.push(depth.len()));
                T::run(depth);
            }
        }
        type Ten<T> = Next<Next<Next<Next<Next<Next<Next<Next<Next<Next<T>>>>>>>>>>;
        type Forty<T> = Ten<Ten<Ten<Ten<T>>>>;
        let mut depth = vec![];
        Forty::<Forty<Forty<()>>>::run(&mut depth);
        assert_eq!(depth, [vec![0], vec![0; 120]].concat());
    }
}
