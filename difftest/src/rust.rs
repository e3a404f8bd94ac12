//! Prints a program as Rust.

use crate::ast::{Body, Cond, Deferred, Expr, Fun, Kind, Label, Program, Stmt, Var, When};

/// What programs call.
pub(crate) const SUPPORT: &str = r#"#![allow(warnings)]
pub use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

thread_local! { static LIVE: std::cell::Cell<i64> = const { std::cell::Cell::new(0) }; }

/// Is pending once.
pub async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| match std::mem::replace(&mut paused, true) {
        true => std::task::Poll::Ready(()),
        false => std::task::Poll::Pending,
    }).await
}
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) { return value; }
    }
}

pub fn log(tag: i64, n: i64) { println!("{tag} {n}"); }
pub fn seen(tag: i64, n: i64) -> i64 { println!("{tag} seen {n}"); n }
pub fn positive(n: i64) -> Option<i64> { (n > 0).then_some(n) }
pub fn bump(place: &mut i64, n: i64) { *place = (*place + n) % 1000; }
pub fn show(place: &i64, tag: i64, n: i64) { println!("{tag} show {} {n}", *place); }
pub fn enter(tag: i64, n: i64) -> impl FnOnce() { println!("{tag} enter {n}"); move || println!("{tag} leave {n}") }

pub struct Counter { pub value: i64 }
impl Counter {
    pub fn new(value: i64) -> Self { LIVE.set(LIVE.get() + 1); Self { value } }
    pub fn add(&mut self, n: i64) { self.value = (self.value + n) % 1000; }
    pub fn show(&self, tag: i64, n: i64) { println!("{tag} show {} {n}", self.value); }
}
impl Drop for Counter { fn drop(&mut self) { LIVE.set(LIVE.get() - 1); } }

fn text(payload: &(dyn std::any::Any + Send)) -> &str {
    match payload.downcast_ref::<&str>() {
        Some(text) => text,
        None => payload.downcast_ref::<String>().map_or("?", |text| text),
    }
}

pub fn run(program: usize, f: fn() -> i64) {
    println!("program {program}");
    match std::panic::catch_unwind(f) {
        Ok(n) => println!("returned {n}"),
        Err(payload) => println!("panicked {}", text(&*payload)),
    }
    println!("live {}", LIVE.replace(0));
}

/// Polls a future once, twice, three times … and drops it.
pub fn cut<F: Future<Output = i64>>(make: impl Fn() -> F) {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    for polls in 1..=40 {
        println!("polls {polls}");
        let mut future = Box::pin(make());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut is_done = false;
        for _ in 0..polls {
            match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context))) {
                Ok(std::task::Poll::Pending) => continue,
                Ok(std::task::Poll::Ready(n)) => println!("returned {n}"),
                Err(payload) => println!("panicked {}", text(&*payload)),
            }
            is_done = true;
            break;
        }
        match catch_unwind(AssertUnwindSafe(|| drop(future))) {
            Ok(()) if is_done => {}
            Ok(()) => println!("dropped"),
            Err(payload) => println!("dropped, panicked {}", text(&*payload)),
        }
        println!("live {}", LIVE.replace(0));
        if is_done { break; }
    }
}
"#;

/// A module for `program`.
pub(crate) fn print(program: &Program) -> String {
    let mut out =
        Printer { program, text: String::new(), depth: 0, inside: Vec::new(), is_async: program.is_async };
    out.functions();
    if program.is_async {
        // For closures, which cannot wait.
        out.is_async = false;
        out.functions();
    }
    out.text
}

/// How to run it.
pub(crate) fn entry(program: &Program, number: usize) -> String {
    let args = vec!["3"; program.functions[0].params.len()].join(", ");
    if program.is_async {
        let future = format!("p{number}::async_f0({args})");
        format!("support::run({number}, || support::ready({future})); support::cut(|| {future});")
    } else {
        format!("support::run({number}, || p{number}::f0({args}));")
    }
}

impl Printer<'_> {
    fn functions(&mut self) {
        let (program, out) = (self.program, self);
        for (i, f) in program.functions.iter().enumerate() {
            match f.result {
                Some((v, n)) => out.line(&format!("#[with_defer({} = {n})]", program.vars[v].name)),
                None => out.line("#[with_defer]"),
            }
            let params: Vec<_> =
                f.params.iter().map(|&v| format!("mut {}: i64", program.vars[v].name)).collect();
            let name = if out.is_async { "async fn async_f" } else { "fn f" };
            out.open(&format!("pub {name}{i}({}) -> i64 {{", params.join(", ")));
            out.function(&f.body);
            out.close("}");
        }
    }
}

struct Printer<'a> {
    program: &'a Program,
    text: String,
    depth: usize,
    /// What `break` could leave, innermost last; `true` for loops.
    inside: Vec<(Label, bool)>,
    /// Whether `.await` may stand here.
    is_async: bool,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        self.text += &"    ".repeat(self.depth);
        self.text += text;
        self.text.push('\n');
    }

    fn open(&mut self, text: &str) {
        self.line(text);
        self.depth += 1;
    }

    fn close(&mut self, text: &str) {
        self.depth -= 1;
        self.line(text);
    }

    fn name(&self, v: Var) -> &'static str {
        self.program.vars[v].name
    }

    fn var(&self, v: Var) -> String {
        match self.program.vars[v].kind {
            Kind::Int | Kind::Turns => self.name(v).to_owned(),
            Kind::Counter => format!("{}.value", self.name(v)),
            Kind::Result => format!("*{}", self.name(v)),
        }
    }

    fn expr(&self, e: &Expr) -> String {
        match e {
            Expr::Num(n) => format!("{n}"),
            Expr::Var(v) => self.var(*v),
            Expr::Add(a, b) => format!("({} + {})", self.expr(a), self.expr(b)),
            Expr::Sub(a, b) => format!("({} - {})", self.expr(a), self.expr(b)),
            Expr::Rem(a, n) => format!("({} % {n})", self.expr(a)),
            Expr::Seen(tag, a) => format!("seen({tag}, {})", self.expr(a)),
            Expr::Call(f, args) => self.call(*f, args),
        }
    }

    fn call(&self, f: Fun, args: &[Expr]) -> String {
        let args = self.args(args);
        if self.is_async { format!("async_f{f}({args}).await") } else { format!("f{f}({args})") }
    }

    fn args(&self, args: &[Expr]) -> String {
        args.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(", ")
    }

    fn cond(&self, c: &Cond) -> String {
        match c {
            Cond::Less(a, b) => format!("{} < {}", self.expr(a), self.expr(b)),
            Cond::Even(a) => format!("{} % 2 == 0", self.expr(a)),
            Cond::And(a, b) => format!("({}) && ({})", self.cond(a), self.cond(b)),
            Cond::Or(a, b) => format!("({}) || ({})", self.cond(a), self.cond(b)),
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn frame(&mut self, body: &[Stmt]) {
        let inside = std::mem::take(&mut self.inside);
        self.body(body);
        self.inside = inside;
    }

    /// Mostly, its last `return` is a final expression.
    fn function(&mut self, body: &[Stmt]) {
        let inside = std::mem::take(&mut self.inside);
        match body.split_last() {
            Some((Stmt::Return(Some(e)), body)) if body.len() % 4 != 0 => {
                self.body(body);
                self.line(&self.expr(e));
            }
            _ => self.body(body),
        }
        self.inside = inside;
    }

    fn within(&mut self, label: Label, is_loop: bool, body: &[Stmt]) {
        self.inside.push((label, is_loop));
        self.body(body);
        self.inside.pop();
    }

    fn bump(&self, v: Var, e: &Expr) -> String {
        match self.program.vars[v].kind {
            Kind::Counter => format!("{}.add({})", self.name(v), self.expr(e)),
            _ => format!("bump(&mut {}, {})", self.var(v), self.expr(e)),
        }
    }

    /// Both spellings where Rust allows the short one.
    fn jump(&self, word: &str, label: Label) -> String {
        match self.inside.last() {
            Some(&(innermost, true)) if innermost == label && label % 2 == 0 => format!("{word};"),
            _ => format!("{word} 'l{label};"),
        }
    }

    fn closure(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Closure(v, body) if self.is_async && v % 2 == 0 => {
                self.open(&format!("let mut {}: i64 = async {{", self.name(*v)));
                self.function(body);
                self.close("}.await;");
            }
            Stmt::Closure(v, body) => {
                let is_async = std::mem::take(&mut self.is_async);
                self.open(&format!("let mut {} = (|| -> i64 {{", self.name(*v)));
                self.function(body);
                self.close("})();");
                self.is_async = is_async;
            }
            Stmt::Twice(v, p, body) => {
                let is_async = std::mem::take(&mut self.is_async);
                self.open(&format!("let mut {} = {{", self.name(*v)));
                self.open(&format!("let mut call = |mut {}: i64| -> i64 {{", self.name(*p)));
                self.function(body);
                self.close("};");
                self.line("call(1) + call(2)");
                self.close("};");
                self.is_async = is_async;
            }
            _ => unreachable!("no closure"),
        }
    }

    fn looped(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::For(label, v, n, body) => {
                self.open(&format!("'l{label}: for mut {} in 0..{n} {{", self.name(*v)));
                self.within(*label, true, body);
                self.close("}");
            }
            Stmt::While(label, v, n, body) => {
                let v = self.name(*v);
                self.line(&format!("let mut {v} = 0;"));
                self.open(&format!("'l{label}: while {v} < {n} {{"));
                self.line(&format!("{v} += 1;"));
                self.within(*label, true, body);
                self.close("}");
            }
            Stmt::Loop(label, v, n, body) => {
                let v = self.name(*v);
                self.line(&format!("let mut {v} = 0;"));
                self.open(&format!("'l{label}: loop {{"));
                self.line(&format!("if {v} == {n} {{ break; }}"));
                self.line(&format!("{v} += 1;"));
                self.within(*label, true, body);
                self.close("}");
            }
            _ => unreachable!("no loop"),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if let (true, Stmt::Log(..) | Stmt::Set(..)) = (self.is_async, stmt) {
            self.line("pause().await;");
        }
        match stmt {
            Stmt::Log(tag, Expr::Var(v)) if tag % 2 == 0 && self.program.vars[*v].kind == Kind::Int => {
                self.line(&format!("println!(\"{tag} {{{}}}\");", self.name(*v)));
            }
            Stmt::Log(tag, e) => self.line(&format!("log({tag}, {});", self.expr(e))),
            Stmt::Let(v, e) => self.line(&format!("let mut {}: i64 = {};", self.name(*v), self.expr(e))),
            Stmt::Counter(v, e) => {
                self.line(&format!("let mut {} = Counter::new({});", self.name(*v), self.expr(e)));
            }
            Stmt::Set(v, e) => self.line(&format!("{} = {};", self.var(*v), self.expr(e))),
            // What is taken now may name what is changed at exit, but no Rust call does both at once.
            Stmt::Bump(v, e) if self.program.vars[*v].kind != Kind::Counter => {
                self.line(&format!("{{ let by = {}; bump(&mut {}, by); }}", self.expr(e), self.var(*v)));
            }
            Stmt::Bump(v, e) => self.line(&format!("{};", self.bump(*v, e))),
            Stmt::Block(label, body) => {
                self.open(&if Stmt::names(body, *label) { format!("'l{label}: {{") } else { "{".to_owned() });
                if Stmt::names(body, *label) {
                    self.within(*label, false, body);
                } else {
                    self.body(body);
                }
                self.close("}");
            }
            Stmt::If(c, yes, no) => {
                self.open(&format!("if {} {{", self.cond(c)));
                self.branches(yes, no.as_ref());
            }
            Stmt::IfLet(v, e, yes, no) => {
                self.open(&format!("if let Some(mut {}) = positive({}) {{", self.name(*v), self.expr(e)));
                self.branches(yes, no.as_ref());
            }
            Stmt::LetElse(v, e, no) => {
                self.open(&format!("let Some(mut {}) = positive({}) else {{", self.name(*v), self.expr(e)));
                self.body(no);
                self.close("};");
            }
            Stmt::Match(e, arms, rest) => {
                self.open(&format!("match {} {{", self.expr(e)));
                for (values, body) in arms {
                    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                    self.open(&format!("{} => {{", values.join(" | ")));
                    self.body(body);
                    self.close("}");
                }
                self.open("_ => {");
                self.body(rest);
                self.close("}");
                self.close("}");
            }
            Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) => self.looped(stmt),
            Stmt::Value(v, stmt) => {
                self.open(&format!("let mut {}: i64 =", self.name(*v)));
                match &**stmt {
                    Stmt::Block(label, body) => {
                        self.open(&format!("'l{label}: {{"));
                        self.within(*label, false, body);
                        self.close("}");
                    }
                    stmt => self.stmt(stmt),
                }
                self.close(";");
            }
            Stmt::Yield(_, e) => self.line(&self.expr(e)),
            Stmt::BreakWith(label, _, e) => self.line(&format!("break 'l{label} {};", self.expr(e))),
            Stmt::Break(label) => self.line(&self.jump("break", *label)),
            Stmt::Continue(label) => self.line(&self.jump("continue", *label)),
            Stmt::Return(None) => self.line("return;"),
            Stmt::Return(Some(e)) => self.line(&format!("return {};", self.expr(e))),
            Stmt::Panic(tag) if tag % 2 == 0 => self.line(&format!("panic!(\"p{tag}\");")),
            Stmt::Panic(tag) => self.line(&format!("panic!(\"p{{}}\", {tag});")),
            Stmt::Closure(..) | Stmt::Twice(..) => self.closure(stmt),
            Stmt::Defer(deferred) => self.deferred(deferred),
            Stmt::Recover(tag, body, again) => {
                self.open("if let Some(caught) = recover!() {");
                self.line(&format!("println!(\"{tag} recovered {{caught}}\");"));
                self.body(body);
                if *again {
                    self.line("caught.resume();");
                }
                self.close("}");
            }
        }
    }

    fn branches(&mut self, yes: &Body, no: Option<&Body>) {
        self.body(yes);
        if let Some(no) = no {
            self.close("} else {");
            self.depth += 1;
            self.body(no);
        }
        self.close("}");
    }

    fn deferred(&mut self, deferred: &Deferred) {
        let call = match deferred {
            Deferred::Log(tag, e) => format!("log({tag}, {})", self.expr(e)),
            Deferred::Print(tag, e) => format!("println!(\"{{}} {{}}\", {tag}, {})", self.expr(e)),
            Deferred::Call(f, args) => self.call(*f, args),
            Deferred::Show(v, tag, e) => match self.program.vars[*v].kind {
                Kind::Counter => format!("{}.show({tag}, {})", self.name(*v), self.expr(e)),
                _ => format!("show(&{}, {tag}, {})", self.var(*v), self.expr(e)),
            },
            Deferred::Bump(v, e) => self.bump(*v, e),
            Deferred::Entered(tag, e) => format!("enter({tag}, {})()", self.expr(e)),
            Deferred::Block(body) => {
                self.open("defer! {");
                self.frame(body);
                return self.close("}");
            }
            Deferred::When(when, body) => {
                let name = match when {
                    When::Failure => "failure",
                    When::Success => "success",
                    When::Panic => "panic",
                };
                self.open(&format!("defer_on_{name}! {{"));
                self.frame(body);
                return self.close("}");
            }
            Deferred::Literal(v, e, body) => {
                self.open(&format!("defer!((|mut {}: i64| {{", self.name(*v)));
                let is_async = std::mem::take(&mut self.is_async);
                self.frame(body);
                self.is_async = is_async;
                return self.close(&format!("}})({}));", self.expr(e)));
            }
        };
        self.line(&format!("defer!({call});"));
    }
}
