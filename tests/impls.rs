//! `#[with_defer]` on whole `impl`s and traits.

use std::cell::RefCell;

use with_defer::{defer, defer_on_success, with_defer};

#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn add(&self, entry: &str) {
        self.0.borrow_mut().push(entry.to_owned());
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

struct Store<'a, const N: usize> {
    log: &'a Log,
    items: Vec<u32>,
}

struct Sizes<const N: usize>([usize; N]);

macro_rules! constant_function {
    ($name:ident, $value:expr) => {
        const fn $name() -> usize {
            $value
        }
    };
}

#[with_defer]
impl<'a, const N: usize> Store<'a, N> {
    const SIZE: usize = { N * 2 };

    /// Opens it.
    pub(crate) fn new(log: &'a Log) -> Self {
        defer!(log.add("opened"));
        log.add("open");
        Self { log, items: Vec::with_capacity(Self::SIZE) }
    }

    const fn size() -> usize {
        Self::SIZE
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn push(&mut self, item: u32) -> Result<usize, String> {
        defer!(self.log.add("pushed"));
        defer_on_success!(self.log.add("successfully"));
        if item == 0 {
            return Err("zero".into());
        }
        self.items.push(item);
        Ok(self.len())
    }

    #[with_defer(result = 1)]
    #[must_use]
    fn named(&self) -> usize {
        defer! {
            *result += self.items.len();
        }
        *result * 10
    }

    /// Two names.
    #[inline]
    #[with_defer::with_defer((count, first) = (0, None))]
    fn named_by_a_pattern(&self) -> (usize, Option<u32>) {
        defer! {
            *count += 1;
            *first = self.items.first().copied();
        }
        (self.len(), None)
    }

    #[with_defer]
    fn attribute_without_arguments(&self) {
        defer!(self.log.add("deferred"));
        self.log.add("body");
    }

    #[with_defer]
    fn attribute_without_statement(&self) -> usize {
        self.len()
    }

    fn only_in_a_closure(&self) {
        let write = |text| {
            defer!(self.log.add("deferred"));
            self.log.add(text);
        };
        write("closure");
        self.log.add("body");
    }

    fn generic<T: Into<u32>, const M: usize>(&mut self, items: [T; M]) -> Sizes<{ 1 + 1 }>
    where
        [T; M]: Sized,
    {
        defer!(self.log.add("deferred"));
        self.items.extend(items.map(Into::into));
        Sizes([self.len(), M])
    }

    constant_function!(by_a_macro, 3);
    constant_function! { by_a_macro_with_braces, 4 }

    fn last(self) -> u32 {
        defer!(self.log.add("last"));
        self.items[self.items.len() - 1]
    }
}

#[with_defer]
impl<const N: usize> Drop for Store<'_, N> {
    fn drop(&mut self) {
        defer!(self.log.add("closed"));
        self.log.add("close");
    }
}

#[with_defer]
pub(crate) trait Job: Sized {
    type Output: Default;
    const NAME: &'static str = "job";

    fn log(&self) -> &Log;

    fn run(&self) -> Self::Output;

    fn provided(&self) -> Self::Output {
        let log = self.log();
        defer!(log.add("done"));
        log.add(Self::NAME);
        self.run()
    }

    #[with_defer(result)]
    fn default(&self) -> Self::Output
    where
        Self::Output: Clone,
    {
        defer! {
            *result = Self::Output::default();
        }
        self.run()
    }
}

#[with_defer]
impl Job for &Log {
    type Output = u32;

    fn log(&self) -> &Log {
        self
    }

    fn run(&self) -> u32 {
        defer!(self.add("ran"));
        self.add("run");
        7
    }
}

mod path {
    pub(crate) use with_defer as facade;

    pub(crate) struct Renamed;

    #[facade::with_defer(crate = crate::path::facade)]
    impl Renamed {
        #[facade::with_defer(result)]
        pub(crate) fn value() -> u32 {
            facade::defer! {
                *result += 1;
            }
            1
        }

        #[facade::with_defer(crate = self::facade, result)]
        pub(crate) fn own() -> u32 {
            facade::defer! {
                *result += 2;
            }
            1
        }
    }
}

macro_rules! made_by_a_macro {
    ($name:ident, $(#[$attribute:meta])* $visibility:vis fn $function:ident($log:ident) $body:block) => {
        struct $name;

        #[with_defer]
        impl $name {
            $(#[$attribute])*
            $visibility fn $function($log: &Log) -> u32 {
                defer!($log.add("deferred"));
                $body
            }
        }
    };
}

made_by_a_macro!(Made, #[inline] pub(crate) fn f(log) { log.add("body"); 1 });

macro_rules! named_by_a_macro {
    ($name:ident { $(#[$attribute:meta])* fn $function:ident() -> u8 $body:tt }) => {
        struct $name;

        #[with_defer]
        impl $name {
            $(#[$attribute])*
            fn $function() -> u8 $body
        }
    };
}

named_by_a_macro!(Named {
    #[inline]
    #[with_defer(result = 5)]
    fn f() -> u8 {
        defer! {
            *result += 1;
        }
        7
    }
});

#[test]
fn each_function_that_defers_is_expanded() {
    let log = Log::default();
    let mut store = Store::<2>::new(&log);
    assert_eq!(log.take(), "open opened");
    assert_eq!(store.push(3), Ok(1));
    assert_eq!(log.take(), "successfully pushed");
    assert_eq!(store.push(0), Err("zero".into()));
    assert_eq!(log.take(), "pushed");
    store.only_in_a_closure();
    assert_eq!(log.take(), "closure deferred body");
    assert_eq!(store.generic([4_u8]).0, [2, 1]);
    assert_eq!(log.take(), "deferred");
    assert_eq!(store.last(), 4);
    assert_eq!(log.take(), "last close closed");
}

#[test]
fn other_members_stay_what_they_are() {
    const SIZE: usize = Store::<3>::size() + Store::<3>::by_a_macro() + Store::<3>::by_a_macro_with_braces();
    assert_eq!(SIZE, 13);
    let log = Log::default();
    assert_eq!(Store::<1>::new(&log).attribute_without_statement(), 0);
}

#[test]
fn the_arguments_of_a_functions_own_attribute_count() {
    let log = Log::default();
    let mut store = Store::<2>::new(&log);
    store.push(5).unwrap();
    assert_eq!(store.named(), 11);
    assert_eq!(store.named_by_a_pattern(), (2, Some(5)));
    log.take();
    store.attribute_without_arguments();
    assert_eq!(log.take(), "body deferred");
}

#[test]
fn provided_functions_of_a_trait_are_expanded() {
    let log = Log::default();
    assert_eq!((&log).provided(), 7);
    assert_eq!(log.take(), "job run ran done");
    assert_eq!(Job::default(&&log), 0);
}

#[test]
fn options_of_the_impl_are_those_of_its_functions() {
    assert_eq!(path::Renamed::value(), 2);
    assert_eq!(path::Renamed::own(), 3);
}

#[test]
fn an_attribute_of_a_function_may_come_from_a_macro() {
    assert_eq!(Named::f(), 8);
}

#[test]
fn an_impl_may_come_from_a_macro() {
    let log = Log::default();
    assert_eq!(Made::f(&log), 1);
    assert_eq!(log.take(), "body deferred");
}
