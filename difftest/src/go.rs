//! Prints a program as Go.

use crate::ast::{Body, Cond, Deferred, Expr, Fun, Kind, Label, Program, Stmt, Var, When};

/// What programs call.
pub(crate) const SUPPORT: &str = r#"package main

import "fmt"

func log(tag int64, n int64) { fmt.Println(tag, n) }
func seen(tag int64, n int64) int64 { fmt.Println(tag, "seen", n); return n }
func positive(n int64) (int64, bool) { return n, n > 0 }
func bump(place *int64, n int64) { *place = (*place + n) % 1000 }
func show(place *int64, tag int64, n int64) { fmt.Println(tag, "show", *place, n) }
func address(n int64) *int64                   { return &n }
func consume(tag int64, c *Counter)            { fmt.Println(tag, "consumed", c.value) }
func enter(tag int64, n int64) func() {
	fmt.Println(tag, "enter", n)
	return func() { fmt.Println(tag, "leave", n) }
}

type Counter struct{ value int64 }

func (c *Counter) add(n int64)             { c.value = (c.value + n) % 1000 }
func (c *Counter) show(tag int64, n int64) { fmt.Println(tag, "show", c.value, n) }

type failure int64

func (f failure) Error() string { return "failure" }
func value(n int64, err error) int64 {
	if err != nil {
		return -int64(err.(failure))
	}
	return n
}
func plain(n int64) (int64, error) { return n, nil }

func run(program int, f func() (int64, error)) {
	fmt.Println("program", program)
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("panicked", r)
			}
		}()
		n, err := f()
		if err != nil {
			fmt.Println("failed", -value(n, err))
		} else {
			fmt.Println("returned", n)
		}
	}()
	fmt.Println("live 0")
}
"#;

/// A file for `program`, whose functions are called `p{number}f0` and so on.
pub(crate) fn print(program: &Program, number: usize) -> String {
    let mut out =
        Printer { program, number, text: String::new(), depth: 0, frame: Frame::default(), next: 0 };
    for (i, f) in program.functions.iter().enumerate() {
        let params: Vec<_> = f
            .params
            .iter()
            .map(|&v| {
                let ty = if program.vars[v].kind == Kind::Counter { "*Counter" } else { "int64" };
                format!("{} {ty}", out.name(v))
            })
            .collect();
        let result = f.result.map(|(v, _)| out.name(v));
        let frame = Frame::function(result.as_deref(), f.fallible);
        out.open(&format!("func p{number}f{i}({}) {} {{", params.join(", "), frame.held.results()));
        if let Some((v, n)) = f.result {
            out.line(&format!("{} = {n}", out.name(v)));
        }
        out.framed(frame, &f.body);
        out.close("}");
    }
    out.text
}

/// How to run it.
pub(crate) fn entry(program: &Program, number: usize) -> String {
    let args: Vec<_> = program.functions[0]
        .params
        .iter()
        .map(|&v| if program.vars[v].kind == Kind::Counter { "&Counter{3}" } else { "3" })
        .collect();
    let call = format!("p{number}f0({})", args.join(", "));
    if program.functions[0].fallible { call } else { format!("plain({call})") }
}

/// A function or function literal.
#[derive(Debug, Default)]
struct Frame {
    /// The names of what it returns. Deferred code returns nothing, but may have an error for its owner.
    held: Held,
    /// Whether it has results, which have names in the program too.
    is_named: bool,
    scopes: Vec<Scope>,
}

/// Names of variables.
#[derive(Clone, Debug, Default)]
struct Held {
    value: Option<String>,
    error: Option<String>,
}

/// A function literal that stands for a turn of a `#[defer_scope]`.
#[derive(Debug)]
struct Scope {
    number: usize,
    /// What a `return` in it stores.
    held: Held,
    labels: Vec<Label>,
    /// The jumps out of it, by what it returns.
    exits: Vec<(&'static str, Label)>,
}

impl Held {
    fn list(&self) -> String {
        self.value.iter().chain(&self.error).cloned().collect::<Vec<_>>().join(", ")
    }

    fn results(&self) -> String {
        let all = [(&self.value, "int64"), (&self.error, "error")];
        let all = all.iter().filter_map(|(name, ty)| Some(format!("{} {ty}", name.as_ref()?)));
        format!("({})", all.collect::<Vec<_>>().join(", "))
    }
}

impl Frame {
    fn function(result: Option<&str>, fallible: bool) -> Self {
        let held = match result {
            Some(name) => {
                Held { value: Some(name.to_owned()), error: fallible.then(|| format!("{name}_err")) }
            }
            None => Held { value: Some("out".to_owned()), error: fallible.then(|| "err".to_owned()) },
        };
        Self { held, is_named: result.is_some(), scopes: Vec::new() }
    }

    fn deferred(error: Option<String>) -> Self {
        Self { held: Held { value: None, error }, is_named: false, scopes: Vec::new() }
    }

    /// What holds the result here.
    fn held(&self) -> &Held {
        self.scopes.last().map_or(&self.held, |scope| &scope.held)
    }

    /// Whether it is left by an error.
    fn fails(&self) -> String {
        match (&self.held().error, self.scopes.last()) {
            (None, _) => "false".to_owned(),
            (Some(error), None) => format!("{error} != nil"),
            (Some(error), Some(scope)) => format!("(leaves{} && {error} != nil)", scope.number),
        }
    }

    /// Leaves it with this error, if it is not left by another.
    fn absorb(&self, error: &str) -> String {
        let held = self.held();
        let values = if held.value.is_some() { format!("0, {error}") } else { error.to_owned() };
        let leaves = self.scopes.last().map(|scope| format!("; leaves{} = true", scope.number));
        format!(
            "if {error} != nil && !({}) {{ {} = {values}{} }}",
            self.fails(),
            held.list(),
            leaves.unwrap_or_default()
        )
    }
}

struct Printer<'a> {
    program: &'a Program,
    number: usize,
    text: String,
    depth: usize,
    frame: Frame,
    /// For names.
    next: usize,
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

    /// Unlike Rust's, unique: Go does not shadow within a block.
    fn name(&self, v: Var) -> String {
        format!("{}{v}", self.program.vars[v].name)
    }

    fn var(&self, v: Var) -> String {
        match self.program.vars[v].kind {
            Kind::Counter => format!("{}.value", self.name(v)),
            Kind::Outcome => format!("value({0}, {0}_err)", self.name(v)),
            _ => self.name(v),
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
            Expr::New(e) => format!("&Counter{{{}}}", self.expr(e)),
            Expr::Move(v) => self.name(*v),
        }
    }

    fn call(&self, f: Fun, args: &[Expr]) -> String {
        format!("p{}f{f}({})", self.number, self.args(args))
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

    fn declare(&mut self, v: Var, value: &str) {
        let name = self.name(v);
        self.line(&format!("{name} := {value}; _ = {name}"));
    }

    /// Go rejects a label that nothing names.
    fn label(&mut self, label: Label, body: &[Stmt]) {
        if Stmt::names(body, label) {
            self.line(&format!("L{label}:"));
        }
        if let Some(scope) = self.frame.scopes.last_mut() {
            scope.labels.push(label);
        }
    }

    fn bump(&self, v: Var, e: &Expr) -> String {
        match self.program.vars[v].kind {
            Kind::Counter => format!("{}.add({})", self.name(v), self.expr(e)),
            _ => format!("bump(&{}, {})", self.var(v), self.expr(e)),
        }
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn framed(&mut self, frame: Frame, body: &[Stmt]) {
        let outer = std::mem::replace(&mut self.frame, frame);
        self.body(body);
        self.frame = outer;
    }

    /// The body of a loop or block, or a turn of a scope, which jumps when its deferred code has run.
    fn turn(&mut self, body: &Body, is_scope: bool) {
        if !is_scope {
            return self.body(body);
        }
        let number = self.number();
        let mut held = self.frame.held.clone();
        self.line(&format!("leaves{number} := false"));
        if !self.frame.is_named {
            held.value = held.value.map(|_| format!("out{number}_"));
            held.error = held.error.map(|_| format!("err{number}_"));
            for (name, ty) in [(&held.value, "int64"), (&held.error, "error")] {
                if let Some(name) = name {
                    self.line(&format!("var {name} {ty}; _ = {name}"));
                }
            }
        }
        self.open(&format!("way{number} := func() int {{"));
        let scope = Scope { number, held: held.clone(), labels: Vec::new(), exits: Vec::new() };
        self.frame.scopes.push(scope);
        self.body(body);
        self.line("return 0");
        let scope = self.frame.scopes.pop().expect("just pushed");
        self.close("}()");
        self.open(&format!("if leaves{number} {{"));
        self.leave(&if self.frame.is_named { Held::default() } else { held });
        self.close("}");
        if scope.exits.is_empty() {
            self.line(&format!("_ = way{number}"));
        } else {
            self.open(&format!("switch way{number} {{"));
            for (i, (word, label)) in scope.exits.into_iter().enumerate() {
                self.line(&format!("case {}:", i + 1));
                self.jump(word, label);
            }
            self.close("}");
        }
    }

    /// Returns these expressions, or what is held already.
    fn leave(&mut self, with: &Held) {
        let values = with.list();
        let number = self.frame.scopes.last().map(|scope| scope.number);
        let held = self.frame.held();
        if number.is_none() && held.value.is_some() {
            return self.line(&format!("return {values}"));
        }
        if !values.is_empty() {
            self.line(&format!("{} = {values}", held.list()));
        }
        match number {
            Some(number) => self.line(&format!("leaves{number} = true; return 0")),
            None => self.line("return"),
        }
    }

    /// Returns a number or an error.
    fn leave_with(&mut self, value: &str, error: &str) {
        let Held { value: v, error: e } = self.frame.held().clone();
        self.leave(&Held { value: v.map(|_| value.to_owned()), error: e.map(|_| error.to_owned()) });
    }

    fn jump(&mut self, word: &'static str, label: Label) {
        match self.frame.scopes.last_mut() {
            Some(scope) if !scope.labels.contains(&label) => {
                let known = scope.exits.iter().position(|&exit| exit == (word, label));
                let way = known.unwrap_or_else(|| {
                    scope.exits.push((word, label));
                    scope.exits.len() - 1
                });
                self.line(&format!("return {}", way + 1));
            }
            _ => self.line(&format!("{word} L{label}")),
        }
    }

    fn looped(&mut self, stmt: &Stmt, is_scope: bool) {
        match stmt {
            Stmt::Block(label, body) => {
                // Only a loop or switch can be left by name.
                let named = Stmt::names(body, *label);
                self.label(*label, body);
                self.open(if named { "switch { default:" } else { "{" });
                self.turn(body, is_scope);
                self.close("}");
            }
            Stmt::For(label, v, n, body) => {
                // Before Go 1.22 the turns share the variable of the header.
                self.label(*label, body);
                self.open(&format!("for i := int64(0); i < {n}; i++ {{"));
                self.declare(*v, "i");
                self.turn(body, is_scope);
                self.close("}");
            }
            Stmt::While(label, v, n, body) | Stmt::Loop(label, v, n, body) => {
                self.declare(*v, "int64(0)");
                let v = self.name(*v);
                self.label(*label, body);
                self.open(&format!("for {v} < {n} {{"));
                self.line(&format!("{v}++"));
                self.turn(body, is_scope);
                self.close("}");
            }
            _ => unreachable!("no loop or block"),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Log(tag, e) => self.line(&format!("log({tag}, {})", self.expr(e))),
            Stmt::Let(v, e) => self.declare(*v, &format!("int64({})", self.expr(e))),
            Stmt::Counter(v, e) => self.declare(*v, &format!("&Counter{{{}}}", self.expr(e))),
            Stmt::Set(v, e) if self.program.vars[*v].kind == Kind::Outcome => {
                self.line(&format!("{0}, {0}_err = {1}, nil", self.name(*v), self.expr(e)));
            }
            Stmt::Set(v, e) => self.line(&format!("{} = {}", self.var(*v), self.expr(e))),
            Stmt::Fail(v, tag) => {
                self.line(&format!("{0}, {0}_err = 0, failure({tag})", self.name(*v)));
            }
            Stmt::Bump(v, e) => self.line(&self.bump(*v, e)),
            Stmt::Consume(tag, e) => self.line(&format!("consume({tag}, {})", self.expr(e))),
            Stmt::Pause => {}
            Stmt::Try(v, f, args) => {
                let name = self.name(*v);
                self.line(&format!("{name}, err{v} := {}", self.call(*f, args)));
                self.open(&format!("if err{v} != nil {{"));
                self.leave_with("0", &format!("err{v}"));
                self.close("}");
                self.line(&format!("_ = {name}"));
            }
            Stmt::If(c, yes, no) => {
                self.open(&format!("if {} {{", self.cond(c)));
                self.branches(yes, no.as_ref());
            }
            Stmt::IfLet(v, e, yes, no) => {
                let name = self.name(*v);
                self.open(&format!("if {name}, ok := positive({}); ok {{", self.expr(e)));
                self.line(&format!("_ = {name}"));
                self.branches(yes, no.as_ref());
            }
            Stmt::LetElse(v, e, no) => {
                let name = self.name(*v);
                self.line(&format!("{name}, ok{v} := positive({})", self.expr(e)));
                self.open(&format!("if !ok{v} {{"));
                self.body(no);
                self.close("}");
                self.line(&format!("_ = {name}"));
            }
            Stmt::Match(e, arms, rest) => {
                self.open(&format!("switch {} {{", self.expr(e)));
                for (values, body) in arms {
                    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                    self.line(&format!("case {}:", values.join(", ")));
                    self.body(body);
                }
                self.line("default:");
                self.body(rest);
                self.close("}");
            }
            Stmt::Block(..) | Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) => self.looped(stmt, false),
            Stmt::Scope(stmt) => self.looped(stmt, true),
            Stmt::Value(v, stmt) => {
                self.declare(*v, "int64(0)");
                self.stmt(stmt);
            }
            Stmt::Yield(v, e) => self.line(&format!("{} = {}", self.name(*v), self.expr(e))),
            Stmt::BreakWith(label, v, e) => {
                self.line(&format!("{} = {}", self.name(*v), self.expr(e)));
                self.jump("break", *label);
            }
            Stmt::Break(label) => self.jump("break", *label),
            Stmt::Continue(label) => self.jump("continue", *label),
            Stmt::Return(None) => self.leave(&Held::default()),
            Stmt::Return(Some(e)) => self.leave_with(&self.expr(e), "nil"),
            Stmt::ReturnErr(tag) => self.leave_with("0", &format!("failure({tag})")),
            Stmt::Panic(tag) => self.line(&format!("panic(\"p{tag}\")")),
            Stmt::Closure(v, fallible, body) => {
                let name = self.name(*v);
                let frame = Frame::function(None, *fallible);
                let value = if *fallible { "value" } else { "" };
                self.open(&format!("{name} := {value}(func() {} {{", frame.held.results()));
                self.framed(frame, body);
                self.close("}())");
                self.line(&format!("_ = {name}"));
            }
            Stmt::Twice(v, p, body) => {
                self.declare(*v, "int64(0)");
                self.open("{");
                self.open(&format!("call := func({} int64) (out int64) {{", self.name(*p)));
                self.framed(Frame::function(None, false), body);
                self.close("}");
                self.line(&format!("{} = call(1) + call(2)", self.name(*v)));
                self.close("}");
            }
            Stmt::Defer(deferred) => self.deferred(deferred),
            Stmt::Recover(tag, body, again) => {
                self.open("if caught := recover(); caught != nil {");
                self.line(&format!("fmt.Println({tag}, \"recovered\", caught)"));
                self.body(body);
                if *again {
                    self.line("panic(caught)");
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
            Deferred::Print(tag, e) => format!("fmt.Println({tag}, {})", self.expr(e)),
            Deferred::Call(f, args) => self.call(*f, args),
            Deferred::Consume(tag, e) => format!("consume({tag}, {})", self.expr(e)),
            Deferred::Show(v, tag, e) => match self.program.vars[*v].kind {
                Kind::Counter => format!("{}.show({tag}, {})", self.name(*v), self.expr(e)),
                _ => format!("show(&{}, {tag}, {})", self.var(*v), self.expr(e)),
            },
            Deferred::ShowTemporary(tag, shown, e) => {
                format!("show(address(seen({tag}, {})), {tag}, {})", self.expr(shown), self.expr(e))
            }
            Deferred::Bump(v, e) => self.bump(*v, e),
            Deferred::Entered(tag, e) => format!("enter({tag}, {})()", self.expr(e)),
            _ => return self.literal(deferred),
        };
        self.line(&format!("defer {call}"));
    }

    /// Deferred code that is more than a call in Go.
    fn literal(&mut self, deferred: &Deferred) {
        match deferred {
            Deferred::LogTry(tag, f, args) => {
                let number = self.number();
                self.line(&format!("now{number}, failed{number} := {}", self.call(*f, args)));
                self.open(&format!("if failed{number} != nil {{"));
                self.leave_with("0", &format!("failed{number}"));
                self.close("}");
                self.line(&format!("defer log({tag}, now{number})"));
            }
            Deferred::Try(f, args) => {
                let values = self.args(args);
                let params = &self.program.functions[*f].params;
                let types = params.iter().enumerate().map(|(i, &v)| {
                    let ty = if self.program.vars[v].kind == Kind::Counter { "*Counter" } else { "int64" };
                    format!("arg{i} {ty}")
                });
                let types = types.collect::<Vec<_>>().join(", ");
                let args = (0..params.len()).map(|i| format!("arg{i}")).collect::<Vec<_>>().join(", ");
                self.open(&format!("defer func({types}) {{"));
                self.line(&format!("_, failed := p{}f{f}({args})", self.number));
                self.line("if caught := recover(); caught != nil { panic(caught) }");
                self.line(&self.frame.absorb("failed"));
                self.close(&format!("}}({values})"));
            }
            Deferred::Block(body) => {
                let failed = self.declare_failed(body);
                if let Some(failed) = &failed {
                    self.open("defer func() {");
                    self.line("if caught := recover(); caught != nil { panic(caught) }");
                    self.line(&self.frame.absorb(failed));
                    self.close("}()");
                }
                self.open("defer func() {");
                self.framed(Frame::deferred(failed), body);
                self.close("}()");
            }
            Deferred::When(when, body) => {
                self.open("defer func() {");
                self.line("caught := recover()");
                let failed = self.declare_failed(body);
                self.open(&format!("if {} {{", self.condition(*when)));
                self.open("func() {");
                self.framed(Frame::deferred(failed.clone()), body);
                self.close("}()");
                self.close("}");
                self.line("if caught != nil { panic(caught) }");
                if let Some(failed) = &failed {
                    self.line(&self.frame.absorb(failed));
                }
                self.close("}()");
            }
            Deferred::LogWhen(when, tag, e) => {
                self.open("defer func(n int64) {");
                self.line("caught := recover()");
                self.line(&format!("if {} {{ log({tag}, n) }}", self.condition(*when)));
                self.line("if caught != nil { panic(caught) }");
                self.close(&format!("}}({})", self.expr(e)));
            }
            Deferred::Literal(v, e, body) => {
                self.open(&format!("defer func({} int64) {{", self.name(*v)));
                self.framed(Frame::deferred(None), body);
                self.close(&format!("}}({})", self.expr(e)));
            }
            _ => unreachable!("a call"),
        }
    }

    /// The name of the error of deferred code in which there is a `?`.
    fn declare_failed(&mut self, body: &[Stmt]) -> Option<String> {
        let tries = self.frame.held().error.is_some() && tries(body);
        tries.then(|| {
            let name = format!("failed{}", self.number());
            self.line(&format!("var {name} error"));
            name
        })
    }

    fn condition(&self, when: When) -> String {
        match when {
            When::Failure => format!("caught != nil || {}", self.frame.fails()),
            When::Success => format!("caught == nil && !({})", self.frame.fails()),
            When::Panic => "caught != nil".to_owned(),
        }
    }
}

fn tries(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| {
        matches!(stmt, Stmt::Try(..) | Stmt::Defer(Deferred::Try(..) | Deferred::LogTry(..)))
            || stmt.bodies().into_iter().any(|body| tries(body))
    })
}
