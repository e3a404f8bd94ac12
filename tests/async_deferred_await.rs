//! `.await` in deferred statements, in both forms.

use std::convert::Infallible;

use with_defer::{defer, defer_on_failure, defer_on_success, with_defer};

use self::inject::{Trace, cuts, pause, run};

#[path = "common/inject.rs"]
mod inject;

struct Connection {
    t: Trace,
    name: &'static str,
    open: bool,
}

#[derive(Debug, PartialEq)]
struct Broken(&'static str);

impl From<Broken> for String {
    fn from(Broken(what): Broken) -> Self {
        format!("broken {what}")
    }
}

impl Connection {
    fn new(t: &Trace, name: &'static str) -> Self {
        t.add(format_args!("open-{name}"));
        Connection { t: t.clone(), name, open: true }
    }

    async fn send(&self, what: &str) {
        pause().await;
        self.t.add(format_args!("{what}>{}", self.name));
    }

    async fn close(&mut self) -> Result<(), Broken> {
        pause().await;
        self.t.add(format_args!("close-{}", self.name));
        if std::mem::replace(&mut self.open, false) { Ok(()) } else { Err(Broken(self.name)) }
    }
}

async fn close(mut connection: Connection, t: &Trace) -> Result<(), Broken> {
    t.add("closing");
    connection.close().await
}

#[with_defer]
async fn receiver_is_live(t: Trace) -> Result<usize, String> {
    let mut connection = Connection::new(&t, "x");
    defer!(connection.close().await?);
    connection.send("hello").await;
    connection.name = "y";
    Ok(1)
}

#[test]
fn call_form_sees_its_receiver_as_it_is_at_exit() {
    let rows = ["|", "open-x |", "open-x hello>x |", "open-x hello>x close-y =Ok(1) |"];
    assert_eq!(cuts(receiver_is_live), rows);
}

#[with_defer]
async fn value_is_taken_now(t: Trace) -> Result<usize, String> {
    let connection = Connection::new(&t, "x");
    defer!(close(connection, &t).await?);
    let connection = Connection::new(&t, "z");
    connection.send("hello").await;
    Ok(1)
}

#[test]
fn call_form_takes_values_now() {
    let rows = [
        "|",
        "open-x open-z | closing",
        "open-x open-z hello>z closing |",
        "open-x open-z hello>z closing close-x =Ok(1) |",
    ];
    assert_eq!(cuts(value_is_taken_now), rows);
}

#[with_defer]
async fn question_mark(t: Trace, closed_before: bool) -> Result<usize, String> {
    let mut connection = Connection::new(&t, "x");
    defer_on_failure!(t.add("failure"));
    defer!(connection.close().await?);
    if closed_before {
        connection.close().await?;
    }
    Ok(1)
}

#[test]
fn question_mark_behind_an_await() {
    assert_eq!(cuts(|t| question_mark(t, false)), ["|", "open-x | failure", "open-x close-x =Ok(1) |",]);
    assert_eq!(
        cuts(|t| question_mark(t, true)),
        [
            "|",
            "open-x | failure",
            "open-x close-x | failure",
            "open-x close-x close-x failure =Err(\"broken x\") |",
        ]
    );
}

#[with_defer]
async fn callee_and_arguments(t: Trace) -> u8 {
    let make = |name: &'static str| {
        t.add(format_args!("make-{name}"));
        let t = t.clone();
        async move |n: u8| t.step(format_args!("{name}{n}")).await
    };
    let mut n = 1;
    defer!(make("f")(n).await);
    n += 1;
    defer!(t.step(n).await);
    n += 1;
    pause().await;
    n
}

#[test]
fn callee_and_arguments_are_evaluated_now() {
    let rows = ["|", "make-f |", "make-f |", "make-f 2 |", "make-f 2 f1 =3 |"];
    assert_eq!(cuts(callee_and_arguments), rows);
}

async fn both(first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
    first.await;
    second.await;
}

#[with_defer]
async fn futures_as_arguments(t: Trace) {
    let eager = |name: &'static str| {
        t.add(format_args!("made-{name}"));
        t.step(name)
    };
    defer!(both(eager("a"), eager("b")).await);
    t.step("body").await;
}

#[test]
fn futures_in_arguments_are_made_now_and_polled_at_exit() {
    let made = "made-a made-b";
    let rows = [
        "|".to_owned(),
        format!("{made} |"),
        format!("{made} body |"),
        format!("{made} body a |"),
        format!("{made} body a b =() |"),
    ];
    assert_eq!(cuts(futures_as_arguments), rows);
}

#[with_defer]
async fn temporaries(t: Trace) {
    async fn write(t: &Trace, text: &str) {
        t.step(text).await;
    }

    let n = 1;
    defer!(write(&t, &format!("text{n}")).await);
    t.step("body").await;
}

#[test]
fn temporaries_behind_a_reference_live_until_the_await_is_done() {
    assert_eq!(cuts(temporaries), ["|", "|", "body |", "body text1 =() |"]);
}

#[with_defer]
async fn closures(t: Trace) -> u8 {
    async fn call(f: impl AsyncFnOnce() -> u8, t: &Trace) {
        let n = f().await;
        t.add(format_args!("n{n}"));
    }

    let mut n = 1;
    defer!(
        call(
            async || {
                t.step("live").await;
                n
            },
            &t
        )
        .await
    );
    let moved = n;
    defer!(call(async move || moved, &t).await);
    defer!((async || t.step(format_args!("callee{n}")).await)().await);
    n += 1;
    pause().await;
    n
}

#[test]
fn async_closures_as_argument_and_callee() {
    let rows = ["|", "| n1", "| n1", "callee2 n1 |", "callee2 n1 live n2 =2 |"];
    assert_eq!(cuts(closures), rows);
}

#[with_defer]
async fn block_form(t: Trace, mut n: u8) -> Result<u8, String> {
    defer! {
        if n == 3 {
            return;
        }
        t.add("loop");
        while n > 0 {
            n -= 1;
            t.step(n).await;
        }
        match next(&t).await? {
            1 => t.add("one"),
            _ => t.add("other"),
        }
        for what in ['x', 'y'].map(letter) {
            t.add(what.await);
        }
    }
    t.step("body").await;
    n += 1;
    Ok(n)
}

async fn next(t: &Trace) -> Result<u8, Broken> {
    pause().await;
    if t.text().contains('1') { Ok(1) } else { Err(Broken("next")) }
}

async fn letter(letter: char) -> char {
    letter
}

#[test]
fn block_form_awaits_anywhere() {
    let rows =
        ["|", "| loop", "body loop |", "body loop 1 |", "body loop 1 0 |", "body loop 1 0 one x y =Ok(2) |"];
    assert_eq!(cuts(|t| block_form(t, 1)), rows);
    assert_eq!(cuts(|t| block_form(t, 2)), ["|", "| loop", "body =Ok(3) |"]);
    let rows = ["|", "| loop", "body loop |", "body loop 0 |", "body loop 0 =Err(\"broken next\") |"];
    assert_eq!(cuts(|t| block_form(t, 0)), rows);
}

#[with_defer]
async fn in_macros(t: Trace) {
    defer! {
        assert_eq!(letter('a').await, 'a');
        t.add(format!("{}{}", letter('b').await, letter('c').await));
        assert!(matches!(next(&t).await, Err(Broken("next"))));
        t.add("end");
    }
    t.step("body").await;
}

#[test]
fn awaits_in_the_arguments_of_macros() {
    assert_eq!(cuts(in_macros), ["|", "| bc", "body bc |", "body bc end =() |"]);
}

#[with_defer]
async fn only_some_await(t: Trace) -> Result<(), Infallible> {
    defer!(t.add("1"));
    defer!(t.step("2").await);
    defer! { t.add("3"); }
    defer_on_success!(t.step("4").await);
    defer_on_failure!(t.step("5").await);
    defer!(t.add("6"));
    t.step("body").await;
    Ok(())
}

#[test]
fn statements_that_await_and_others_beside_each_other() {
    let rows = ["|", "| 6 3 1", "body 6 | 3 1", "body 6 4 3 | 1", "body 6 4 3 2 1 =Ok(()) |"];
    assert_eq!(cuts(only_some_await), rows);
}

#[with_defer]
async fn value_before_deferred(t: Trace) -> usize {
    let mut list = vec![1, 2];
    defer! {
        pause().await;
        list.clear();
        t.add(list.len());
    }
    pause().await;
    list.push(3);
    list.iter().sum()
}

#[test]
fn the_result_is_computed_before_deferred_code_awaits() {
    assert_eq!(cuts(value_before_deferred), ["|", "|", "|", "0 =6 |"]);
}

#[with_defer]
async fn borrowed_mutably(list: &mut Vec<u8>) -> &mut u8 {
    let mut count = 0;
    defer! {
        pause().await;
        count += 1;
        assert_eq!(count, 2);
    }
    pause().await;
    count += 1;
    list.push(7);
    &mut list[0]
}

#[test]
fn a_result_that_borrows_while_deferred_code_awaits() {
    let mut list = Vec::new();
    *run(borrowed_mutably(&mut list)) += 1;
    assert_eq!(list, [8]);
}

mod shadowed {
    //! Generated code names nothing that its surroundings can change.
    #![expect(non_upper_case_globals, dead_code, reason = "glue must not find them")]

    use with_defer::{defer, with_defer};

    use super::inject::{Trace, cuts};

    mod core {}
    mod std {}
    struct Option;
    struct Box;

    const frame: () = ();
    const root: () = ();
    const part: () = ();
    const ran: () = ();
    const left: () = ();
    const leave: () = ();
    const way: () = ();

    #[with_defer]
    async fn program(t: Trace) -> u8 {
        let slot = 1;
        let out = 2;
        let exit = 3;
        defer! { t.step(slot + out + exit).await; }
        if slot == 1 {
            let value = 4;
            defer! { t.add(value + out); }
            t.step("a").await;
        }
        #[defer_scope]
        for turn in 0..1 {
            defer! { t.step(turn).await; }
            t.step("b").await;
        }
        slot
    }

    #[test]
    fn names_of_glue() {
        let rows = ["|", "| 6", "a | 6", "a b | 6", "a b 0 6 |", "a b 0 6 6 =1 |"];
        assert_eq!(cuts(program), rows);
    }
}
