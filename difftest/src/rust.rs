//! Prints a program as Rust.

use std::fmt::Write;

use crate::ast::{Body, Cond, Deferred, Expr, Fun, Function, Kind, Label, Program, Stmt, Var, When};

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
pub fn consume(tag: i64, c: Counter) { println!("{tag} consumed {}", c.value); }
pub fn enter(tag: i64, n: i64) -> impl FnOnce() { println!("{tag} enter {n}"); move || println!("{tag} leave {n}") }

pub struct Counter { pub value: i64 }
impl Counter {
    pub fn new(value: i64) -> Self { LIVE.set(LIVE.get() + 1); Self { value } }
    pub fn add(&mut self, n: i64) { self.value = (self.value + n) % 1000; }
    pub fn show(&self, tag: i64, n: i64) { println!("{tag} show {} {n}", self.value); }
}
impl Drop for Counter { fn drop(&mut self) { LIVE.set(LIVE.get() - 1); } }

/// Owns something, too.
pub struct Failure(Counter);
pub type Outcome = Result<i64, Failure>;
pub fn fail(tag: i64) -> Failure { Failure(Counter::new(tag)) }
pub fn peek(outcome: &Outcome) -> i64 { match outcome { Ok(n) => *n, Err(failure) => -failure.0.value } }
pub fn value(outcome: Outcome) -> i64 { peek(&outcome) }

fn end(text: Result<String, Box<dyn std::any::Any + Send>>) {
    match text {
        Ok(text) => println!("{text}"),
        Err(payload) => match payload.downcast_ref::<&str>() {
            Some(text) => println!("panicked {text}"),
            None => println!("panicked {}", payload.downcast_ref::<String>().map_or("?", |text| text)),
        },
    }
    println!("live {}", LIVE.replace(0));
}
fn unwind_with<T>(value: T) {
    _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _value = value;
        panic!("unwinding");
    }));
}
fn returned(outcome: Outcome) -> String {
    match &outcome {
        Ok(n) => format!("returned {n}"),
        Err(failure) => format!("failed {}", failure.0.value),
    }
}
pub fn run(program: usize, f: fn() -> Outcome) {
    println!("program {program}");
    end(std::panic::catch_unwind(|| returned(f())));
}
/// Polls to the end, and again for each number of polls after which the future is dropped.
pub fn run_async<F: Future<Output = Outcome>>(f: fn() -> F, polls: &[usize]) {
    println!("async");
    end(std::panic::catch_unwind(|| returned(ready(f()))));
    for &polls in polls {
        println!("dropped after {polls}");
        end(std::panic::catch_unwind(|| {
            let mut future = Box::pin(f());
            for _ in 0..polls {
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                if future.as_mut().poll(&mut context).is_ready() { return "not pending".to_owned(); }
            }
            // Every other time by a panic.
            if polls % 2 == 0 { drop(future); } else { unwind_with(future); }
            "dropped".to_owned()
        }));
    }
}
"#;

/// A module for `program`: its functions, and their async twins if it has them.
pub(crate) fn print(program: &Program) -> String {
    let mut out = Printer {
        program,
        text: String::new(),
        depth: 0,
        inside: Vec::new(),
        is_async: false,
        fallible: false,
    };
    out.functions();
    if program.has_twin {
        out.is_async = true;
        out.functions();
    }
    out.text
}

/// How to run it.
pub(crate) fn entry(program: &Program, number: usize, polls: &[usize]) -> String {
    let Function { params, fallible, .. } = &program.functions[0];
    let args: Vec<_> = params
        .iter()
        .map(|&v| if program.vars[v].kind == Kind::Counter { "support::Counter::new(3)" } else { "3" })
        .collect();
    let args = args.join(", ");
    let (before, after) = if *fallible { ("", "") } else { ("Ok(", ")") };
    let mut entry = format!("support::run({number}, || {before}p{number}::f0({args}){after});");
    if program.has_twin {
        let call = format!("{before}p{number}::async_f0({args}).await{after}");
        _ = write!(entry, "\n    support::run_async(|| async {{ {call} }}, &{polls:?});");
    }
    entry
}

impl Printer<'_> {
    fn functions(&mut self) {
        let (program, out) = (self.program, self);
        for (i, f) in program.functions.iter().enumerate() {
            match f.result {
                Some((v, n)) if f.fallible => {
                    out.line(&format!("#[with_defer({} = Ok({n}))]", program.vars[v].name));
                }
                Some((v, n)) => out.line(&format!("#[with_defer({} = {n})]", program.vars[v].name)),
                None => out.line("#[with_defer]"),
            }
            let params = f.params.iter().map(|&v| {
                let ty = if program.vars[v].kind == Kind::Counter { "Counter" } else { "i64" };
                format!("mut {}: {ty}", program.vars[v].name)
            });
            let params = params.collect::<Vec<_>>().join(", ");
            let ty = if f.fallible { "Outcome" } else { "i64" };
            let name = if out.is_async { "async fn async_f" } else { "fn f" };
            out.open(&format!("pub {name}{i}({params}) -> {ty} {{"));
            out.function(f.fallible, &f.body);
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
    /// Whether what is returned is an `Outcome`.
    fallible: bool,
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
            Kind::Outcome => format!("peek({})", self.name(v)),
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
            Expr::Call(f, args) if self.program.functions[*f].fallible => {
                format!("value({})", self.call(*f, args))
            }
            Expr::Call(f, args) => self.call(*f, args),
            Expr::New(e) => format!("Counter::new({})", self.expr(e)),
            Expr::Move(v) => self.name(*v).to_owned(),
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

    /// What is returned.
    fn result(&self, e: &Expr) -> String {
        if self.fallible { format!("Ok({})", self.expr(e)) } else { self.expr(e) }
    }

    /// Mostly, its last `return` is a final expression.
    fn function(&mut self, fallible: bool, body: &[Stmt]) {
        let inside = std::mem::take(&mut self.inside);
        let outer = std::mem::replace(&mut self.fallible, fallible);
        match body.split_last() {
            Some((Stmt::Return(Some(e)), body)) if body.len() % 4 != 0 => {
                self.body(body);
                self.line(&self.result(e));
            }
            _ => self.body(body),
        }
        self.inside = inside;
        self.fallible = outer;
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
            Stmt::Closure(v, fallible, body) => {
                let (name, value) = (self.name(*v), if *fallible { "value" } else { "" });
                let is_async = self.is_async;
                self.is_async &= Stmt::is_async_closure(*v);
                let (start, end) = match (self.is_async, fallible) {
                    (true, _) => ("async {", "}.await"),
                    (false, true) => ("(|| -> Outcome {", "})()"),
                    (false, false) => ("(|| -> i64 {", "})()"),
                };
                self.open(&format!("let mut {name}: i64 = {value}({start}"));
                self.function(*fallible, body);
                self.close(&format!("{end});"));
                self.is_async = is_async;
            }
            Stmt::Twice(v, p, body) => {
                let is_async = std::mem::take(&mut self.is_async);
                self.open(&format!("let mut {} = {{", self.name(*v)));
                self.open(&format!("let mut call = |mut {}: i64| -> i64 {{", self.name(*p)));
                self.function(false, body);
                self.close("};");
                self.line("call(1) + call(2)");
                self.close("};");
                self.is_async = is_async;
            }
            _ => unreachable!("no closure"),
        }
    }

    /// With an attribute or none.
    fn looped(&mut self, stmt: &Stmt, attribute: &str) {
        match stmt {
            Stmt::For(label, v, n, body) => {
                self.open(&format!("{attribute}'l{label}: for mut {} in 0..{n} {{", self.name(*v)));
                self.within(*label, true, body);
                self.close("}");
            }
            Stmt::While(label, v, n, body) => {
                let v = self.name(*v);
                self.line(&format!("let mut {v} = 0;"));
                self.open(&format!("{attribute}'l{label}: while {v} < {n} {{"));
                self.line(&format!("{v} += 1;"));
                self.within(*label, true, body);
                self.close("}");
            }
            Stmt::Loop(label, v, n, body) => {
                let v = self.name(*v);
                self.line(&format!("let mut {v} = 0;"));
                self.open(&format!("{attribute}'l{label}: loop {{"));
                self.line(&format!("if {v} == {n} {{ break; }}"));
                self.line(&format!("{v} += 1;"));
                self.within(*label, true, body);
                self.close("}");
            }
            _ => unreachable!("no loop"),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Log(tag, Expr::Var(v)) if tag % 2 == 0 && self.program.vars[*v].kind == Kind::Int => {
                self.line(&format!("println!(\"{tag} {{{}}}\");", self.name(*v)));
            }
            Stmt::Log(tag, e) => self.line(&format!("log({tag}, {});", self.expr(e))),
            Stmt::Let(v, e) => self.line(&format!("let mut {}: i64 = {};", self.name(*v), self.expr(e))),
            Stmt::Counter(v, e) => {
                self.line(&format!("let mut {} = Counter::new({});", self.name(*v), self.expr(e)));
            }
            Stmt::Set(v, e) if self.program.vars[*v].kind == Kind::Outcome => {
                self.line(&format!("*{} = Ok({});", self.name(*v), self.expr(e)));
            }
            Stmt::Set(v, e) => self.line(&format!("{} = {};", self.var(*v), self.expr(e))),
            Stmt::Fail(v, tag) => self.line(&format!("*{} = Err(fail({tag}));", self.name(*v))),
            Stmt::Consume(tag, e) => self.line(&format!("consume({tag}, {});", self.expr(e))),
            Stmt::Pause if self.is_async => self.line("pause().await;"),
            Stmt::Pause => {}
            Stmt::Try(v, f, args) => {
                self.line(&format!("let mut {} = {}?;", self.name(*v), self.call(*f, args)));
            }
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
            Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) => self.looped(stmt, ""),
            Stmt::Scope(stmt) => match &**stmt {
                Stmt::Block(..) => {
                    self.line("#[defer_scope]");
                    self.stmt(stmt);
                }
                stmt => self.looped(stmt, "#[defer_scope] "),
            },
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
            Stmt::Return(Some(e)) => self.line(&format!("return {};", self.result(e))),
            Stmt::ReturnErr(tag) => self.line(&format!("return Err(fail({tag}));")),
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
            Deferred::Try(f, args) => format!("{}?", self.call(*f, args)),
            Deferred::LogTry(tag, f, args) => format!("log({tag}, {}?)", self.call(*f, args)),
            Deferred::Consume(tag, e) => format!("consume({tag}, {})", self.expr(e)),
            Deferred::ShowTemporary(tag, shown, e) => {
                format!("show(&seen({tag}, {}), {tag}, {})", self.expr(shown), self.expr(e))
            }
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
                self.open(&format!("{}! {{", keyword(*when)));
                self.frame(body);
                return self.close("}");
            }
            Deferred::LogWhen(when, tag, e) => {
                return self.line(&format!("{}!(log({tag}, {}));", keyword(*when), self.expr(e)));
            }
            Deferred::Literal(v, e, body) => {
                // Where it ends in a panic, nothing else says what it returns if that is recovered.
                let returns = if matches!(body.last(), Some(Stmt::Panic(_))) { " -> ()" } else { "" };
                self.open(&format!("defer!((|mut {}: i64|{returns} {{", self.name(*v)));
                let is_async = std::mem::take(&mut self.is_async);
                self.frame(body);
                self.is_async = is_async;
                return self.close(&format!("}})({}));", self.expr(e)));
            }
        };
        self.line(&format!("defer!({call});"));
    }
}

fn keyword(when: When) -> &'static str {
    match when {
        When::Failure => "defer_on_failure",
        When::Success => "defer_on_success",
        When::Panic => "defer_on_panic",
    }
}
