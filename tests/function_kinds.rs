//! Every kind of function.
#![allow(clippy::needless_return, reason = "every way out is written")]

mod common;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

mod receivers {
    use super::*;

    #[derive(Clone, Default)]
    struct Account {
        balance: i32,
        history: Vec<i32>,
    }

    impl Account {
        #[with_defer]
        fn opened(log: &Log) -> Self {
            defer!(log.add("opened"));
            Self { balance: 1, history: vec![] }
        }

        #[with_defer]
        fn by_reference(&self, log: &Log) -> i32 {
            defer!(log.add(self.balance));
            self.balance
        }

        #[with_defer]
        fn by_mutable_reference(&mut self) -> i32 {
            defer!(self.history.push(self.balance));
            defer! {
                self.balance += 1;
            }
            self.balance *= 10;
            self.history.push(0);
            self.balance
        }

        #[with_defer]
        fn by_value(self, log: &Log) -> Vec<i32> {
            defer!(log.add(self.balance));
            self.history.clone()
        }

        #[with_defer]
        fn by_mutable_value(mut self) -> Self {
            defer!(drop(vec![1]));
            self.balance += 5;
            self
        }

        #[with_defer]
        #[expect(clippy::boxed_local, reason = "the box is the point")]
        fn boxed(self: Box<Self>, log: &Log) -> i32 {
            defer!(log.add(self.history.len()));
            self.balance
        }

        #[with_defer]
        fn counted(self: Rc<Self>, log: &Log) -> usize {
            defer!(log.add(Rc::strong_count(&self)));
            Rc::strong_count(&self)
        }

        #[with_defer]
        fn atomically_counted(self: &Arc<Self>, log: &Log) -> i32 {
            defer!(log.add(self.balance));
            self.balance
        }

        #[with_defer]
        fn pinned(mut self: Pin<&mut Self>) -> i32 {
            defer! {
                self.balance += 1;
            }
            self.balance += 10;
            let balance = self.balance;
            self.as_mut().get_mut().history.push(balance);
            balance
        }

        #[with_defer]
        fn lent(&mut self, log: &Log) -> &mut i32 {
            defer!(log.add("lent"));
            &mut self.balance
        }

        #[with_defer]
        fn lent_in_part(&mut self) -> &mut i32 {
            defer!(self.history.push(1));
            self.history.push(0);
            &mut self.balance
        }
    }

    #[test]
    fn no_self() {
        let log = Log::default();
        assert_eq!(Account::opened(&log).balance, 1);
        assert_eq!(log.text(), "opened");
    }

    #[test]
    fn self_reference() {
        let log = Log::default();
        assert_eq!(Account { balance: 3, history: vec![] }.by_reference(&log), 3);
        assert_eq!(log.text(), "3");
    }

    #[test]
    fn self_mutable_reference() {
        let mut account = Account { balance: 3, history: vec![] };
        assert_eq!(account.by_mutable_reference(), 30);
        assert_eq!((account.balance, account.history), (31, vec![0, 3]));
    }

    #[test]
    fn self_value() {
        let log = Log::default();
        assert_eq!(Account { balance: 4, history: vec![7] }.by_value(&log), [7]);
        assert_eq!(log.text(), "4");
        assert_eq!(Account::default().by_mutable_value().balance, 5);
    }

    #[test]
    fn self_box_rc_arc() {
        let log = Log::default();
        assert_eq!(Box::new(Account { balance: 5, history: vec![1, 2] }).boxed(&log), 5);
        let counted = Rc::new(Account::default());
        assert_eq!(counted.clone().counted(&log), 2);
        assert_eq!(Rc::strong_count(&counted), 1);
        assert_eq!(Arc::new(Account { balance: 6, history: vec![] }).atomically_counted(&log), 6);
        assert_eq!(log.text(), "2 2 6");
    }

    #[test]
    fn self_pin() {
        let mut account = Account::default();
        assert_eq!(Pin::new(&mut account).pinned(), 10);
        assert_eq!((account.balance, account.history), (11, vec![10]));
    }

    #[test]
    fn reference_into_self() {
        let log = Log::default();
        let mut account = Account::default();
        *account.lent(&log) += 1;
        *account.lent_in_part() += 1;
        assert_eq!((account.balance, account.history, log.text().as_str()), (2, vec![0, 1], "lent"));
    }
}

mod traits {
    use super::*;

    trait Resource {
        const NAME: &'static str;
        type Handle: Display;

        fn log(&self) -> &Log;
        fn handle(&self) -> Self::Handle;

        #[with_defer]
        fn used(&self) -> Self::Handle {
            let log = self.log();
            defer!(log.add(Self::NAME));
            log.add("default");
            self.handle()
        }

        #[with_defer]
        fn required(&self) -> i32;
    }

    struct File<'a>(&'a Log);

    impl Resource for File<'_> {
        const NAME: &'static str = "file";
        type Handle = i32;

        fn log(&self) -> &Log {
            self.0
        }

        fn handle(&self) -> i32 {
            7
        }

        #[with_defer]
        fn required(&self) -> i32 {
            defer!(self.0.add("impl"));
            self.0.add("body");
            self.handle()
        }
    }

    #[test]
    fn default_and_impl_methods() {
        let log = Log::default();
        let file = File(&log);
        assert_eq!((file.used(), file.required()), (7, 7));
        assert_eq!(log.text(), "default file body impl");
    }

    #[test]
    fn standard_traits() {
        struct Count<'a> {
            left: u8,
            log: &'a Log,
        }
        impl Iterator for Count<'_> {
            type Item = u8;
            #[with_defer]
            fn next(&mut self) -> Option<u8> {
                defer!(self.log.add(self.left));
                self.left = self.left.checked_sub(1)?;
                Some(self.left)
            }
        }
        impl Drop for Count<'_> {
            #[with_defer]
            fn drop(&mut self) {
                defer!(self.log.add("dropped"));
                self.log.add("drop");
            }
        }
        impl std::ops::Add for Count<'_> {
            type Output = u8;
            #[with_defer]
            fn add(self, other: Self) -> u8 {
                defer!(self.log.add("added"));
                self.left + other.left
            }
        }
        let log = Log::default();
        assert_eq!(Count { left: 2, log: &log }.collect::<Vec<_>>(), [1, 0]);
        assert_eq!(log.text(), "2 1 0 drop dropped");
        let log = Log::default();
        assert_eq!(Count { left: 2, log: &log } + Count { left: 3, log: &log }, 5);
        assert_eq!(log.text(), "added drop dropped drop dropped");
    }
}

mod generics {
    use super::*;

    #[with_defer]
    fn type_parameter<T: Debug>(log: &Log, value: T) -> T {
        defer!(log.add("done"));
        log.add(format_args!("{value:?}"));
        value
    }

    #[with_defer]
    fn const_parameter<const N: usize>(log: &Log, array: [i32; N]) -> [i32; N] {
        defer!(log.add(N));
        array.map(|n| n + 1)
    }

    #[with_defer]
    fn with_where_clause<I, T>(items: I, log: &Log) -> Vec<T>
    where
        I: IntoIterator<Item = T>,
        T: Clone + Display,
        for<'a> &'a T: PartialEq,
    {
        let mut items: Vec<T> = items.into_iter().collect();
        defer!(log.add(items.len()));
        let last = items[0].clone();
        items.push(last);
        items
    }

    #[with_defer]
    fn impl_arguments(log: &Log, show: impl Display, run: impl FnOnce(i32) -> i32) -> i32 {
        defer!(log.add(show));
        run(20)
    }

    #[with_defer]
    fn impl_arguments_moved_at_exit(log: &Log, run: impl FnOnce(&Log)) {
        defer! {
            run(log);
        }
        log.add("body");
    }

    struct Wrapper<'a, T, const N: usize>([T; N], &'a Log);

    impl<'a, T: Copy + Display, const N: usize> Wrapper<'a, T, N> {
        #[with_defer]
        fn shifted<U: From<T>>(&self, by: usize) -> Vec<U> {
            defer!(self.1.add(format_args!("{}x{N}", by)));
            self.0.iter().copied().skip(by).map(U::from).collect()
        }

        #[with_defer]
        fn log(&self) -> &'a Log {
            defer!(self.1.add(self.0[0]));
            self.1
        }
    }

    #[test]
    fn types_and_constants() {
        let log = Log::default();
        assert_eq!(type_parameter(&log, "a"), "a");
        assert_eq!(const_parameter(&log, [1, 2, 3]), [2, 3, 4]);
        assert_eq!(with_where_clause([5, 6], &log), [5, 6, 5]);
        assert_eq!(log.text(), "\"a\" done 3 2");
    }

    #[test]
    fn impl_trait_arguments() {
        let log = Log::default();
        assert_eq!(impl_arguments(&log, "shown", |n| n + 1), 21);
        impl_arguments_moved_at_exit(&log, |log| log.add("ran"));
        assert_eq!(log.text(), "shown body ran");
    }

    #[test]
    fn methods_of_generic_types() {
        let log = Log::default();
        let wrapper = Wrapper([1_i32, 2, 3], &log);
        assert_eq!(wrapper.shifted::<i64>(1), [2, 3]);
        wrapper.log().add("after");
        assert_eq!(log.text(), "1x3 1 after");
    }

    #[test]
    fn generic_recursion_through_a_trait_object() {
        #[with_defer]
        fn visit(log: &Log, depth: i32, f: &dyn Fn(i32)) {
            defer!(log.add(depth));
            if depth > 0 {
                visit(log, depth - 1, &|n| f(n * 2));
            } else {
                f(1);
            }
        }
        let log = Log::default();
        visit(&log, 3, &|n| log.add(format_args!("f{n}")));
        assert_eq!(log.text(), "f8 0 1 2 3");
    }
}

mod return_types {
    use super::*;

    #[with_defer]
    fn impl_iterator(log: &Log, n: i32) -> impl Iterator<Item = i32> + use<> {
        defer!(log.add("made"));
        (0..n).map(|n| n * 2)
    }

    #[with_defer]
    fn impl_nested(log: &Log, fail: bool) -> Result<Option<impl Display>, Box<dyn Error>> {
        defer!(log.add("made"));
        if fail {
            Err("failed")?;
        }
        Ok(Some("shown"))
    }

    #[with_defer]
    fn impl_two(log: &Log) -> (impl Display, impl Fn(i32) -> i32) {
        defer!(log.add("made"));
        ("shown", |n| n + 1)
    }

    #[with_defer]
    fn impl_fn(log: &Log) -> impl Fn(&str) -> usize {
        defer!(log.add("made"));
        |text| text.len()
    }

    #[with_defer]
    fn impl_fn_to_reference(log: &Log) -> impl Fn(&str) -> &str + use<> {
        defer!(log.add("made"));
        |text| text.trim()
    }

    #[with_defer]
    fn impl_fn_mut<T: Clone>(log: &Log, start: Vec<T>) -> impl FnMut(&T, &mut i32) -> Vec<T> + use<T> {
        defer!(log.add(start.len()));
        let mut list = start;
        move |item, count| {
            *count += 1;
            list.push(item.clone());
            list.clone()
        }
    }

    #[with_defer]
    fn impl_fn_once(log: &Log) -> impl FnOnce(Option<&str>) -> String + use<'_> {
        defer!(log.add("made"));
        move |text| {
            log.add("called");
            text.map(str::to_uppercase).unwrap_or_default()
        }
    }

    #[with_defer]
    fn boxed_fn(log: &Log, twice: bool) -> Box<dyn Fn(&str) -> usize> {
        defer!(log.add("made"));
        if twice {
            return Box::new(|text| text.len() * 2);
        }
        Box::new(|text| text.trim().len())
    }

    #[with_defer]
    fn boxed_error(log: &Log, text: &str) -> Result<i32, Box<dyn Error + Send + Sync>> {
        defer!(log.add("parsed"));
        if text.is_empty() {
            return Err("empty".into());
        }
        Ok(text.parse::<i32>()?)
    }

    #[with_defer]
    fn coerced(list: &mut Vec<i32>, log: &Log) -> Box<dyn Debug> {
        defer!(log.add("made"));
        list.push(1);
        match list.len() {
            1 => Box::new(1),
            2 => return Box::new("two"),
            _ => Box::new(list.clone()),
        }
    }

    #[with_defer]
    fn slice<'a>(list: &'a mut Vec<i32>, log: &Log) -> &'a [i32] {
        defer!(log.add("made"));
        list.push(1);
        list
    }

    #[with_defer]
    fn never(log: &Log) -> ! {
        defer!(log.add("deferred"));
        panic!("never returns");
    }

    #[with_defer]
    fn never_loop(log: &Log) -> ! {
        defer!(log.add("deferred"));
        let mut n = 0;
        loop {
            n += 1;
            assert!(n < 3, "three turns");
        }
    }

    #[with_defer]
    #[expect(clippy::unused_unit, reason = "the point")]
    fn explicit_unit(log: &Log) -> () {
        defer!(log.add("deferred"));
        log.add("unit")
    }

    #[with_defer]
    fn function_pointer(log: &Log) -> fn(i32) -> i32 {
        defer!(log.add("made"));
        |n| n + 1
    }

    #[with_defer]
    #[expect(clippy::type_complexity, reason = "the point")]
    fn array_tuple_nested(log: &Log) -> ([Option<i32>; 2], (String, Result<(), ()>)) {
        defer!(log.add("made"));
        ([Some(1), None], (String::from("s"), Ok(())))
    }

    #[test]
    fn impl_trait() {
        let log = Log::default();
        assert_eq!(impl_iterator(&log, 3).collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(impl_nested(&log, false).unwrap().unwrap().to_string(), "shown");
        assert_eq!(impl_nested(&log, true).err().unwrap().to_string(), "failed");
        let (shown, next) = impl_two(&log);
        assert_eq!((shown.to_string().as_str(), next(1)), ("shown", 2));
        assert_eq!(log.text(), "made made made made");
    }

    #[test]
    fn impl_fn_of_a_reference() {
        let log = Log::default();
        assert_eq!(impl_fn(&log)("four"), 4);
        assert_eq!(impl_fn_to_reference(&log)(" x "), "x");
        let mut count = 0;
        let mut push = impl_fn_mut(&log, vec![1]);
        assert_eq!((push(&2, &mut count), push(&3, &mut count), count), (vec![1, 2], vec![1, 2, 3], 2));
        assert_eq!(impl_fn_once(&log)(Some("a")), "A");
        assert_eq!(boxed_fn(&log, true)("ab") + boxed_fn(&log, false)("ab"), 6);
        assert_eq!(log.text(), "made made 1 made called made made");
    }

    #[test]
    fn coercions() {
        let log = Log::default();
        assert_eq!(boxed_error(&log, "7").unwrap(), 7);
        assert_eq!(boxed_error(&log, "").unwrap_err().to_string(), "empty");
        assert_eq!(boxed_error(&log, "x").unwrap_err().to_string(), "invalid digit found in string");
        let mut list = vec![];
        let shown = [(); 3].map(|()| format!("{:?}", coerced(&mut list, &log)));
        assert_eq!(shown, ["1", "\"two\"", "[1, 1, 1]"]);
        assert_eq!(slice(&mut list, &log), [1; 4]);
        assert_eq!(function_pointer(&log)(1), 2);
        assert_eq!(array_tuple_nested(&log), ([Some(1), None], ("s".to_owned(), Ok(()))));
        assert_eq!(log.text(), "parsed parsed parsed made made made made made made");
    }

    #[test]
    fn never_and_unit() {
        let log = Log::default();
        assert_eq!(panic_message(|| never(&log)), "never returns");
        assert_eq!(panic_message(|| never_loop(&log)), "three turns");
        explicit_unit(&log);
        assert_eq!(log.text(), "deferred deferred unit deferred");
    }
}

mod lifetimes {
    use super::*;

    #[with_defer]
    fn elided<'l>(text: &str, log: &'l Log) -> &'l Log {
        defer!(log.add(text));
        log
    }

    #[with_defer]
    fn named<'a, 'b: 'a>(log: &Log, a: &'a str, b: &'b str) -> (&'a str, Cow<'b, str>) {
        defer!(log.add(a));
        if a.len() > b.len() { (a, Cow::Borrowed(b)) } else { (b, Cow::Owned(b.repeat(2))) }
    }

    #[with_defer]
    fn higher_ranked(log: &Log, pick: impl for<'a> Fn(&'a str, &'a str) -> &'a str) -> String {
        defer!(log.add(pick("deferred", "x")));
        pick("body", "y").to_owned()
    }

    #[with_defer]
    fn higher_ranked_where<F>(log: &Log, f: F) -> i32
    where
        F: for<'a> FnOnce(&'a mut Vec<i32>) -> &'a mut i32,
    {
        let mut list = vec![1];
        defer!(log.add(list.len()));
        *f(&mut list) + 1
    }

    #[with_defer]
    fn reborrowed<'a>(list: &'a mut Vec<i32>, log: &Log) -> &'a mut i32 {
        defer!(log.add("reborrowed"));
        list.push(5);
        list.last_mut().unwrap()
    }

    #[with_defer]
    fn returned_by_key<'m>(map: &'m mut HashMap<String, i32>, key: &str, log: &Log) -> Option<&'m mut i32> {
        defer!(log.add(key));
        let value = map.get_mut(key)?;
        *value += 1;
        Some(value)
    }

    #[with_defer]
    fn two_mutable<'a>(first: &'a mut i32, second: &mut i32) -> &'a mut i32 {
        defer! {
            *second += 1;
        }
        *first += *second;
        first
    }

    #[with_defer]
    fn static_result(log: &Log) -> &'static str {
        defer!(log.add("static"));
        "text"
    }

    #[with_defer]
    fn anonymous(text: &mut impl std::fmt::Write, items: std::slice::Iter<'_, i32>) -> std::fmt::Result {
        defer!(text.write_str(".")?);
        for item in items {
            write!(text, "{item}")?;
        }
        Ok(())
    }

    #[test]
    fn elided_and_named() {
        let log = Log::default();
        elided("elided", &log).add("after");
        assert_eq!(named(&log, "long", "b"), ("long", Cow::Borrowed("b")));
        assert_eq!(named(&log, "a", "bb"), ("bb", Cow::Owned("bbbb".to_owned())));
        assert_eq!(static_result(&log), "text");
        assert_eq!(log.text(), "elided after long a static");
    }

    #[test]
    fn higher_ranked_bounds() {
        let log = Log::default();
        assert_eq!(higher_ranked(&log, |a, _| a), "body");
        assert_eq!(higher_ranked_where(&log, |list| list.last_mut().unwrap()), 2);
        assert_eq!(log.text(), "deferred 1");
    }

    #[test]
    fn mutable_references_out_of_arguments() {
        let log = Log::default();
        let mut list = vec![];
        *reborrowed(&mut list, &log) += 1;
        assert_eq!(list, [6]);
        let mut map = HashMap::from([("a".to_owned(), 1)]);
        *returned_by_key(&mut map, "a", &log).unwrap() *= 10;
        assert_eq!(map["a"], 20);
        assert!(returned_by_key(&mut map, "b", &log).is_none());
        assert_eq!(log.text(), "reborrowed a b");
        let (mut first, mut second) = (1, 2);
        *two_mutable(&mut first, &mut second) *= 10;
        assert_eq!((first, second), (30, 3));
    }

    #[test]
    fn anonymous_lifetimes() {
        let mut text = String::new();
        anonymous(&mut text, [1, 2].iter()).unwrap();
        assert_eq!(text, "12.");
    }
}

mod signatures {
    use super::*;

    struct Point {
        x: i32,
        y: i32,
    }

    #[with_defer]
    fn patterns(
        (a, mut b): (i32, i32),
        Point { x, y: renamed }: Point,
        [first, ..]: [i32; 3],
        _: u8,
    ) -> Vec<i32> {
        let mut seen = vec![a, x, renamed, first];
        defer!(drop(vec![seen.len()]));
        b += 1;
        seen.push(b);
        seen.clone()
    }

    #[with_defer]
    fn mutable_arguments(mut n: i32, log: &Log) -> i32 {
        defer! {
            log.add(n);
        }
        n += 1;
        n
    }

    /// Documented.
    #[inline]
    #[must_use]
    #[with_defer]
    #[cfg(not(any()))]
    pub(crate) fn attributes(#[allow(unused)] unused: i32) -> i32 {
        defer!(drop(vec![1]));
        1
    }

    #[with_defer]
    extern "C" fn extern_c(n: i32) -> i32 {
        let mut n = n;
        defer!(assert_eq_ten(n));
        n *= 2;
        n
    }

    fn assert_eq_ten(n: i32) {
        assert_eq!(n, 10);
    }

    macro_rules! functions {
        ($($name:ident($($arg:ident: $ty:ty),*) -> $ret:ty { $deferred:expr; $body:expr })*) => {
            $(
                #[with_defer]
                fn $name($($arg: $ty),*) -> $ret {
                    defer!($deferred);
                    $body
                }
            )*
        };
    }

    functions! {
        made(log: &Log, n: i32) -> i32 { log.add(n); n + 1 }
        made_too(log: &mut Vec<i32>) -> () { log.push(2); log.push(1) }
    }

    #[test]
    fn argument_patterns() {
        assert_eq!(patterns((1, 2), Point { x: 3, y: 4 }, [5, 6, 7], 0), [1, 3, 4, 5, 3]);
        let log = Log::default();
        assert_eq!(mutable_arguments(1, &log), 2);
        assert_eq!(log.text(), "2");
    }

    #[test]
    fn attributes_and_abi() {
        assert_eq!(attributes(0), 1);
        assert_eq!(extern_c(10), 20);
    }

    #[test]
    fn made_by_macros() {
        let log = Log::default();
        assert_eq!(made(&log, 1), 2);
        assert_eq!(log.text(), "1");
        let mut list = vec![];
        made_too(&mut list);
        assert_eq!(list, [1, 2]);
    }
}

mod bodies {
    #![allow(clippy::items_after_statements, clippy::needless_late_init, reason = "the order is the point")]

    use super::*;

    #[test]
    fn items_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            log.add(early());
            let before = Later { n: START };
            defer!(log.add(late(before.n)));
            use std::cmp::max as larger;
            const START: i32 = 5;
            static ADD: i32 = 2;
            fn early() -> &'static str {
                "early"
            }
            fn late(n: i32) -> i32 {
                n + ADD
            }
            struct Later {
                n: i32,
            }
            impl Later {
                fn double(&self) -> i32 {
                    self.n * 2
                }
            }
            larger(before.double(), 3)
        }
        let log = Log::default();
        assert_eq!(f(&log), 10);
        assert_eq!(log.text(), "early 7");
    }

    #[test]
    fn thread_locals_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add(count()));
            log.add(count());
            thread_local! { static COUNT: Cell<u8> = const { Cell::new(0) }; }
            std::thread_local!(static STEP: u8 = const { 2 });
            struct Counted;
            impl Drop for Counted {
                fn drop(&mut self) {
                    COUNT.with(|count| count.set(count.get() + STEP.with(|step| *step)));
                }
            }
            fn count() -> u8 {
                COUNT.with(Cell::get)
            }
            drop(Counted);
            log.add(count());
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "0 2 0");
    }

    #[test]
    fn macros_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            macro_rules! first {
                () => {
                    1
                };
            }
            defer!(log.add(first!()));
            macro_rules! second {
                ($n:expr) => {
                    first!() + $n
                };
            }
            fn third() -> i32 {
                second!(10)
            }
            second!(third())
        }
        let log = Log::default();
        assert_eq!(f(&log), 12);
        assert_eq!(log.text(), "1");
    }

    #[test]
    fn variable_assigned_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log, c: bool) -> i32 {
            let x;
            let y: Vec<i32>;
            defer!(log.add("deferred"));
            if c {
                x = 1;
            } else {
                x = 2;
            }
            y = vec![x];
            y[0] * 10
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (10, 20));
        assert_eq!(log.text(), "deferred deferred");
    }

    #[test]
    fn variable_assigned_before_the_statement() {
        #[with_defer]
        fn f(log: &Log, c: bool) -> i32 {
            let x;
            if c {
                x = 1;
            } else {
                x = 2;
            }
            defer!(log.add(x));
            x * 10
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (10, 20));
        assert_eq!(log.text(), "1 2");
    }

    #[test]
    fn macros_that_return() {
        macro_rules! bail {
            ($($text:tt)*) => {
                return Err(format!($($text)*))
            };
        }
        macro_rules! ensure {
            ($condition:expr, $($text:tt)*) => {
                if !$condition {
                    bail!($($text)*);
                }
            };
        }
        #[with_defer]
        fn f(log: &Log, n: i32) -> Result<i32, String> {
            defer!(log.add("deferred"));
            ensure!(n > 0, "not positive: {n}");
            if n > 10 {
                bail!("too large: {}", n);
            }
            Ok(n)
        }
        let log = Log::default();
        assert_eq!(f(&log, 5), Ok(5));
        assert_eq!(f(&log, 0), Err("not positive: 0".to_owned()));
        assert_eq!(f(&log, 11), Err("too large: 11".to_owned()));
        assert_eq!(log.text(), "deferred deferred deferred");
    }

    #[test]
    fn let_else() {
        #[with_defer]
        fn f(log: &Log, text: Option<&str>) -> usize {
            defer!(log.add("first"));
            let Some(text) = text else {
                return 0;
            };
            defer!(log.add(text));
            let [first, ..] = text.as_bytes() else { return 1 };
            usize::from(*first)
        }
        let log = Log::default();
        assert_eq!((f(&log, None), f(&log, Some("")), f(&log, Some("a"))), (0, 1, 97));
        assert_eq!(log.text(), "first  first a first");
    }

    #[test]
    fn labelled_breaks() {
        #[with_defer]
        fn f(log: &Log, stop: i32) -> i32 {
            defer!(log.add("deferred"));
            let found = 'outer: loop {
                for i in 0.. {
                    for j in 0..i {
                        if i * j == stop {
                            break 'outer i;
                        }
                        if j == 3 {
                            continue 'outer;
                        }
                        if i > 5 {
                            return -1;
                        }
                    }
                }
            };
            'block: {
                if found > 3 {
                    break 'block;
                }
                log.add("small");
            }
            found
        }
        let log = Log::default();
        assert_eq!(f(&log, 6), 3);
        assert_eq!(f(&log, 8), 4);
        assert_eq!(log.text(), "small deferred deferred");
    }

    #[test]
    fn shadowing() {
        #[with_defer]
        fn f(log: &Log) -> String {
            let x = 1;
            defer!(log.add(x));
            defer! {
                log.add(format_args!("block{x}"));
            }
            let x = "two";
            defer!(log.add(x));
            let x = format!("{x}!");
            defer! {
                log.add(&x);
            }
            x.clone()
        }
        let log = Log::default();
        assert_eq!(f(&log), "two!");
        assert_eq!(log.text(), "two! two block1 1");
    }

    #[test]
    fn shadowed_variable_keeps_its_changes() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 1;
            defer! {
                log.add(x);
            }
            x += 1;
            let mut x = f64::from(x) / 4.0;
            defer! {
                log.add(x);
            }
            x += 0.25;
            let x = ();
            let () = x;
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "0.75 2");
    }

    #[test]
    fn body_moves_a_variable_out_of_the_function() {
        #[with_defer]
        fn f(log: &Log) -> Vec<String> {
            let kept = String::from("kept");
            defer!(log.add("deferred"));
            let moved = String::from("moved");
            vec![moved, kept]
        }
        let log = Log::default();
        assert_eq!(f(&log), ["moved", "kept"]);
        assert_eq!(log.text(), "deferred");
    }

    #[test]
    fn inner_functions_closures_and_blocks() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            defer!(log.add("outer"));
            #[with_defer]
            fn inner(log: &Log) -> i32 {
                defer!(log.add("inner"));
                1
            }
            let call = || inner(log);
            let sum = { inner(log) + call() };
            sum + const { 2 - 1 }
        }
        let log = Log::default();
        assert_eq!(f(&log), 3);
        assert_eq!(log.text(), "inner inner outer");
    }

    #[test]
    fn local_functions_and_traits_use_the_attribute() {
        #[with_defer]
        fn f(log: &Log) -> String {
            trait Greet {
                fn greet(&self, log: &Log) -> String;
            }
            impl Greet for i32 {
                #[with_defer]
                fn greet(&self, log: &Log) -> String {
                    defer!(log.add("greeted"));
                    format!("hello {self}")
                }
            }
            defer!(log.add("f"));
            5.greet(log)
        }
        let log = Log::default();
        assert_eq!(f(&log), "hello 5");
        assert_eq!(log.text(), "greeted f");
    }

    #[test]
    fn tail_blocks_are_part_of_the_body() {
        #[with_defer]
        fn f(log: &Log, c: bool) -> i32 {
            defer!(log.add("first"));
            {
                let mut n = 1;
                defer!(log.add("block"));
                n += 1;
                if c {
                    defer!(log.add("then"));
                    n + 1
                } else {
                    defer!(log.add("else"));
                    n - 1
                }
            }
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (3, 1));
        assert_eq!(log.text(), "then block first else block first");
    }

    #[test]
    fn loops_and_matches_without_statements_in_them() {
        #[with_defer]
        fn f(log: &Log, items: &[Option<i32>]) -> i32 {
            let mut sum = 0;
            defer!(log.add(sum));
            defer! {
                log.add(sum);
            }
            for item in items {
                sum += match item {
                    Some(n) if *n < 0 => continue,
                    Some(0) => break,
                    Some(n) => *n,
                    None => return sum,
                };
            }
            let mut rest = items.iter().rev();
            while let Some(Some(n)) = rest.next() {
                sum += n;
            }
            sum
        }
        let log = Log::default();
        assert_eq!(f(&log, &[Some(1), Some(-5), Some(2), Some(0), Some(100)]), 101);
        assert_eq!(f(&log, &[Some(7), None]), 7);
        assert_eq!(log.text(), "101 0 7 0");
    }
}
