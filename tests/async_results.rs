//! What async functions with deferred statements return: types that must be coerced or inferred, errors, named results,
//! recovered panics.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::future::{pending, ready};
use std::num::ParseIntError;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::Poll;

use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

use self::inject::{Trace, cuts, panic_message, pause, poll, run};

#[path = "common/inject.rs"]
mod inject;

// Types.

#[with_defer]
async fn boxed_trait(t: Trace, early: bool) -> Box<dyn Debug> {
    defer!(t.add("deferred"));
    if early {
        return Box::new(1);
    }
    t.step("a").await;
    Box::new("two")
}

#[test]
fn boxed_trait_objects() {
    assert_eq!(cuts(|t| boxed_trait(t, true)), ["|", "deferred =1 |"]);
    assert_eq!(cuts(|t| boxed_trait(t, false)), ["|", "| deferred", "a deferred =\"two\" |"]);
}

#[with_defer]
async fn reborrows<'a>(t: &Trace, text: &'a mut String, early: bool) -> &'a String {
    defer! { t.step("deferred").await; }
    text.push('a');
    if early {
        return text;
    }
    pause().await;
    text.push('b');
    text
}

#[test]
fn shared_reference_from_a_mutable_one() {
    let t = Trace::default();
    let mut text = String::new();
    assert_eq!(run(reborrows(&t, &mut text, true)), "a");
    assert_eq!(run(reborrows(&t, &mut text, false)), "aab");
    assert_eq!(t.text(), "deferred deferred");
}

#[with_defer]
async fn slice_from_array(t: &Trace) -> &'static [u8] {
    defer!(t.add("deferred"));
    pause().await;
    if t.text() == "never" {
        return &[1, 2];
    }
    &[3, 4, 5]
}

#[with_defer]
async fn function_pointer(t: &Trace, first: bool) -> fn(u8) -> u8 {
    fn one_more(n: u8) -> u8 {
        n + 1
    }

    defer!(t.add("deferred"));
    pause().await;
    if first {
        return one_more;
    }
    |n| n + 2
}

#[test]
fn other_coercions() {
    let t = Trace::default();
    assert_eq!(run(slice_from_array(&t)), [3, 4, 5]);
    assert_eq!(run(function_pointer(&t, true))(1), 2);
    assert_eq!(run(function_pointer(&t, false))(1), 3);
    assert_eq!(t.text(), "deferred deferred deferred");
}

#[with_defer]
async fn opaque(t: Trace) -> impl Iterator<Item = u8> + Clone {
    defer! { t.step("deferred").await; }
    t.step("a").await;
    [1, 2, 3].into_iter().map(|n| n * 2)
}

#[with_defer]
async fn opaque_closure(t: &Trace) -> impl Fn(&str) -> String {
    defer!(t.add("deferred"));
    pause().await;
    |text| {
        t.add("called");
        text.to_uppercase()
    }
}

#[with_defer]
async fn opaque_closure_of_a_branch(t: &Trace, branch: bool) -> impl Fn(&str) -> String {
    defer! { pause().await; t.add("deferred"); }
    let prefix = if branch {
        pause().await;
        "a"
    } else {
        "b"
    };
    defer!(t.add("first"));
    move |text| format!("{prefix}{}", text.len())
}

#[with_defer]
#[expect(clippy::needless_return, reason = "the point")]
async fn opaque_closure_returned_early(t: &Trace) -> impl Fn(&str) -> String {
    defer!(t.add("deferred"));
    pause().await;
    return |text: &str| text.to_lowercase();
}

#[with_defer]
async fn opaque_inside(t: &Trace) -> Result<impl Display + use<>, ParseIntError> {
    defer!(t.add("deferred"));
    let number: i32 = "7".parse()?;
    pause().await;
    Ok(format!("<{number}>"))
}

#[test]
fn opaque_types() {
    let program = |t| async { opaque(t).await.collect::<Vec<_>>() };
    assert_eq!(cuts(program), ["|", "|", "a |", "a deferred =[2, 4, 6] |"]);
    let t = Trace::default();
    assert_eq!(run(opaque_closure(&t))("loud"), "LOUD");
    assert_eq!(run(opaque_closure_of_a_branch(&t, true))("text"), "a4");
    assert_eq!(run(opaque_closure_returned_early(&t))("LOUD"), "loud");
    assert_eq!(run(opaque_inside(&t)).unwrap().to_string(), "<7>");
    assert_eq!(t.text(), "deferred called first deferred deferred deferred");
}

#[with_defer]
async fn never(t: Trace) -> ! {
    defer!(t.add("1"));
    defer! { t.step("2").await; }
    t.step("a").await;
    pending().await
}

#[with_defer]
async fn never_by_a_loop(t: Trace) -> ! {
    defer!(t.add("1"));
    loop {
        t.step("a").await;
        assert!(!t.text().starts_with("a a"), "enough");
    }
}

#[test]
fn functions_that_never_return() {
    let t = Trace::default();
    let mut future = Box::pin(never(t.clone()));
    for _ in 0..3 {
        assert!(poll(future.as_mut()).is_pending());
    }
    drop(future);
    assert_eq!(t.text(), "a 1");
    let program = |t| async { match never_by_a_loop(t).await {} };
    assert_eq!(
        cuts::<Pin<Box<dyn Future<Output = Infallible>>>>(|t| Box::pin(program(t))),
        ["|", "| 1", "a | 1", "a a 1 !enough |",]
    );
}

#[with_defer]
async fn unit(t: Trace) {
    defer!(t.add("deferred"));
    if t.text() == "never" {
        return;
    }
    t.step("a").await
}

#[test]
fn unit_results() {
    assert_eq!(cuts(unit), ["|", "| deferred", "a deferred =() |"]);
}

#[with_defer]
async fn large(t: Trace) -> [u64; 200] {
    defer! { t.step("deferred").await; }
    t.step("a").await;
    [7; 200]
}

#[test]
fn large_results() {
    let program = |t| async { large(t).await.iter().sum::<u64>() };
    assert_eq!(cuts(program), ["|", "|", "a |", "a deferred =1400 |"]);
}

// Errors.

#[derive(Debug)]
#[expect(dead_code, reason = "`Debug` reads the fields")]
enum Failure {
    Parse(ParseIntError),
    Text(&'static str),
}

impl From<ParseIntError> for Failure {
    fn from(error: ParseIntError) -> Self {
        Failure::Parse(error)
    }
}

impl From<&'static str> for Failure {
    fn from(text: &'static str) -> Self {
        Failure::Text(text)
    }
}

async fn parse(text: &str) -> Result<u8, ParseIntError> {
    pause().await;
    text.parse()
}

async fn positive(n: u8) -> Result<u8, &'static str> {
    pause().await;
    if n == 0 { Err("zero") } else { Ok(n) }
}

#[with_defer]
async fn several_errors(t: Trace, text: &str) -> Result<u8, Failure> {
    defer_on_failure!(t.add("failure"));
    defer_on_success!(t.add("success"));
    let parsed = parse(text).await?;
    t.add("parsed");
    defer! { t.step("deferred").await; }
    Ok(positive(parsed).await?)
}

#[test]
fn several_error_types() {
    let rows = ["|", "| failure", "parsed | failure", "parsed |", "parsed deferred success =Ok(1) |"];
    // While the awaiting statement is pending, the frame is cancelled.
    let rows = rows.map(|row| if row == "parsed |" { "parsed | failure" } else { row });
    assert_eq!(cuts(|t| several_errors(t, "1")), rows);
    let rows = [
        "|",
        "| failure",
        "parsed | failure",
        "parsed | failure",
        "parsed deferred failure =Err(Text(\"zero\")) |",
    ];
    assert_eq!(cuts(|t| several_errors(t, "0")), rows);
    let rows = ["|", "| failure", "failure =Err(Parse(ParseIntError { kind: InvalidDigit })) |"];
    assert_eq!(cuts(|t| several_errors(t, "x")), rows);
}

#[with_defer]
async fn boxed_error(t: Trace, text: &str) -> Result<u8, Box<dyn Error>> {
    defer_on_failure!(t.add("failure"));
    let parsed = parse(text).await?;
    if parsed == 9 {
        Err("nine")?;
    }
    if parsed == 8 {
        return Err(fmt::Error.into());
    }
    Ok(parsed)
}

#[test]
fn boxed_errors() {
    assert_eq!(cuts(|t| boxed_error(t, "1")), ["|", "| failure", "=Ok(1) |"]);
    assert_eq!(cuts(|t| boxed_error(t, "9")), ["|", "| failure", "failure =Err(\"nine\") |"]);
    assert_eq!(cuts(|t| boxed_error(t, "8")), ["|", "| failure", "failure =Err(Error) |"]);
}

#[with_defer]
async fn option(t: Trace, list: &[u8]) -> Option<u8> {
    defer_on_failure!(t.add("failure"));
    let first = list.first()?;
    t.step("a").await;
    Some(first + list.get(1)?)
}

#[with_defer]
async fn control_flow(t: Trace, stop: bool) -> ControlFlow<&'static str, u8> {
    defer_on_failure!(t.add("failure"));
    pause().await;
    if stop {
        ControlFlow::Break("stop")?;
    }
    ControlFlow::Continue(1)
}

#[with_defer]
async fn poll_of_result(t: Trace, fail: bool) -> Poll<Result<u8, &'static str>> {
    defer_on_failure!(t.add("failure"));
    pause().await;
    let ready: Poll<Result<u8, &'static str>> = Poll::Ready(if fail { Err("fail") } else { Ok(1) });
    ready?.map(Ok)
}

#[test]
fn other_types_that_can_fail() {
    assert_eq!(cuts(|t| option(t, &[1, 2])), ["|", "| failure", "a =Some(3) |"]);
    assert_eq!(cuts(|t| option(t, &[1])), ["|", "| failure", "a failure =None |"]);
    assert_eq!(cuts(|t| option(t, &[])), ["|", "failure =None |"]);
    assert_eq!(cuts(|t| control_flow(t, false)), ["|", "| failure", "=Continue(1) |"]);
    assert_eq!(cuts(|t| control_flow(t, true)), ["|", "| failure", "failure =Break(\"stop\") |"]);
    assert_eq!(cuts(|t| poll_of_result(t, false)), ["|", "| failure", "=Ready(Ok(1)) |"]);
    assert_eq!(cuts(|t| poll_of_result(t, true)), ["|", "| failure", "failure =Ready(Err(\"fail\")) |"]);
}

macro_rules! bail {
    ($error:expr) => {
        return Err($error.into())
    };
}

#[with_defer]
async fn bails(t: Trace, yes: bool) -> Result<u8, Failure> {
    defer_on_failure!(t.add("failure"));
    t.step("a").await;
    if yes {
        bail!("bailed");
    }
    Ok(1)
}

#[test]
fn macros_that_return() {
    assert_eq!(cuts(|t| bails(t, true)), ["|", "| failure", "a failure =Err(Text(\"bailed\")) |"]);
    assert_eq!(cuts(|t| bails(t, false)), ["|", "| failure", "a =Ok(1) |"]);
}

#[with_defer]
async fn deferred_errors(t: Trace, body: Result<u8, Failure>, cleanup: &str) -> Result<u8, Failure> {
    defer_on_failure!(t.add("failure"));
    defer! { parse(cleanup).await?; t.add("clean"); }
    defer! { positive(u8::from(cleanup != "zero")).await?; }
    t.step("a").await;
    body
}

#[test]
fn a_failed_cleanup_becomes_the_error_unless_there_is_one() {
    let program = |t| deferred_errors(t, Ok(1), "2");
    let rows = ["|", "| failure", "a | failure", "a | failure", "a clean =Ok(1) |"];
    assert_eq!(cuts(program), rows);
    let program = |t| deferred_errors(t, Ok(1), "zero");
    let rows = ["|", "| failure", "a | failure", "a | failure", "a failure =Err(Text(\"zero\")) |"];
    assert_eq!(cuts(program), rows);
    let program = |t| deferred_errors(t, Err(Failure::Text("body")), "zero");
    let rows = ["|", "| failure", "a | failure", "a | failure", "a failure =Err(Text(\"body\")) |"];
    assert_eq!(cuts(program), rows);
    let program = |t| deferred_errors(t, Ok(1), "x");
    let error = "a failure =Err(Parse(ParseIntError { kind: InvalidDigit })) |";
    assert_eq!(cuts(program), ["|", "| failure", "a | failure", "a | failure", error]);
}

#[with_defer]
async fn error_of_a_call(t: Trace, fail: bool) -> Result<(), Failure> {
    defer!(close(&t, fail).await?);
    t.step("a").await;
    Ok(())
}

async fn close(t: &Trace, fail: bool) -> Result<(), &'static str> {
    t.step("close").await;
    if fail { Err("not closed") } else { Ok(()) }
}

#[test]
fn a_failed_call_becomes_the_error() {
    assert_eq!(cuts(|t| error_of_a_call(t, false)), ["|", "|", "a |", "a close =Ok(()) |"]);
    let rows = ["|", "|", "a |", "a close =Err(Text(\"not closed\")) |"];
    assert_eq!(cuts(|t| error_of_a_call(t, true)), rows);
}

#[with_defer]
async fn panic_goes_before_errors(t: Trace) -> Result<u8, Failure> {
    defer_on_panic! { pause().await; t.add("panic"); }
    defer! { parse("x").await?; }
    t.step("a").await;
    panic!("body")
}

#[test]
fn a_failed_cleanup_does_not_replace_a_panic() {
    let rows = ["|", "|", "a | !body", "a | !body", "a panic !body |"];
    assert_eq!(cuts(panic_goes_before_errors), rows);
}

// Named results.

#[with_defer(result = 10)]
async fn named(t: Trace, how: u8) -> u32 {
    defer! { *result += 1; t.step(*result).await; }
    t.add(*result);
    *result = 20;
    t.step("a").await;
    match how {
        0 => 30,
        #[expect(clippy::needless_return, reason = "the point")]
        1 => return 40,
        2 => return,
        _ => panic!("body"),
    }
}

#[test]
fn named_results() {
    assert_eq!(cuts(|t| named(t, 0)), ["|", "10 |", "10 a |", "10 a 31 =31 |"]);
    assert_eq!(cuts(|t| named(t, 1)), ["|", "10 |", "10 a |", "10 a 41 =41 |"]);
    assert_eq!(cuts(|t| named(t, 2)), ["|", "10 |", "10 a |", "10 a 21 =21 |"]);
    assert_eq!(cuts(|t| named(t, 3)), ["|", "10 |", "10 a | !body", "10 a 21 !body |"]);
}

#[with_defer((n, error) = (0, None))]
async fn named_by_a_pattern(t: Trace) -> (u8, Option<&'static str>) {
    defer! {
        pause().await;
        *error = Some("late");
    }
    defer! { *n *= 2; }
    t.step("a").await;
    (21, None)
}

#[test]
fn named_results_by_a_pattern() {
    assert_eq!(cuts(named_by_a_pattern), ["|", "|", "a |", "a =(42, Some(\"late\")) |"]);
}

#[with_defer(result = Ok(0))]
async fn recovers(t: Trace, how: u8) -> Result<u32, String> {
    defer_on_success!(t.add("success"));
    defer_on_failure!(t.add("failure"));
    defer! {
        if let Some(panic) = recover!() {
            t.step("recovering").await;
            *result = Err(panic.to_string());
        }
    }
    t.step("a").await;
    match how {
        0 => Ok(1),
        1 => Err("error".to_owned()),
        _ => panic!("body"),
    }
}

#[test]
fn recovered_panics_as_errors() {
    assert_eq!(cuts(|t| recovers(t, 0)), ["|", "| failure", "a success =Ok(1) |"]);
    assert_eq!(cuts(|t| recovers(t, 1)), ["|", "| failure", "a failure =Err(\"error\") |"]);
    let rows = ["|", "| failure", "a | failure", "a recovering failure =Err(\"body\") |"];
    assert_eq!(cuts(|t| recovers(t, 2)), rows);
}

#[with_defer]
async fn recovers_to_the_default(t: Trace, what: &str) -> String {
    defer! { t.add(recover!().is_some()); }
    defer! {
        pause().await;
        assert!(what != "deferred", "deferred");
    }
    t.step("a").await;
    assert!(what != "body", "body");
    "stored".to_owned()
}

#[test]
fn recovered_panics_with_the_default_or_what_was_stored() {
    let rows = ["|", "| false", "a | false", "a false =\"stored\" |"];
    assert_eq!(cuts(|t| recovers_to_the_default(t, "")), rows);
    let rows = ["|", "| false", "a | true", "a true =\"\" |"];
    assert_eq!(cuts(|t| recovers_to_the_default(t, "body")), rows);
    let rows = ["|", "| false", "a | false", "a true =\"stored\" |"];
    assert_eq!(cuts(|t| recovers_to_the_default(t, "deferred")), rows);
}

#[with_defer]
async fn recovers_in_a_callee(t: Trace) -> u8 {
    defer! {
        let nested = async {
            defer! { t.add(recover!().is_some()); }
            pause().await;
            assert!(t.text() == "never", "nested");
            1
        };
        t.add(nested.await);
    }
    t.step("a").await;
    7
}

#[test]
fn a_nested_frame_recovers_its_own_panic() {
    let rows = ["|", "| false", "a | false", "a true 0 =7 |"];
    assert_eq!(cuts(recovers_in_a_callee), rows);
}

#[with_defer]
async fn replaced(t: Trace) {
    defer_on_panic!(t.add("outer"));
    defer! {
        t.step("deferred").await;
        panic!("second");
    }
    t.step("a").await;
    panic!("first");
}

#[test]
fn a_panic_in_deferred_code_replaces_the_first() {
    let rows = ["|", "|", "a | outer !first", "a deferred outer !second |"];
    assert_eq!(cuts(replaced), rows);
}

#[test]
fn the_panic_that_leaves_is_the_one_that_entered() {
    #[derive(Debug, PartialEq)]
    struct Payload(u8);

    #[with_defer]
    async fn program() {
        defer! { pause().await; }
        ready(()).await;
        std::panic::panic_any(Payload(7));
    }

    let caught = std::panic::catch_unwind(|| run(program())).unwrap_err();
    assert_eq!(*caught.downcast::<Payload>().unwrap(), Payload(7));
}

#[test]
fn a_panic_before_the_first_statement_runs_nothing() {
    #[with_defer]
    async fn program(t: &Trace) {
        assert!(!t.text().is_empty(), "early");
        defer!(t.add("deferred"));
        pause().await;
    }

    let t = Trace::default();
    assert_eq!(panic_message(|| run(program(&t))), "early");
    assert_eq!(t.text(), "");
}
