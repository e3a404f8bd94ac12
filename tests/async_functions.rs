//! Async functions, blocks and closures of every kind: what runs when they return, and when they are dropped before.

use std::fmt::Debug;
use std::future::ready;
use std::pin::Pin;

use with_defer::{defer, with_defer};

use self::inject::{Trace, Value, cuts, cuts_across_threads, pause, run};

#[path = "common/inject.rs"]
mod inject;

struct Account {
    t: Trace,
    balance: u32,
}

impl Account {
    #[with_defer]
    async fn by_reference(&self) -> u32 {
        defer!(self.t.add(self.balance));
        self.t.step("a").await;
        self.balance
    }

    #[with_defer]
    async fn by_mutable_reference(&mut self) -> u32 {
        defer!(self.t.add(self.balance));
        self.t.step("a").await;
        self.balance += 1;
        self.t.step("b").await;
        self.balance
    }

    #[with_defer]
    async fn by_value(mut self) -> Account {
        defer!(self.t.add("deferred"));
        self.t.step("a").await;
        self.balance += 1;
        Account { t: self.t.clone(), balance: self.balance }
    }

    #[with_defer]
    async fn pinned(self: Pin<&mut Self>) -> u32 {
        let this = self.get_mut();
        defer! {
            this.t.step("deferred").await;
            this.balance = 0;
        }
        this.balance += 1;
        this.t.step("a").await;
        this.balance
    }

    #[with_defer]
    async fn associated(t: &Trace) -> Self {
        defer!(t.add("deferred"));
        t.step("a").await;
        Self { t: t.clone(), balance: 5 }
    }
}

#[test]
fn methods() {
    let account = |t| Account { t, balance: 5 };
    assert_eq!(cuts(|t| async { account(t).by_reference().await }), ["|", "| 5", "a 5 =5 |"]);
    let rows = ["|", "| 5", "a | 5", "a b 5 =6 |"];
    assert_eq!(cuts(|t| async { account(t).by_mutable_reference().await }), rows);
    let rows = ["|", "| deferred", "a deferred =6 |"];
    assert_eq!(cuts(|t| async { account(t).by_value().await.balance }), rows);
    let rows = ["|", "|", "a |", "a deferred =6 |"];
    assert_eq!(cuts(|t| async { Pin::new(&mut account(t)).pinned().await }), rows);
    let rows = ["|", "| deferred", "a deferred =5 |"];
    assert_eq!(cuts(|t| async move { Account::associated(&t).await.balance }), rows);
}

trait Close {
    fn trace(&self) -> &Trace;

    async fn close(&mut self) -> usize;

    #[with_defer]
    async fn close_by_default(&mut self) -> usize {
        defer! { self.trace().add("default deferred"); }
        self.close().await + 1
    }
}

impl Close for Account {
    fn trace(&self) -> &Trace {
        &self.t
    }

    #[with_defer]
    async fn close(&mut self) -> usize {
        defer! { self.balance = 0; self.t.add("closed"); }
        self.t.step("a").await;
        self.balance as usize
    }
}

#[test]
fn methods_of_traits() {
    let rows = ["|", "| closed default deferred", "a closed default deferred =6 |"];
    let program = |t| async { Account { t, balance: 5 }.close_by_default().await };
    assert_eq!(cuts(program), rows);
}

#[with_defer]
async fn generic<T, const N: usize>(t: Trace, values: [T; N], show: impl Fn(&T) -> String) -> Option<T>
where
    T: Debug + Clone,
{
    let mut shown = 0;
    defer! { t.add(format_args!("shown {shown}")); }
    for value in &values {
        t.step(show(value)).await;
        shown += 1;
    }
    values.first().cloned()
}

#[test]
fn generic_functions() {
    let rows = ["|", "| shown 0", "1 | shown 1", "1 2 shown 2 =Some(1) |"];
    assert_eq!(cuts(|t| generic(t, [1, 2], ToString::to_string)), rows);
}

#[with_defer]
async fn lifetimes<'a, 'b: 'a>(t: &'a Trace, first: &'b str, second: &'a mut String) -> &'a str {
    defer!(t.add(first));
    second.push_str(first);
    t.step("a").await;
    second.push('!');
    second
}

#[test]
fn borrowed_parameters_and_results() {
    let program = |t: Trace| async move {
        let mut second = "b".to_owned();
        lifetimes(&t, "f", &mut second).await.to_owned()
    };
    assert_eq!(cuts(program), ["|", "| f", "a f =\"bf!\" |"]);
}

#[with_defer]
async fn recursive(t: &Trace, n: u32) -> u32 {
    defer!(t.add(format_args!("-{n}")));
    t.step(n).await;
    if n == 0 {
        return 0;
    }
    Box::pin(recursive(t, n - 1)).await + n
}

#[test]
fn recursion() {
    let rows = ["|", "| -2", "2 | -1 -2", "2 1 | -0 -1 -2", "2 1 0 -0 -1 -2 =3 |"];
    assert_eq!(cuts(|t| async move { recursive(&t, 2).await }), rows);
}

#[with_defer]
async fn loops_by_recursion(n: u32, count: &mut u32) -> u32 {
    defer! { *count += 1; }
    if n == 0 { 0 } else { Box::pin(loops_by_recursion(n - 1, count)).await + 1 }
}

#[test]
fn deep_recursion() {
    let mut count = 0;
    assert_eq!(run(loops_by_recursion(100, &mut count)), 100);
    assert_eq!(count, 101);
}

#[with_defer]
fn blocks(t: Trace) -> impl Future<Output = usize> {
    t.add("called");
    async move {
        defer!(t.add("1"));
        t.step("a").await;
        let inner = async {
            defer!(t.add("2"));
            t.step("b").await;
            3
        };
        inner.await + 4
    }
}

#[test]
fn blocks_of_a_function_that_is_not_async() {
    let rows = ["called |", "called | 1", "called a | 2 1", "called a b 2 1 =7 |"];
    assert_eq!(cuts(blocks), rows);
}

#[with_defer]
async fn block_that_borrows(t: Trace) -> usize {
    let mut list = Vec::new();
    let fill = async {
        defer!(list.push("deferred"));
        list.push("body");
        pause().await;
        list.len()
    };
    let length = fill.await;
    t.add(list.join(","));
    length
}

#[test]
fn block_that_borrows_what_is_around_it() {
    assert_eq!(cuts(block_that_borrows), ["|", "|", "body,deferred =1 |"]);
}

#[with_defer]
async fn closures(t: Trace) -> u32 {
    let mut total = 0;
    let mut add = async |n: u32| {
        defer! { t.add(format_args!("added {n}")); }
        pause().await;
        total += n;
        total
    };
    add(1).await;
    add(2).await;
    let typed = async move |n: u32| -> u32 {
        defer! { t.step("typed").await; }
        n + 1
    };
    typed(total).await
}

#[test]
fn async_closures() {
    let rows = ["|", "| added 1", "added 1 | added 2", "added 1 added 2 |", "added 1 added 2 typed =4 |"];
    assert_eq!(cuts(closures), rows);
}

#[with_defer]
fn passed_to_a_function(t: Trace) -> impl Future<Output = u8> {
    async fn twice<F: AsyncFn(u8) -> u8>(f: F) -> u8 {
        f(1).await + f(2).await
    }

    async move {
        twice(async |n| {
            defer!(t.add(n));
            t.step("a").await;
            n
        })
        .await
    }
}

#[test]
fn async_closures_as_arguments() {
    assert_eq!(cuts(passed_to_a_function), ["|", "| 1", "a 1 | 2", "a 1 a 2 =3 |"]);
}

#[with_defer]
async fn closures_that_are_not_async(t: Trace) -> u8 {
    defer!(t.add("1"));
    let add = |n: u8| {
        defer!(t.add(n));
        t.add("closure");
        n + 1
    };
    let sum = add(4) + add(5);
    t.step("a").await;
    sum
}

#[test]
fn closures_in_async_code() {
    let rows = ["|", "closure 4 closure 5 | 1", "closure 4 closure 5 a 1 =11 |"];
    assert_eq!(cuts(closures_that_are_not_async), rows);
}

#[with_defer]
fn returns_a_boxed_future(t: Trace, n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    if n == 0 {
        return Box::pin(ready(0));
    }
    Box::pin(async move {
        defer! { t.step("1").await; }
        t.step("a").await;
        n
    })
}

#[test]
fn boxed_futures() {
    let rows = ["|", "|", "a |", "a 1 =7 |"];
    assert_eq!(cuts(|t| returns_a_boxed_future(t, 7)), rows);
    assert_eq!(cuts_across_threads(|t| returns_a_boxed_future(t, 7)), rows);
    assert_eq!(cuts(|t| returns_a_boxed_future(t, 0)), ["|", "=0 |"]);
}

#[with_defer]
async fn patterns((t, mut n): (Trace, u8), [first, .., last]: [Value; 3], _: Value) -> u8 {
    defer! { t.add(n); }
    defer! { t.add(first.name()); drop(last); }
    n += 1;
    t.step("a").await;
    n += 1;
    n
}

async fn plain_patterns((t, n): (Trace, u8), [first, .., last]: [Value; 3], _: Value) -> u8 {
    t.step("a").await;
    n + first.name().parse::<u8>().unwrap_or(1) + last.name().parse::<u8>().unwrap_or(1)
}

#[test]
fn patterns_as_parameters() {
    let values = |t: &Trace| [t.value("x"), t.value("y"), t.value("z")];
    let plain = |t: Trace| plain_patterns((t.clone(), 1), values(&t), t.value("_"));
    assert_eq!(cuts(plain), ["| ~x ~y ~z ~_", "| ~_ ~z ~x ~y", "a ~_ ~z ~x ~y =3 |"]);
    let program = |t: Trace| patterns((t.clone(), 1), values(&t), t.value("_"));
    let rows = ["| ~x ~y ~z ~_", "| x ~z 2 ~_ ~x ~y", "a x ~z 3 ~_ ~x ~y =3 |"];
    assert_eq!(cuts(program), rows);
}

#[test]
fn nothing_is_deferred() {
    #[with_defer]
    async fn program(t: Trace) -> u8 {
        t.step("a").await;
        7
    }

    async fn plain(t: Trace) -> u8 {
        t.step("a").await;
        7
    }

    assert_eq!(cuts(program), ["|", "|", "a =7 |"]);
    let t = Trace::default();
    assert_eq!(size_of_val(&program(t.clone())), size_of_val(&plain(t)));
}

/// An async block would only borrow a variable that a pattern looks into.
#[test]
fn a_reference_out_of_a_pattern_is_returned() {
    enum Choice {
        Some(u8),
        None,
    }
    impl Choice {
        #[with_defer]
        async fn value(&mut self, t: &Trace) -> Option<&mut u8> {
            defer!(t.add("deferred"));
            t.step("a").await;
            defer!(t.add("behind the await"));
            t.step("b").await;
            let Self::Some(_) = self else { return None };
            match self {
                Self::Some(value) => Some(value),
                Self::None => None,
            }
        }
    }
    let t = Trace::default();
    let mut choice = Choice::Some(1);
    *run(choice.value(&t)).unwrap() += 1;
    assert!(matches!(choice, Choice::Some(2)));
    assert_eq!(t.text(), "a b behind the await deferred");
    assert_eq!(
        cuts(|t| async move { Choice::Some(1).value(&t).await.copied() }),
        ["|", "| deferred", "a | behind the await deferred", "a b behind the await deferred =Some(1) |"]
    );
    assert_eq!(cuts(|t| async move { Choice::None.value(&t).await.copied() }).len(), 4);
}
