//! Statements behind which nothing is awaited, in async code that awaits elsewhere: they are guarded as in a function
//! that is not async. A macro may hide an `.await`, and then they are not.

use std::pin::Pin;

use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

use self::inject::{Trace, cuts, cuts_across_threads, pause};

#[path = "common/inject.rs"]
mod inject;

macro_rules! step {
    ($t:expr, $entry:expr) => {{
        $t.step($entry).await;
        $entry
    }};
}

#[test]
fn a_function_that_awaits_before_its_first_statement_only() {
    #[with_defer]
    async fn program(t: Trace, early: bool) -> Result<u8, String> {
        t.step("a").await;
        defer_on_failure!(t.add("failure"));
        let value = t.value("value");
        defer_on_success!(t.add(value.name()));
        if early {
            return Err("early".into());
        }
        t.add("b");
        Ok(1)
    }

    async fn plain(t: Trace, early: bool) -> Result<u8, String> {
        t.step("a").await;
        let value = t.value("value");
        if early {
            return Err(value.name().into());
        }
        Ok(1)
    }

    assert_eq!(cuts(|t| program(t, false)), ["|", "|", "a b value ~value =Ok(1) |"]);
    assert_eq!(cuts(|t| program(t, true)), ["|", "|", "a ~value failure =Err(\"early\") |"]);
    let t = Trace::default();
    assert_eq!(size_of_val(&program(t.clone(), false)), size_of_val(&plain(t, false)));
}

#[test]
fn the_last_statements_of_a_function() {
    #[with_defer]
    async fn program(t: Trace, panics: bool) -> u8 {
        defer!(t.add("1"));
        t.step("a").await;
        defer_on_panic!(t.add("on panic"));
        defer!(t.add("2"));
        let value = t.value("value");
        t.step("b").await;
        defer!(t.add(value.name()));
        t.add("c");
        defer!(t.add("3"));
        assert!(!panics, "body");
        7
    }

    let rows = ["|", "| 1", "a | ~value 2 1", "a b c 3 value ~value 2 1 =7 |"];
    assert_eq!(cuts_across_threads(|t| program(t, false)), rows);
    let rows = ["|", "| 1", "a | ~value 2 1", "a b c 3 value ~value 2 on panic 1 !body |"];
    assert_eq!(cuts_across_threads(|t| program(t, true)), rows);
}

#[test]
fn only_deferred_code_awaits() {
    #[with_defer]
    async fn program(t: Trace, panics: bool) -> Result<u8, String> {
        defer_on_failure!(t.add("failure"));
        defer! { t.step("1").await; }
        let value = t.value("value");
        defer! { t.step("2").await; Err(value.name())?; }
        assert!(!panics, "body");
        t.add("a");
        Ok(7)
    }

    let rows = ["|", "a | ~value failure", "a 2 ~value | failure", "a 2 ~value 1 failure =Err(\"value\") |"];
    assert_eq!(cuts_across_threads(|t| program(t, false)), rows);
    let rows = ["|", "| ~value failure !body", "2 ~value | failure !body", "2 ~value 1 failure !body |"];
    assert_eq!(cuts_across_threads(|t| program(t, true)), rows);
}

#[test]
fn results_that_wait_for_deferred_code_only() {
    #[with_defer(result = t.value("initial"))]
    async fn named(t: Trace) -> inject::Value {
        defer! { t.step("1").await; result.rename("renamed"); }
        result.rename("assigned");
        t.value("returned")
    }

    #[with_defer]
    async fn recovers(t: Trace, panics: bool) -> u8 {
        t.step("a").await;
        defer! {
            let recovered = recover!().is_some();
            t.step(recovered).await;
        }
        assert!(!panics, "body");
        7
    }

    let rows = ["|", "~assigned | ~returned", "~assigned 1 =renamed ~renamed |"];
    assert_eq!(cuts_across_threads(named), rows);
    assert_eq!(cuts_across_threads(|t| recovers(t, false)), ["|", "|", "a |", "a false =7 |"]);
    assert_eq!(cuts_across_threads(|t| recovers(t, true)), ["|", "|", "a |", "a true =0 |"]);
}

#[test]
fn functions_that_never_return() {
    #[with_defer]
    async fn before(t: Trace) -> ! {
        t.step("a").await;
        defer!(t.add("1"));
        panic!("body")
    }

    #[with_defer]
    async fn deferred(t: Trace) -> ! {
        defer! { t.step("1").await; }
        loop {
            t.add("a");
            assert!(t.text() != "a a", "body");
        }
    }

    let rows = cuts::<Pin<Box<dyn Future<Output = ()>>>>(|t| Box::pin(async { before(t).await }));
    assert_eq!(rows, ["|", "|", "a 1 !body |"]);
    let rows = cuts::<Pin<Box<dyn Future<Output = ()>>>>(|t| Box::pin(async { deferred(t).await }));
    assert_eq!(rows, ["|", "a a | !body", "a a 1 !body |"]);
}

#[test]
fn blocks_and_scopes() {
    #[with_defer]
    async fn program(t: Trace, early: bool) -> u8 {
        for name in ["x", "y"] {
            let mut value = t.value(name);
            defer! { value.step("close").await; }
            value.rename(if early { "early" } else { name });
            if early {
                return 1;
            }
        }
        #[defer_scope]
        for number in 0..2 {
            defer!(t.add(number));
            t.add(".");
        }
        #[defer_scope]
        for number in 10..12 {
            defer! { t.step(number).await; }
            if number == 11 {
                break;
            }
            t.add(",");
        }
        2
    }

    let rows = ["|", "| ~early", "early:close ~early =1 |"];
    assert_eq!(cuts_across_threads(|t| program(t, true)), rows);
    let rows = [
        "|",
        ". 0 . 1 , | ~y ~x",
        ". 0 . 1 , 10 | ~y ~x",
        ". 0 . 1 , 10 11 | ~y ~x",
        ". 0 . 1 , 10 11 y:close ~y | ~x",
        ". 0 . 1 , 10 11 y:close ~y x:close ~x =2 |",
    ];
    assert_eq!(cuts_across_threads(|t| program(t, false)), rows);
}

#[test]
fn closures_and_blocks() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        let block = async {
            t.step("a").await;
            defer!(t.add("1"));
            t.add("b");
            if t.text().is_empty() {
                return 0;
            }
            3
        };
        let closure = async |n: u8| {
            defer!(t.step("2").await);
            t.add(n);
            n
        };
        block.await + closure(4).await
    }

    assert_eq!(cuts(program), ["|", "|", "a b 1 4 |", "a b 1 4 2 =7 |"]);
}

#[test]
fn a_macro_hides_an_await() {
    #[with_defer]
    async fn statement(t: Trace) {
        defer!(t.add("1"));
        step!(t, "a");
    }

    #[with_defer]
    async fn value(t: Trace) -> &'static str {
        defer!(t.add("1"));
        step!(t, "a")
    }

    #[with_defer]
    async fn variable(t: Trace) -> usize {
        defer!(t.add("1"));
        let a = step!(t, "a");
        a.len()
    }

    #[with_defer]
    async fn argument(t: Trace) -> Option<[&'static str; 1]> {
        defer!(t.add("1"));
        Some([step!(t, "a")])
    }

    #[with_defer]
    async fn argument_of_another_macro(t: Trace) -> Vec<String> {
        defer!(t.add("1"));
        vec![format!("{}", step!(t, "a"))]
    }

    #[with_defer]
    async fn condition(t: Trace) -> Result<u8, String> {
        defer!(t.add("1"));
        if step!(t, "a").is_empty() {
            Err("empty")?;
        }
        Ok(match step!(t, "b") {
            "b" => 2,
            _ => 3,
        })
    }

    #[with_defer]
    async fn in_a_block_at_the_end(t: Trace) -> &'static str {
        defer!(t.add("1"));
        {
            defer!(t.add("2"));
            step!(t, "a")
        }
    }

    assert_eq!(cuts(statement), ["|", "| 1", "a 1 =() |"]);
    assert_eq!(cuts(value), ["|", "| 1", "a 1 =\"a\" |"]);
    assert_eq!(cuts(variable), ["|", "| 1", "a 1 =1 |"]);
    assert_eq!(cuts(argument), ["|", "| 1", "a 1 =Some([\"a\"]) |"]);
    assert_eq!(cuts(argument_of_another_macro), ["|", "| 1", "a 1 =[\"a\"] |"]);
    assert_eq!(cuts(condition), ["|", "| 1", "a | 1", "a b 1 =Ok(2) |"]);
    assert_eq!(cuts(in_a_block_at_the_end), ["|", "| 2 1", "a 2 1 =\"a\" |"]);
}

#[test]
fn a_macro_hides_an_await_in_a_block_or_scope() {
    #[with_defer]
    async fn block(t: Trace) -> u8 {
        for name in ["x", "y"] {
            let value = t.value(name);
            defer! { t.add(value.name()) }
            step!(t, "a");
        }
        7
    }

    #[with_defer]
    async fn scope(t: Trace) -> &'static str {
        #[defer_scope]
        loop {
            defer!(t.add("1"));
            if t.text().len() > 3 {
                return step!(t, "b");
            }
            step!(t, "a");
        }
    }

    let rows = ["|", "| x ~x", "a | y ~y x ~x", "a a y ~y x ~x =7 |"];
    assert_eq!(cuts_across_threads(block), rows);
    let rows = ["|", "| 1", "a 1 | 1", "a 1 a 1 | 1", "a 1 a 1 b 1 =\"b\" |"];
    assert_eq!(cuts_across_threads(scope), rows);
}

#[test]
fn a_macro_hides_an_await_in_deferred_code() {
    #[with_defer]
    async fn program(t: Trace) {
        defer! { async { step!(t, "1") }.await; }
        t.add("a");
    }

    assert_eq!(cuts(program), ["|", "a |", "a 1 =() |"]);
}

#[test]
fn a_macro_that_awaits_nothing_in_deferred_code() {
    macro_rules! note {
        ($t:expr, $entry:expr) => {
            $t.add($entry)
        };
    }

    #[with_defer]
    async fn program(t: Trace) {
        defer! {
            defer!(t.add("1a"));
            note!(t, "1b");
        }
        defer! {
            defer!(t.add("2a"));
            note!(t, "2b");
            pause().await;
            for name in ["x", "y"] {
                let value = t.value(name);
                defer! { t.add(value.name()); }
                note!(t, name);
            }
        }
        t.step("a").await;
    }

    let rows = ["|", "| 2b 2a 1b 1a", "a 2b | 2a 1b 1a", "a 2b x y y ~y x ~x 2a 1b 1a =() |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn a_macro_awaits_its_argument() {
    macro_rules! wait {
        ($future:expr) => {
            $future.await
        };
    }

    #[with_defer]
    async fn program(t: Trace) -> u8 {
        defer!(t.add("1"));
        let n = wait!(async { 7 });
        wait!(pause());
        t.add(n);
        n
    }

    assert_eq!(cuts_across_threads(program), ["|", "| 1", "7 1 =7 |"]);
}
