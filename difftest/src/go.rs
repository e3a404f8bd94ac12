//! Prints a program as Go.

use crate::ast::{Body, Cond, Deferred, Expr, Kind, Label, Program, Stmt, Var, When};

/// What programs call.
pub(crate) const SUPPORT: &str = r#"package main

import "fmt"

func log(tag int64, n int64) { fmt.Println(tag, n) }
func seen(tag int64, n int64) int64 { fmt.Println(tag, "seen", n); return n }
func positive(n int64) (int64, bool) { return n, n > 0 }
func bump(place *int64, n int64) { *place = (*place + n) % 1000 }
func show(place *int64, tag int64, n int64) { fmt.Println(tag, "show", *place, n) }
func enter(tag int64, n int64) func() {
	fmt.Println(tag, "enter", n)
	return func() { fmt.Println(tag, "leave", n) }
}

type Counter struct{ value int64 }

func (c *Counter) add(n int64)             { c.value = (c.value + n) % 1000 }
func (c *Counter) show(tag int64, n int64) { fmt.Println(tag, "show", c.value, n) }

func run(program int, f func() int64) {
	fmt.Println("program", program)
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("panicked", r)
			}
		}()
		n := f()
		fmt.Println("returned", n)
	}()
	fmt.Println("live 0")
}
"#;

/// A file for `program`, whose functions are called `p{number}f0` and so on.
pub(crate) fn print(program: &Program, number: usize) -> String {
    let mut out = Printer { program, number, text: String::new(), depth: 0 };
    for (i, f) in program.functions.iter().enumerate() {
        let params: Vec<_> = f.params.iter().map(|&v| format!("{} int64", out.name(v))).collect();
        let result = f.result.map_or("int64".to_owned(), |(v, _)| format!("({} int64)", out.name(v)));
        out.open(&format!("func p{number}f{i}({}) {result} {{", params.join(", ")));
        if let Some((v, n)) = f.result {
            out.line(&format!("{} = {n}", out.name(v)));
        }
        out.body(&f.body);
        out.close("}");
    }
    out.text
}

struct Printer<'a> {
    program: &'a Program,
    number: usize,
    text: String,
    depth: usize,
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
            Expr::Call(f, args) => format!("p{}f{f}({})", self.number, self.args(args)),
        }
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
    }

    fn bump(&self, v: Var, e: &Expr) -> String {
        match self.program.vars[v].kind {
            Kind::Counter => format!("{}.add({})", self.name(v), self.expr(e)),
            _ => format!("bump(&{}, {})", self.var(v), self.expr(e)),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Log(tag, e) => self.line(&format!("log({tag}, {})", self.expr(e))),
            Stmt::Let(v, e) => self.declare(*v, &format!("int64({})", self.expr(e))),
            Stmt::Counter(v, e) => self.declare(*v, &format!("&Counter{{{}}}", self.expr(e))),
            Stmt::Set(v, e) => self.line(&format!("{} = {}", self.var(*v), self.expr(e))),
            Stmt::Bump(v, e) => self.line(&self.bump(*v, e)),
            Stmt::Block(label, body) => {
                // Only a loop or switch can be left by name.
                let named = Stmt::names(body, *label);
                self.label(*label, body);
                self.open(if named { "switch { default:" } else { "{" });
                self.body(body);
                self.close("}");
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
            Stmt::For(label, v, n, body) => {
                // Before Go 1.22 the turns share the variable of the header.
                self.label(*label, body);
                self.open(&format!("for i := int64(0); i < {n}; i++ {{"));
                self.declare(*v, "i");
                self.body(body);
                self.close("}");
            }
            Stmt::While(label, v, n, body) | Stmt::Loop(label, v, n, body) => {
                self.declare(*v, "int64(0)");
                let v = self.name(*v);
                self.label(*label, body);
                self.open(&format!("for {v} < {n} {{"));
                self.line(&format!("{v}++"));
                self.body(body);
                self.close("}");
            }
            Stmt::Value(v, stmt) => {
                self.declare(*v, "int64(0)");
                self.stmt(stmt);
            }
            Stmt::Yield(v, e) => self.line(&format!("{} = {}", self.name(*v), self.expr(e))),
            Stmt::BreakWith(label, v, e) => {
                self.line(&format!("{} = {}", self.name(*v), self.expr(e)));
                self.line(&format!("break L{label}"));
            }
            Stmt::Break(label) => self.line(&format!("break L{label}")),
            Stmt::Continue(label) => self.line(&format!("continue L{label}")),
            Stmt::Return(None) => self.line("return"),
            Stmt::Return(Some(e)) => self.line(&format!("return {}", self.expr(e))),
            Stmt::Panic(tag) => self.line(&format!("panic(\"p{tag}\")")),
            Stmt::Closure(v, body) => {
                let name = self.name(*v);
                self.open(&format!("{name} := func() int64 {{"));
                self.body(body);
                self.close("}()");
                self.line(&format!("_ = {name}"));
            }
            Stmt::Twice(v, p, body) => {
                self.declare(*v, "int64(0)");
                self.open("{");
                self.open(&format!("call := func({} int64) int64 {{", self.name(*p)));
                self.body(body);
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
            Deferred::Call(f, args) => format!("p{}f{f}({})", self.number, self.args(args)),
            Deferred::Show(v, tag, e) => match self.program.vars[*v].kind {
                Kind::Counter => format!("{}.show({tag}, {})", self.name(*v), self.expr(e)),
                _ => format!("show(&{}, {tag}, {})", self.var(*v), self.expr(e)),
            },
            Deferred::Bump(v, e) => self.bump(*v, e),
            Deferred::Entered(tag, e) => format!("enter({tag}, {})()", self.expr(e)),
            Deferred::Block(body) => {
                self.open("defer func() {");
                self.body(body);
                return self.close("}()");
            }
            Deferred::When(when, body) => {
                let condition = if *when == When::Success { "==" } else { "!=" };
                self.open("defer func() {");
                self.line("caught := recover()");
                self.open(&format!("if caught {condition} nil {{"));
                self.open("func() {");
                self.body(body);
                self.close("}()");
                self.close("}");
                self.line("if caught != nil { panic(caught) }");
                return self.close("}()");
            }
            Deferred::Literal(v, e, body) => {
                self.open(&format!("defer func({} int64) {{", self.name(*v)));
                self.body(body);
                return self.close(&format!("}}({})", self.expr(e)));
            }
        };
        self.line(&format!("defer {call}"));
    }
}
