//! `defer_keyword!`: bare statements, wherever a statement can stand, and the word `defer` where it is none.
#![allow(
    clippy::cast_lossless,
    clippy::if_same_then_else,
    clippy::items_after_statements,
    clippy::manual_async_fn,
    clippy::match_single_binding,
    clippy::needless_else,
    clippy::needless_for_each,
    clippy::never_loop,
    clippy::redundant_closure_call,
    clippy::unused_self,
    reason = "shapes that a statement stands in or beside"
)]

use std::cell::RefCell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use with_defer::{defer_keyword, recover, with_defer};

#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn add(&self, entry: impl Display) {
        self.0.borrow_mut().push(entry.to_string());
    }

    fn text(self) -> String {
        self.0.into_inner().join(" ")
    }
}

impl<'a> Extend<&'a str> for &Log {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| self.add(entry));
    }
}

/// What the function wrote.
fn log_of(function: impl FnOnce(&Log)) -> String {
    let log = Log::default();
    function(&log);
    log.text()
}

/// The same, of one that may panic.
fn log_of_panic(function: impl FnOnce(&Log)) -> String {
    let log = Log::default();
    assert!(catch_unwind(AssertUnwindSafe(|| function(&log))).is_err());
    log.text()
}

mod forms {
    use super::*;

    defer_keyword! {
        fn call(log: &Log, mut n: i32) {
            defer log.add(n);
            n += 1;
            log.add(n);
        }

        fn block(log: &Log, mut n: i32) {
            defer { log.add(n); }
            n += 1;
            log.add(n);
        }

        fn block_with_semicolon(log: &Log) {
            defer { log.add("deferred") };
            log.add("body");
        }

        fn closure_that_is_called(log: &Log) {
            defer (|| log.add("deferred"))();
            log.add("body");
        }

        fn callee_that_is_called_now(log: &Log) {
            fn trace<'a>(log: &'a Log, name: &'a str) -> impl FnOnce() + 'a {
                log.add(format!("enter-{name}"));
                move || log.add(format!("leave-{name}"))
            }
            defer trace(log, "f")();
            log.add("body");
        }

        fn in_parentheses(log: &Log) {
            defer (log).add("deferred");
            log.add("body");
        }

        fn qualified_path(log: &Log) {
            defer <Log>::add(log, "inherent");
            defer <&Log as Extend<&str>>::extend(&mut &*log, ["trait"]);
            log.add("body");
        }

        fn question_mark(log: &Log) -> Result<(), String> {
            fn fails(log: &Log) -> Result<(), String> {
                log.add("close");
                Err("not closed".into())
            }
            defer fails(log)?;
            log.add("body");
            Ok(())
        }

        fn several_in_one_line(log: &Log) { defer log.add(1); defer { log.add(2) } defer log.add(3); log.add(0); }

        fn with_attributes(log: &Log) {
            #[cfg(any())]
            defer log.nothing_of_this_name();
            #[cfg(all())]
            defer log.add("configured");
            #[cfg(all())]
            defer { log.add("block"); }
            log.add("body");
        }

        fn on_failure_success_and_panic(log: &Log, end: &str) -> Option<()> {
            defer_on_failure log.add("failure");
            defer_on_success log.add("success");
            defer_on_panic { log.add("panic") }
            match end {
                "panic" => panic!("as asked"),
                "failure" => None,
                _ => Some(()),
            }
        }

        fn recovers(log: &Log) -> u32 {
            defer {
                if let Some(panic) = recover!() {
                    log.add(panic.message().unwrap_or_default());
                }
            }
            panic!("stopped");
        }
    }

    #[test]
    fn a_call_takes_its_arguments_now() {
        assert_eq!(log_of(|log| call(log, 1)), "2 1");
    }

    #[test]
    fn a_block_is_all_evaluated_at_exit() {
        assert_eq!(log_of(|log| block(log, 1)), "2 2");
        assert_eq!(log_of(block_with_semicolon), "body deferred");
    }

    #[test]
    fn a_callee_may_be_any_expression() {
        assert_eq!(log_of(closure_that_is_called), "body deferred");
        assert_eq!(log_of(callee_that_is_called_now), "enter-f body leave-f");
        assert_eq!(log_of(in_parentheses), "body deferred");
        assert_eq!(log_of(qualified_path), "body trait inherent");
    }

    #[test]
    fn a_question_mark_makes_the_failure_the_functions() {
        assert_eq!(log_of(|log| assert_eq!(question_mark(log), Err("not closed".into()))), "body close");
    }

    #[test]
    fn statements_need_no_line_of_their_own() {
        assert_eq!(log_of(several_in_one_line), "0 3 2 1");
    }

    #[test]
    fn attributes_belong_to_the_statement() {
        assert_eq!(log_of(with_attributes), "body block configured");
    }

    #[test]
    fn the_sisters_are_keywords_too() {
        assert_eq!(log_of(|log| assert!(on_failure_success_and_panic(log, "").is_some())), "success");
        assert_eq!(log_of(|log| assert!(on_failure_success_and_panic(log, "failure").is_none())), "failure");
        assert_eq!(log_of_panic(|log| _ = on_failure_success_and_panic(log, "panic")), "panic failure");
    }

    #[test]
    fn a_panic_can_be_recovered() {
        assert_eq!(log_of(|log| assert_eq!(recovers(log), 0)), "stopped");
    }
}

mod places {
    use super::*;

    defer_keyword! {
        fn nested(log: &Log, deep: bool) {
            for turn in 0..2 {
                defer log.add(turn);
                if deep {
                    for _ in 0..turn {
                        defer log.add("branch");
                    }
                }
            }
            let value = {
                defer log.add("inner");
                3
            };
            {
                let plain = "plain";
                defer log.add(plain);
            }
            log.add(value);
        }

        fn match_arms(log: &Log, n: u32) {
            match n {
                0 => defer log.add("zero"),
                1 => defer { log.add("one") },
                2 => defer { log.add("two") }
                3 => { defer log.add("three"); }
                4 => defer pair::<u8, u16>(log),
                _ => defer_on_panic log.add("panic"),
            }
            log.add("body");
        }

        fn pair<A, B>(log: &Log) {
            log.add(size_of::<A>() + size_of::<B>());
        }

        fn closures(log: &Log) {
            let once = |name: &str| {
                defer log.add(format!("end-{name}"));
                log.add(name);
            };
            once("a");
            once("b");
            [1].iter().for_each(|n| { defer log.add("each"); log.add(n); });
            log.add("body");
        }

        fn deferred_code_is_a_frame(log: &Log) {
            defer {
                defer log.add("inner-deferred");
                log.add("inner");
            }
            defer (|| { defer log.add("callee-deferred"); log.add("callee"); })();
            log.add("body");
        }

        fn scopes(log: &Log) {
            #[defer_scope]
            for turn in 0..2 {
                defer log.add(format!("end-{turn}"));
                log.add(turn);
            }
            log.add("body");
        }

        fn beside_the_macro(log: &Log) {
            defer log.add("bare");
            with_defer::defer!(log.add("bang"));
            with_defer::defer! {
                defer log.add("bare-in-bang");
                log.add("in-bang");
            }
            log.add("body");
        }

        fn behind_blocks(log: &Log) {
            if true {} else {}
            defer log.add(1);
            match () { () => {} }
            defer log.add(2);
            struct Unit {}
            defer log.add(3);
            for _ in 0..1 { }
            defer log.add(4);
            let Unit {} = Unit {};
            let Some(()) = Some(()) else { return };
            defer log.add(5);
            'label: { if false { break 'label; } }
            defer log.add(6);
        }
    }

    defer_keyword! {
        fn heads(log: &Log) -> u8 {
            let Some(mut n) = Some(0) else { defer log.add("none"); return 0 };
            while { defer log.add(format!("head-{n}")); n < 2 } {
                n += 1;
                defer log.add(n);
            }
            if { defer log.add("condition"); n > 5 } { 1 } else if let 2 = n { defer log.add("else-if"); 2 } else { 3 }
        }

        fn arguments(log: &Log) -> [u8; 2] {
            log.add({ defer log.add("deferred-argument"); "argument" });
            let calls = (|| { defer log.add("first"); 1 }, || { log.add("second"); 2 });
            [calls.0(), calls.1()]
        }

        fn returned(log: &Log) -> impl Fn(u8) -> u8 {
            move |n| { defer log.add("outer"); (|| { defer log.add("inner"); n })() }
        }

        fn empty(log: &Log) {
            defer {}
            defer {};
            { }
            defer log.add(1);
            defer log.add(2);
            defer /* a comment */ log /* in a call */ .add(3) /* and behind */ ; // it
        }
    }

    #[test]
    fn a_statement_may_stand_in_a_head_or_argument() {
        assert_eq!(log_of(|log| assert_eq!(heads(log), 2)), "else-if condition head-2 2 head-1 1 head-0");
        assert_eq!(
            log_of(|log| assert_eq!(arguments(log), [1, 2])),
            "argument first second deferred-argument"
        );
    }

    #[test]
    fn a_returned_closure_is_a_function_of_its_own() {
        assert_eq!(log_of(|log| assert_eq!(returned(log)(3), 3)), "inner outer");
    }

    #[test]
    fn nothing_and_comments_may_stand_beside_statements() {
        assert_eq!(log_of(empty), "3 2 1");
    }

    #[test]
    fn a_statement_may_stand_in_any_block() {
        assert_eq!(log_of(|log| nested(log, false)), "3 plain inner 1 0");
        assert_eq!(log_of(|log| nested(log, true)), "3 plain inner branch 1 0");
    }

    #[test]
    fn a_statement_may_be_a_match_arm() {
        let logs: Vec<_> = (0..6).map(|n| log_of(|log| match_arms(log, n))).collect();
        assert_eq!(logs, ["body zero", "body one", "body two", "body three", "body 3", "body"]);
    }

    #[test]
    fn a_closure_is_a_function_of_its_own() {
        assert_eq!(log_of(closures), "a end-a b end-b 1 each body");
    }

    #[test]
    fn a_deferred_block_is_a_function_of_its_own() {
        assert_eq!(log_of(deferred_code_is_a_frame), "body callee callee-deferred inner inner-deferred");
    }

    #[test]
    fn a_scope_runs_its_statements_each_turn() {
        assert_eq!(log_of(scopes), "0 end-0 1 end-1 body");
    }

    #[test]
    fn the_macros_mean_the_same_beside_it() {
        assert_eq!(log_of(beside_the_macro), "body in-bang bare-in-bang bang bare");
    }

    #[test]
    fn a_statement_may_follow_a_block() {
        assert_eq!(log_of(behind_blocks), "6 5 4 3 2 1");
    }
}

mod items {
    use super::*;

    defer_keyword! {
        /// Has a comment, `defer` in it.
        #[inline]
        #[must_use]
        pub(crate) const extern "C" fn untouched(n: u32) -> u32 {
            n
        }

        /// Generic over everything.
        pub(crate) fn generic<'a, T, const N: usize>(log: &'a Log, list: [T; N]) -> Option<&'a Log>
        where
            T: Display,
            [T; N]: Sized,
        {
            #![allow(clippy::needless_pass_by_value)]
            defer log.add(N);
            for item in &list {
                log.add(item);
            }
            Some(log)
        }

        pub(crate) struct Connection<'a> {
            log: &'a Log,
        }

        impl<'a> Connection<'a> {
            const NAME: &'static str = { "connection" };

            pub(crate) fn new(log: &'a Log) -> Self {
                defer log.add("opened");
                log.add(Self::NAME);
                Self { log }
            }

            fn untouched(&self) -> u32 {
                1
            }

            pub(crate) fn send(&mut self) -> u32 {
                defer self.log.add("sent");
                self.log.add("send");
                self.untouched()
            }
        }

        impl Drop for Connection<'_> {
            fn drop(&mut self) {
                defer self.log.add("dropped");
                self.log.add("drop");
            }
        }

        pub(crate) trait Work {
            fn log(&self) -> &Log;

            fn work(&self) {
                let log = self.log();
                defer log.done();
                self.log().add("work");
            }
        }

        struct Worker<'a>(&'a Log);

        impl Work for Worker<'_> {
            fn log(&self) -> &Log {
                self.0
            }
        }

        impl Log {
            fn done(&self) {
                self.add("done");
            }
        }

        pub(crate) mod inner {
            //! Says what is in it.
            #![allow(clippy::needless_lifetimes)]
            use super::Log;

            pub(crate) mod deeper {
                pub(crate) fn f(log: &super::Log) {
                    defer log.add("deferred");
                    log.add("body");
                }
            }
        }

        pub(crate) fn functions_in_functions(log: &Log) {
            fn first(log: &Log) {
                defer log.add("first-deferred");
                log.add("first");
            }
            struct Local;
            impl Local {
                fn second(log: &Log) {
                    defer log.add("second-deferred");
                    log.add("second");
                }
            }
            const THIRD: fn(&Log) = {
                fn third(log: &Log) {
                    defer log.add("third-deferred");
                }
                third
            };
            first(log);
            Local::second(log);
            THIRD(log);
        }

        #[with_defer(result = 1)]
        pub(crate) fn named() -> u32 {
            defer { *result *= 2; }
            *result + 3
        }

        #[with_defer::with_defer((count, error) = (0, None))]
        pub(crate) fn named_by_a_pattern(log: &Log) -> (u32, Option<&'static str>) {
            defer {
                log.add(format!("{count}"));
                *error = Some("changed");
            }
            (4, None)
        }

        #[with_defer]
        impl Log {
            #[with_defer(result)]
            fn in_an_impl_with_the_attribute(&self) -> i32 {
                defer { *result -= 1; }
                0
            }

            fn without_own_attribute(&self) {
                defer self.add("deferred");
                self.add("body");
            }
        }

        #[cfg(any())]
        fn not_configured() {
            defer nothing_of_this_name();
        }

        #[test]
        fn an_item_may_be_a_test() {
            let log = Log::default();
            {
                let write = || { defer log.add("test"); };
                write();
            }
            assert_eq!(log.text(), "test");
        }
    }

    struct Account(u32);

    impl Account {
        defer_keyword! {
            const FEE: u32 = 1;

            fn pay(&mut self, log: &Log, amount: u32) -> u32 {
                defer { log.add(self.0); }
                self.0 -= amount + Self::FEE;
                self.0
            }

            #[with_defer(result = 0)]
            fn balance(&self) -> u32 {
                defer { *result *= 100; }
                self.0
            }
        }
    }

    macro_rules! made_by_a_macro {
        ($(#[$attribute:meta])* $visibility:vis fn $name:ident($log:ident), $other:item $($body:tt)*) => {
            defer_keyword! {
                $other
                $(#[$attribute])*
                $visibility fn $name($log: &Log) {
                    $($body)*
                }
            }
        };
    }

    made_by_a_macro! {
        #[inline]
        pub(crate) fn made(log),
        pub(crate) fn other() -> u32 { 1 }
        defer log.add("deferred");
        log.add("body");
    }

    macro_rules! named_by_a_macro {
        ($(#[$attribute:meta])* fn $name:ident() -> $output:ident $body:tt) => {
            defer_keyword! {
                $(#[$attribute])*
                fn $name() -> $output $body
            }
        };
    }

    named_by_a_macro! {
        #[with_defer(result = 5)]
        #[inline]
        fn fragment() -> u8 {
            defer { *result += 1; }
            7
        }
    }

    macro_rules! deferred_by_a_macro {
        ($log:ident, $call:expr, $block:block, $name:ident) => {
            defer_keyword! {
                fn fragments($log: &Log) {
                    defer $call;
                    defer $block;
                    defer $log.add($log.$name("argument"));
                    $log.add("body");
                }
            }
        };
    }

    impl Log {
        fn both(&self, text: &'static str) -> &'static str {
            self.add("now");
            text
        }
    }

    deferred_by_a_macro!(log, log.add("call"), { log.add("block") }, both);

    defer_keyword! {
        macro_rules! functions {
            ($name:ident, $log:ident, $call:expr) => {
                fn $name($log: &Log) {
                    defer $call;
                    defer { $log.add("block"); }
                    for turn in 0..2 {
                        defer $log.add(turn);
                    }
                }

                #[with_defer(result = 1)]
                fn literal() -> u8 {
                    defer { *result += 1; }
                    4
                }
            };
        }

        functions!(written, log, log.add("call"));
    }

    #[test]
    fn a_function_without_a_statement_is_untouched() {
        const THREE: u32 = untouched(3);
        assert_eq!(THREE, 3);
    }

    #[test]
    fn functions_have_generics_and_where_clauses() {
        assert_eq!(log_of(|log| assert!(generic(log, ["a", "b"]).is_some())), "a b 2");
    }

    #[test]
    fn methods_defer() {
        assert_eq!(
            log_of(|log| assert_eq!(Connection::new(log).send(), 1)),
            "connection opened send sent drop dropped"
        );
    }

    #[test]
    fn provided_methods_of_traits_defer() {
        assert_eq!(log_of(|log| Worker(log).work()), "work done");
    }

    #[test]
    fn modules_are_entered() {
        assert_eq!(log_of(inner::deeper::f), "body deferred");
    }

    #[test]
    fn each_function_in_a_function_has_its_own_statements() {
        assert_eq!(
            log_of(functions_in_functions),
            "first first-deferred second second-deferred third-deferred"
        );
    }

    #[test]
    fn the_arguments_of_the_functions_own_attribute_count() {
        assert_eq!(named(), 8);
        assert_eq!(log_of(|log| assert_eq!(named_by_a_pattern(log), (4, Some("changed")))), "4");
    }

    #[test]
    fn members_of_an_impl_are_items_too() {
        let mut account = Account(9);
        assert_eq!(log_of(|log| assert_eq!(account.pay(log, 3), 5)), "5");
        assert_eq!(account.balance(), 500);
    }

    #[test]
    fn an_impl_may_have_the_attribute() {
        let log = Log::default();
        assert_eq!(log.in_an_impl_with_the_attribute(), -1);
        log.without_own_attribute();
        assert_eq!(log.text(), "body deferred");
    }

    #[test]
    fn items_may_come_from_a_macro() {
        assert_eq!(log_of(made), "body deferred");
        assert_eq!(other(), 1);
    }

    #[test]
    fn an_attribute_that_comes_from_a_macro_counts() {
        assert_eq!(fragment(), 8);
    }

    #[test]
    fn calls_and_blocks_may_come_from_a_macro() {
        assert_eq!(log_of(fragments), "now body argument block call");
    }

    #[test]
    fn functions_that_a_macro_defines_defer() {
        assert_eq!(log_of(written), "1 0 block call");
        assert_eq!(literal(), 5);
    }

    #[test]
    fn items_may_stand_in_a_function() {
        defer_keyword! {
            fn local(log: &Log) {
                defer log.add("deferred");
                log.add("body");
            }
        }
        assert_eq!(log_of(local), "body deferred");
    }
}

#[allow(non_camel_case_types, reason = "that is the word")]
mod words {
    use super::*;

    struct Guard {
        defer: Vec<i32>,
    }

    impl Guard {
        fn defer(&mut self, n: i32) -> &mut Self {
            self.defer.push(n);
            self
        }
    }

    #[derive(Debug, PartialEq)]
    #[allow(non_camel_case_types)]
    enum Word {
        Defer,
        defer(u8),
        Struct { defer: u8 },
    }

    mod defer {
        pub(super) fn path() -> i32 {
            4
        }
    }

    macro_rules! defer {
        ($value:expr) => {
            $value * 10
        };
    }

    macro_rules! language {
        ({ defer $name:ident }) => {
            stringify!($name)
        };
        (defer $name:ident; $(defer $rest:ident;)*) => {
            concat!("first ", stringify!($name), $(" then ", stringify!($rest),)*)
        };
    }

    defer_keyword! {
        enum Local {
            defer(u8),
            Other { defer: u8 },
        }

        fn method(guard: &mut Guard) {
            guard.defer(1).defer(2);
            guard
                .defer(3);
            Guard::defer(guard, 4);
        }

        fn field(guard: &Guard) -> usize {
            let Guard { defer } = guard;
            let Guard { defer: renamed } = guard;
            guard.defer.len() + defer.len() + renamed.len()
        }

        fn literal(defer: Vec<i32>) -> Guard {
            Guard { defer }
        }

        fn variable(mut defer: i32) -> i32 {
            defer += 1;
            defer -= 2;
            defer *= 3;
            defer <<= 1;
            defer |= 1;
            defer = -defer;
            defer
        }

        fn variable_with_fields(defer: &mut (i32, [i32; 2])) -> i32 {
            defer.0 = 1;
            defer.1[0] += 1;
            if defer.1[0] > 0 { defer.0 } else { 0 }
        }

        fn index(mut defer: Vec<Vec<i32>>) -> Vec<Vec<i32>> {
            defer[0][0] = 1;
            defer[0].push(2);
            defer
        }

        fn function(defer: fn(i32) -> i32) -> i32 {
            let called = defer(1);
            called + { defer(2) } + if called > 0 { defer(3) } else { defer(4) }
        }

        fn or(defer: bool, other: bool) -> bool {
            defer || other
        }

        fn less(defer: i32) -> bool {
            defer < 3
        }

        fn cast(defer: u8) -> u32 {
            let add = |defer: u8| defer as u32;
            add(defer) + { defer as u32 }
        }

        fn question_mark(defer: Option<i32>) -> Option<i32> {
            defer?;
            defer
        }

        fn path() -> i32 {
            defer::path();
            defer::path()
        }

        fn macro_of_that_name() -> i32 {
            let ten = defer!(1);
            ten + defer!(2)
        }

        fn label() -> i32 {
            'defer: loop {
                let value = 5;
                break 'defer value;
            }
        }

        fn patterns(word: &Word) -> u8 {
            use Word::defer;
            match word {
                defer(n) if *n > 3 => *n,
                defer(n) => n + 1,
                Word::Struct { defer: n } => *n,
                Word::Defer => 0,
            }
        }

        fn guards(n: Option<i32>) -> i32 {
            match n {
                Some(defer) if defer > 3 => defer,
                defer if defer.is_some() => 1,
                defer @ None => defer.map_or(2, |defer| defer),
                defer => defer.unwrap(),
            }
        }

        fn loops() -> i32 {
            let mut sum = 0;
            for defer in 0..3 {
                sum += defer;
            }
            while let Some(defer) = (sum < 5).then_some(1) {
                sum += defer;
            }
            if let defer @ 5 = sum { defer } else { 0 }
        }

        fn other_macros() -> [&'static str; 3] {
            [
                language!({ defer name }),
                language! { defer a; defer b; },
                language!(defer c;),
            ]
        }

        fn raw() -> i32 {
            let r#defer = 7;
            r#defer + r#defer
        }

        fn defines_a_macro() -> i32 {
            macro_rules! local {
                ({ defer $value:expr; }) => { $value };
            }
            local!({ defer 8; })
        }

        fn local_items() -> u8 {
            enum Inner { defer(u8), Other }
            struct Defer { defer: u8 }
            let inner = [Inner::defer(1), Inner::Other];
            let Inner::defer(n) = inner[0] else { return 0 };
            n + Defer { defer: 2 }.defer
        }

        fn has_a_language(log: &Log) -> i32 {
            macro_rules! language {
                (defer now $value:expr) => { $value };
                ({ defer $value:expr; }) => { $value };
            }
            defer log.add("deferred");
            language!(defer now 1) + language!({ defer 2; })
        }

        fn lifetime<'defer>(text: &'defer mut String, kept: &'defer str) -> &'defer str {
            defer text.push('!');
            kept
        }

        fn deferred(defer: fn(&Log), log: &Log) {
            defer defer(log);
            log.add("body");
        }

        fn parameters((a, b): (u8, u8), Fields { defer, other }: Fields, log: &Log) -> u8 {
            defer log.add(a + other);
            match defer {
                0 => {}
                defer if defer > b => defer log.add("more"),
                defer => defer log.add(defer),
            }
            defer
        }

        struct Fields {
            other: u8,
            defer: u8,
        }

        fn path_is_not_deferred(log: &Log) -> i32 {
            log.add("body");
            defer::path()
        }
    }

    #[test]
    fn a_method_may_be_called_defer() {
        let mut guard = literal(vec![]);
        method(&mut guard);
        assert_eq!(guard.defer, [1, 2, 3, 4]);
        assert_eq!(field(&guard), 12);
    }

    #[test]
    fn a_variable_may_be_called_defer() {
        assert_eq!(variable(5), -25);
        assert_eq!(variable_with_fields(&mut (0, [0, 0])), 1);
        assert_eq!(index(vec![vec![0]]), [[1, 2]]);
        assert_eq!(function(|n| n * 10), 60);
        assert!(or(false, true));
        assert!(less(2));
        assert_eq!(cast(2), 4);
        assert_eq!(question_mark(Some(1)), Some(1));
        assert_eq!(raw(), 14);
        assert_eq!(loops(), 5);
    }

    #[test]
    fn a_variant_may_be_called_defer() {
        assert_eq!(patterns(&Word::defer(4)), 4);
        assert_eq!(patterns(&Word::defer(3)), 4);
        assert_eq!(patterns(&Word::Struct { defer: 7 }), 7);
        assert_eq!(patterns(&Word::Defer), 0);
        assert_eq!(guards(Some(5)), 5);
        assert_eq!(guards(Some(2)), 1);
        assert_eq!(guards(None), 2);
        assert_eq!(local_items(), 3);
        let locals = [Local::defer(1), Local::Other { defer: 2 }];
        let numbers = locals.map(|local| match local {
            Local::defer(n) | Local::Other { defer: n } => n,
        });
        assert_eq!(numbers, [1, 2]);
    }

    #[test]
    fn a_module_may_be_called_defer() {
        assert_eq!(path(), 4);
        assert_eq!(log_of(|log| assert_eq!(path_is_not_deferred(log), 4)), "body");
    }

    #[test]
    fn a_macro_may_be_called_defer() {
        assert_eq!(macro_of_that_name(), 30);
    }

    #[test]
    fn a_label_or_lifetime_may_be_called_defer() {
        assert_eq!(label(), 5);
        let mut text = String::new();
        assert_eq!(lifetime(&mut text, "kept"), "kept");
        assert_eq!(text, "!");
    }

    #[test]
    fn a_parameter_may_be_called_defer() {
        assert_eq!(log_of(|log| deferred(|log| log.add("deferred"), log)), "body deferred");
        let parameters = |log: &Log, defer| parameters((1, 2), Fields { other: 0, defer }, log);
        assert_eq!(log_of(|log| assert_eq!(parameters(log, 2), 2)), "2 1");
        assert_eq!(log_of(|log| assert_eq!(parameters(log, 3), 3)), "more 1");
        assert_eq!(log_of(|log| assert_eq!(parameters(log, 0), 0)), "1");
    }

    #[test]
    fn other_macros_may_have_such_a_keyword_too() {
        assert_eq!(other_macros(), ["name", "first a then b", "first c"]);
        assert_eq!(defines_a_macro(), 8);
        assert_eq!(log_of(|log| assert_eq!(has_a_language(log), 3)), "deferred");
    }
}

mod asynchronous {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    defer_keyword! {
        async fn function(log: &Log) -> u32 {
            defer close(log).await;
            log.add("body");
            1
        }

        async fn close(log: &Log) {
            std::future::ready(()).await;
            log.add("close");
        }

        fn block(log: &Log) -> impl Future<Output = u32> {
            async move {
                defer { close(log).await; }
                log.add("body");
                2
            }
        }
    }

    fn finish<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("not ready"),
        }
    }

    #[test]
    fn a_deferred_call_may_await() {
        assert_eq!(log_of(|log| assert_eq!(finish(function(log)), 1)), "body close");
        assert_eq!(log_of(|log| assert_eq!(finish(block(log)), 2)), "body close");
    }
}
