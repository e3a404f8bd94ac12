//! The call form in detail: places stay live, values are taken now, temporaries live until the call.

mod common;

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

fn show(log: &Log, value: &(impl fmt::Debug + ?Sized)) {
    log.add(format_args!("{value:?}"));
}

mod places {
    use super::*;

    #[test]
    fn receiver_is_live_and_not_borrowed() {
        #[with_defer]
        fn f(log: &Log) {
            let mut list = vec![1];
            defer!(show(log, &list));
            defer!(list.push(9));
            list.push(2);
            list = vec![list.len()];
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "[2, 9]");
    }

    #[test]
    fn field_receiver_is_live() {
        #[derive(Default)]
        struct Inner {
            list: Vec<i32>,
        }
        #[derive(Default)]
        struct Outer {
            inner: Inner,
            pair: (i32, (Vec<i32>, i32)),
        }
        impl Outer {
            #[with_defer]
            fn f(&mut self) {
                defer!(self.inner.list.push(3));
                defer!(self.pair.1.0.push(4));
                self.inner.list.push(1);
                self.inner = Inner { list: vec![2] };
                self.pair.1.0.clear();
            }
        }
        let mut outer = Outer { pair: (0, (vec![1], 0)), ..Outer::default() };
        outer.f();
        assert_eq!(outer.inner.list, [2, 3]);
        assert_eq!(outer.pair, (0, (vec![4], 0)));
    }

    #[test]
    fn shared_reference_to_a_place_is_live() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            let mut pair = (1, "a".to_owned());
            defer!(show(log, &x));
            defer!(show(log, &pair.1));
            x += 1;
            pair.0 += x;
            pair.1.push_str("bc");
            pair.1.truncate(usize::try_from(pair.0).unwrap() - 1);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "\"ab\" 2");
    }

    #[test]
    fn mutable_reference_to_a_place_is_live() {
        fn increment(n: &mut i32) {
            *n += 1;
        }
        #[with_defer]
        fn f(log: &Log, argument: &mut i32) {
            let mut x = 1;
            defer!(show(log, &x));
            defer!(increment(&mut x));
            defer!(increment(argument));
            x *= 10;
        }
        #[with_defer]
        fn reborrowed(argument: &mut i32) {
            defer!(increment(&mut *argument));
            defer!(increment(&mut (*argument)));
            *argument *= 10;
        }
        let log = Log::default();
        let mut n = 5;
        f(&log, &mut n);
        assert_eq!((log.text().as_str(), n), ("11", 6));
        reborrowed(&mut n);
        assert_eq!(n, 62);
    }

    #[test]
    fn dereference_is_a_place() {
        #[with_defer]
        fn f(log: &Log) {
            let mut boxed = Box::new(vec![1]);
            defer!(show(log, &*boxed));
            defer!((*boxed).push(2));
            *boxed = vec![7];
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "[7, 2]");
    }

    #[test]
    fn parentheses_change_nothing() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = vec![1];
            defer!(show(log, &(x)));
            defer!((x).push(2));
            defer!((show(log, &x)));
            x.push(3);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "[1, 3] [1, 3, 2]");
    }

    #[test]
    fn index_is_taken_now_and_the_element_is_live() {
        #[with_defer]
        fn f(log: &Log) {
            let mut i = 0;
            let mut v = ["old", "other"];
            defer!(show(log, &v[i]));
            i = 1;
            v[0] = "new";
            v[i] = "unseen";
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "\"new\"");
    }

    #[test]
    fn index_is_evaluated_once() {
        #[with_defer]
        fn f(log: &Log) {
            let mut lists = [vec![1], vec![2]];
            defer!(show(log, &lists));
            defer!(lists[log.value("index", 1)].push(3));
            lists[1].clear();
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "index body [[1], [3]]");
    }

    #[test]
    fn index_by_a_place_behind_a_field_and_a_dereference() {
        struct Grid<'a> {
            rows: &'a mut Vec<Vec<i32>>,
            at: (usize, usize),
        }
        fn set(place: &mut i32, n: i32) {
            *place = n;
        }
        #[with_defer]
        fn f(grid: &mut Grid) {
            defer!(set(&mut grid.rows[grid.at.0][grid.at.1], 50));
            grid.at = (0, 0);
            (*grid.rows)[1][1] += 1;
        }
        let mut rows = vec![vec![1, 2], vec![3, 4]];
        f(&mut Grid { rows: &mut rows, at: (1, 1) });
        assert_eq!(rows, [[1, 2], [3, 50]]);
    }

    #[test]
    fn index_out_of_bounds_panics_at_exit() {
        #[with_defer]
        fn f(log: &Log, i: usize) {
            let v = [1, 2];
            defer!(show(log, &v[i]));
            log.add("body");
        }
        let log = Log::default();
        let message = panic_message(|| f(&log, 2));
        assert_eq!(message, "index out of bounds: the len is 2 but the index is 2");
        assert_eq!(log.text(), "body");
    }

    #[test]
    fn range_index_is_taken_now() {
        #[with_defer]
        fn f(log: &Log) {
            let mut v = [1, 2, 3, 4];
            let mut n = 2;
            defer!(show(log, &v[..n]));
            n += 1;
            v[1] = n;
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "[1, 3]");
    }

    #[test]
    fn string_key_is_an_index() {
        #[with_defer]
        fn f(log: &Log, map: &mut std::collections::BTreeMap<&str, i32>) {
            let mut key = "a";
            defer!(show(log, &map[key]));
            key = "b";
            map.insert("a", 10);
            map.insert(key, 20);
        }
        let log = Log::default();
        f(&log, &mut [("a", 1)].into());
        assert_eq!(log.text(), "10");
    }

    #[test]
    fn statics_and_constants() {
        thread_local! {
            static COUNT: Cell<i32> = const { Cell::new(1) };
        }
        const LIMIT: i32 = 5;
        static NAME: &str = "name";
        #[with_defer]
        fn f(log: &Log) {
            defer!(COUNT.set(LIMIT));
            defer!(show(log, &NAME));
            defer!(show(log, &i32::MAX));
            log.add(COUNT.get());
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "1 2147483647 \"name\"");
        assert_eq!(COUNT.get(), 5);
    }
}

mod values {
    use super::*;

    #[test]
    fn moved_argument_lives_until_the_call() {
        #[with_defer]
        fn f(shared: Rc<()>) -> usize {
            let observer = shared.clone();
            defer!(drop(shared));
            Rc::strong_count(&observer)
        }
        let shared = Rc::new(());
        assert_eq!(f(shared.clone()), 3);
        assert_eq!(Rc::strong_count(&shared), 1);
    }

    #[test]
    fn literals_and_constructors() {
        #[derive(Debug)]
        enum Shape {
            Empty,
            #[allow(dead_code, reason = "shown by `Debug`")]
            Square {
                side: i32,
            },
        }
        fn all(log: &Log, text: &str, number: i32, shapes: [Shape; 2], letter: char, tuple: (i32, bool)) {
            show(log, &(text, number, shapes, letter, tuple));
        }
        #[with_defer]
        fn f(log: &Log) {
            let mut side = 3;
            defer!(all(log, "text", -side, [Shape::Empty, Shape::Square { side }], 'x', (side, side > 2)));
            side = 100;
            log.add(side);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "100 (\"text\", -3, [Empty, Square { side: 3 }], 'x', (3, true))");
    }

    #[test]
    fn expressions_of_every_kind() {
        enum Letter {
            A = b'a' as isize,
        }
        fn six(
            log: &Log,
            first: i32,
            second: i32,
            list: Vec<i32>,
            text: String,
            byte: isize,
            range: Range<i32>,
        ) {
            show(log, &(first, second, list, text, byte, range));
        }
        #[with_defer]
        fn f(log: &Log, option: Option<i32>) {
            let mut x = 1;
            defer!(six(
                log,
                if x > 0 { x + 1 } else { 0 },
                match option {
                    Some(n) => n,
                    None => x,
                },
                vec![x, x + 1],
                format!("{x}-{}", x * 2),
                Letter::A as isize,
                x..x + 2,
            ));
            x = 50;
            log.add(x);
            let y = 5;
            defer!(six(
                log,
                {
                    let z = y + 1;
                    [z, z][1]
                },
                'value: {
                    if y > 4 {
                        break 'value y;
                    }
                    0
                },
                (0..y).filter(|n| n % 2 == 1).collect(),
                "s".repeat(2),
                98,
                0..0
            ));
        }
        let log = Log::default();
        f(&log, Some(9));
        assert_eq!(log.text(), "50 (6, 5, [1, 3], \"ss\", 98, 0..0) (2, 9, [1, 2], \"1-2\", 97, 1..3)");
    }

    #[test]
    fn argument_that_uses_the_receiver() {
        #[with_defer]
        fn f(seen: &mut Vec<usize>) {
            defer!(seen.push(seen.len()));
            seen.push(20);
            seen.push(30);
        }
        let mut seen = vec![10];
        f(&mut seen);
        assert_eq!(seen, [10, 20, 30, 1]);
    }

    #[test]
    fn question_mark_in_an_argument_leaves_before_anything_is_deferred() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Result<i32, std::num::ParseIntError> {
            defer!(log.add("earlier"));
            defer!(show(log, &text.parse::<i32>()?));
            log.add("body");
            Ok(1)
        }
        let log = Log::default();
        assert_eq!(f(&log, "12"), Ok(1));
        assert_eq!(log.text(), "body 12 earlier");
        let log = Log::default();
        assert!(f(&log, "x").is_err());
        assert_eq!(log.text(), "earlier");
    }

    #[test]
    fn return_in_an_argument_leaves_before_anything_is_deferred() {
        #[with_defer]
        fn f(log: &Log, n: Option<i32>) -> i32 {
            defer!(log.add("earlier"));
            defer!(log.add(match n {
                Some(n) => n,
                None => return 0,
            }));
            1
        }
        let log = Log::default();
        assert_eq!((f(&log, Some(5)), f(&log, None)), (1, 0));
        assert_eq!(log.text(), "5 earlier earlier");
    }

    #[test]
    fn self_by_value() {
        struct Connection<'a>(&'a Log, String);
        fn close(connection: Connection) {
            connection.0.add(&connection.1);
            drop(connection.1);
        }
        impl Connection<'_> {
            #[with_defer]
            fn finish(self) {
                let log = self.0;
                defer!(close(self));
                log.add("body");
            }
        }
        let log = Log::default();
        Connection(&log, "closed".to_owned()).finish();
        assert_eq!(log.text(), "body closed");
    }
}

mod temporaries {
    use super::*;

    struct Loud<'a>(&'a Log, i32);

    impl Drop for Loud<'_> {
        fn drop(&mut self) {
            self.0.add(format_args!("drop{}", self.1));
        }
    }

    fn look(loud: &Loud) {
        loud.0.add(format_args!("look{}", loud.1));
    }

    #[test]
    fn reference_to_a_temporary_lives_until_the_call() {
        #[with_defer]
        fn f(log: &Log) {
            let n = 1;
            defer!(look(&Loud(log, n)));
            defer!(look(&mut Loud(log, 2)));
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body look2 drop2 look1 drop1");
    }

    #[test]
    fn reference_to_a_formatted_text() {
        fn say(log: &Log, text: &str) {
            log.add(text);
        }
        #[with_defer]
        fn f(log: &Log) {
            let mut n = 1;
            defer!(say(log, &format!("n{n}")));
            n = 2;
            defer!(say(log, &n.to_string()));
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 n1");
    }

    #[test]
    fn reference_to_a_call_and_to_an_array() {
        fn sum(log: &Log, numbers: &[i32]) {
            log.add(numbers.iter().sum::<i32>());
        }
        fn numbers(log: &Log) -> Vec<i32> {
            log.value("numbers", vec![1, 2, 3])
        }
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 10;
            defer!(sum(log, &numbers(log)));
            defer!(sum(log, &[x, x]));
            defer!(sum(log, &mut [x, 1]));
            x = 0;
            log.add(x);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "numbers 0 11 20 6");
    }

    #[test]
    fn mutable_temporary_is_changed_by_the_call() {
        fn fill(log: &Log, buffer: &mut Vec<i32>) {
            buffer.push(1);
            show(log, buffer);
        }
        #[with_defer]
        fn f(log: &Log) {
            defer!(fill(log, &mut Vec::new()));
            defer!(fill(log, &mut vec![0]));
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body [0, 1] [1]");
    }
}

mod callees {
    use super::*;

    fn trace<'a>(log: &'a Log, name: &'a str) -> impl FnOnce() + use<'a> {
        log.add(format_args!("enter-{name}"));
        move || log.add(format_args!("leave-{name}"))
    }

    #[test]
    fn callee_of_a_callee() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(trace(log, "f")());
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "enter-f body leave-f");
    }

    #[test]
    fn only_the_last_of_three_calls_waits() {
        fn a(log: &Log, n: i32) -> impl Fn(i32) -> Box<dyn Fn(i32)> {
            log.add(format_args!("a{n}"));
            |m| Box::new(move |k| assert_eq!((m, k), (2, 3)))
        }
        #[with_defer]
        fn f(log: &Log) {
            defer!(a(log, 1)(2)(3));
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "a1 body");
    }

    #[test]
    fn paths_and_type_arguments() {
        mod outer {
            pub(super) fn free(list: &mut Vec<i32>) {
                list.push(1);
            }
        }
        struct Type;
        trait Trait {
            fn provided(list: &mut Vec<i32>) {
                list.push(4);
            }
        }
        impl Trait for Type {}
        impl Type {
            fn associated<T: Into<i32>>(list: &mut Vec<i32>, n: T) {
                list.push(n.into());
            }
            #[with_defer]
            fn f(list: &mut Vec<i32>) {
                defer!(outer::free(&mut *list));
                defer!(Self::associated::<u8>(&mut *list, 2));
                defer!(Type::associated(&mut *list, 3));
                defer!(<Self as Trait>::provided(&mut *list));
                defer!(<Vec<i32>>::push(&mut *list, 5));
                defer!(Vec::push(&mut *list, 6));
                defer!(list.extend::<[i32; 1]>([7]));
                list.push(0);
            }
        }
        let mut list = vec![];
        Type::f(&mut list);
        assert_eq!(list, [0, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn function_pointers_statics_and_tables() {
        fn one(log: &Log) {
            log.add(1);
        }
        fn two(log: &Log) {
            log.add(2);
        }
        const ONE: fn(&Log) = one;
        static TWO: fn(&Log) = two;
        #[with_defer]
        fn f(log: &Log, pointer: fn(&Log)) {
            let mut table: [fn(&Log); 2] = [one, two];
            let i = 1;
            defer!(table[i](log));
            table[1] = one;
            defer!(table[1](log));
            defer!(ONE(log));
            defer!(TWO(log));
            defer!(pointer(log));
        }
        let log = Log::default();
        f(&log, |log| log.add("pointer"));
        assert_eq!(log.text(), "pointer 2 1 1 2");
    }

    #[test]
    fn copied_closure_is_callable_by_the_body_too() {
        #[with_defer]
        fn f(log: &Log) {
            let say = |n: i32| log.add(n);
            defer!(say(1));
            say(2);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 1");
    }

    #[test]
    fn fn_mut_and_boxed_fn_once() {
        #[with_defer]
        fn f(
            log: &Log,
            boxed: Box<dyn FnOnce(i32) + '_>,
            generic: impl FnOnce(i32),
            by_ref: &mut dyn FnMut(i32),
        ) {
            let mut total = 0;
            let add = |n: i32| {
                total += n;
                log.add(total);
            };
            defer!(add(5));
            defer!(boxed(6));
            defer!(generic(7));
            defer!(by_ref(8));
            log.add("body");
        }
        let log = Log::default();
        f(&log, Box::new(|n| log.add(n)), |n| log.add(n), &mut |n| log.add(n));
        assert_eq!(log.text(), "body 8 7 6 5");
    }

    #[test]
    fn constructors_as_callees() {
        struct Guard(Rc<Cell<i32>>);
        impl Drop for Guard {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        #[with_defer]
        fn f(drops: &Rc<Cell<i32>>) -> i32 {
            defer!(Some(Guard(drops.clone())));
            defer!(Guard(drops.clone()));
            drops.get()
        }
        let drops = Rc::new(Cell::new(0));
        assert_eq!(f(&drops), 0);
        assert_eq!(drops.get(), 2);
    }

    #[test]
    fn callee_that_panics_defers_nothing() {
        fn broken(log: &Log) -> fn(i32) {
            log.add("callee");
            panic!("no function");
        }
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("earlier"));
            defer!(broken(log)(log.value("arg", 1)));
            log.add("body");
        }
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log)), "no function");
        assert_eq!(log.text(), "callee earlier");
    }

    #[test]
    fn method_of_a_trait_and_of_a_trait_object() {
        trait Close {
            fn close(&mut self, log: &Log);
        }
        impl Close for i32 {
            fn close(&mut self, log: &Log) {
                log.add(*self);
            }
        }
        #[with_defer]
        fn f<C: Close>(log: &Log, mut generic: C, object: &mut dyn Close, mut boxed: Box<dyn Close>) {
            defer!(generic.close(log));
            defer!(object.close(log));
            defer!(boxed.close(log));
            generic.close(log);
            object.close(log);
            boxed.close(log);
        }
        let log = Log::default();
        f(&log, 1, &mut 2, Box::new(3));
        assert_eq!(log.text(), "1 2 3 3 2 1");
    }

    #[test]
    fn receiver_and_method_of_the_same_name() {
        struct Push {
            push: Vec<i32>,
        }
        #[with_defer]
        fn f(push: &mut Push) {
            defer!(push.push.push(1));
            push.push.push(0);
        }
        let mut push = Push { push: vec![] };
        f(&mut push);
        assert_eq!(push.push, [0, 1]);
    }

    #[test]
    fn consuming_method_moves_at_exit() {
        struct Connection(Rc<()>);
        impl Connection {
            fn close(self) {
                drop(self.0);
            }
        }
        #[with_defer]
        fn f(shared: &Rc<()>) -> usize {
            let connection = Connection(shared.clone());
            defer!(connection.close());
            Rc::strong_count(&connection.0)
        }
        let shared = Rc::new(());
        assert_eq!(f(&shared), 2);
        assert_eq!(Rc::strong_count(&shared), 1);
    }
}

mod closures {
    use super::*;

    fn call(f: impl FnOnce()) {
        f();
    }

    #[test]
    fn closure_argument_is_built_at_exit() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            defer!(call(|| log.add(x)));
            x = 2;
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body 2");
    }

    #[test]
    fn move_closure_argument_is_built_now() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            defer!(call(move || log.add(x)));
            x = 2;
            log.add(x);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 1");
    }

    #[test]
    fn closure_callee_is_built_at_exit() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            let mut y = 1;
            defer!((|y: i32| {
                x += 100;
                log.add(format_args!("{x},{y}"));
            })(y));
            x += 1;
            y += 1;
            log.add(y);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 102,1");
    }

    #[test]
    fn move_closure_callee_is_built_now() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            defer!((move || log.add(x))());
            x = 2;
            log.add(x);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 1");
    }

    #[test]
    fn closure_argument_that_changes_what_the_body_uses() {
        #[with_defer]
        fn f(log: &mut Vec<i32>) {
            let mut numbers = vec![3, 1, 2];
            defer!(numbers.retain(|n| {
                log.push(*n);
                true
            }));
            defer!(numbers.sort_by_key(|n| -n));
            numbers.push(9);
            log.push(0);
        }
        let mut log = vec![];
        f(&mut log);
        assert_eq!(log, [0, 9, 3, 2, 1]);
    }

    #[test]
    fn return_in_a_closure_argument_leaves_the_closure() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let numbers = [1, 2, 3];
            defer!(show(log, &numbers));
            defer!(call(|| {
                if numbers.len() == 3 {
                    log.add("three");
                    return;
                }
                log.add("not three");
            }));
            7
        }
        let log = Log::default();
        assert_eq!(f(&log), 7);
        assert_eq!(log.text(), "three [1, 2, 3]");
    }
}
