//! Makes programs.

use crate::ast::{
    Body, Cond, Deferred, Expr, Fun, Function, Kind, Label, Program, Stmt, Tag, Target, Var, VarInfo, When,
};
use crate::check::check;
use crate::frame::Frame;
use crate::moves;
use crate::random::Random;
use crate::run::Expected;
use crate::rust;

/// Few, so that inner variables shadow outer ones.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "n", "x"];

/// The program of a seed.
pub(crate) fn generate(seed: u64) -> Program {
    let mut random = Random::new(seed);
    loop {
        let program = Generator::new(&mut random).program();
        assert!(check(&program), "a wrong program:\n{}", rust::print(&program));
        if Expected::new(&program).is_some_and(|expected| expected.events.len() > 3) {
            return program;
        }
    }
}

/// What a function looks like to its callers.
struct Signature {
    params: Vec<Kind>,
    fallible: bool,
}

struct Generator<'a> {
    random: &'a mut Random,
    program: Program,
    signatures: Vec<Signature>,
    /// Variables in sight, by block.
    scopes: Vec<Vec<Var>>,
    /// Those that have moved.
    gone: Vec<Var>,
    /// Labels of the frame, and whether of loops.
    labels: Vec<(Label, Target)>,
    next: usize,
    frame: Frame,
    depth: usize,
    /// The function that is being made.
    function: Fun,
    /// Statements that it may still have.
    budget: usize,
}

impl<'a> Generator<'a> {
    fn new(random: &'a mut Random) -> Self {
        Self {
            random,
            program: Program::default(),
            signatures: Vec::new(),
            scopes: Vec::new(),
            gone: Vec::new(),
            labels: Vec::new(),
            next: 0,
            frame: Frame::closure(false),
            depth: 0,
            function: 0,
            budget: 0,
        }
    }

    fn program(mut self) -> Program {
        let functions = [1, 2, 2, 2, 3, 3, 3, 3][self.random.below(8)];
        for _ in 0..functions {
            let count = self.random.below(3);
            let params = (0..count).map(|_| if self.random.chance(25) { Kind::Counter } else { Kind::Int });
            self.signatures.push(Signature { params: params.collect(), fallible: self.random.chance(65) });
        }
        for f in 0..functions {
            self.function = f;
            self.budget = 6 + self.random.below(16);
            self.labels.clear();
            self.gone.clear();
            self.scopes = vec![Vec::new()];
            let Signature { params, fallible } = &self.signatures[f];
            let (params, fallible) = (params.clone(), *fallible);
            let params = params.into_iter().map(|kind| self.declare(kind)).collect();
            let result = if fallible { Kind::Outcome } else { Kind::Result };
            let result = self.random.chance(60).then(|| (self.declare(result), self.random.small()));
            let mut function = Function { params, fallible, result, body: Vec::new() };
            self.frame = Frame::function(&function);
            let mut body = self.statements(4);
            if !body.iter().any(|stmt| matches!(stmt, Stmt::Defer(_))) {
                let at = self.random.below(body.len() / 2 + 1);
                let tag = self.tag();
                body.insert(at, Stmt::Defer(Deferred::Print(tag, Expr::Num(0))));
            }
            if self.random.chance(70) {
                body.extend(self.call());
            }
            self.end(&mut body);
            function.body = body;
            moves::repair(&mut function);
            self.program.functions.push(function);
        }
        self.program
    }

    fn tag(&mut self) -> Tag {
        self.next += 1;
        self.next
    }

    fn declare(&mut self, kind: Kind) -> Var {
        let v = self.hidden(kind);
        self.scopes.last_mut().expect("a scope").push(v);
        v
    }

    /// A variable that is not yet in sight.
    fn hidden(&mut self, kind: Kind) -> Var {
        // Parameters and a named result must differ, and a `panic` of the prelude is no name.
        let taken: Vec<_> = match self.scopes.len() {
            1 => self.scopes[0].iter().map(|&v| self.program.vars[v].name).collect(),
            _ => Vec::new(),
        };
        let name = match kind {
            Kind::Result | Kind::Outcome => ["result", "out", "r"][self.random.below(3)],
            _ => loop {
                let name = NAMES[self.random.below(NAMES.len())];
                if !taken.contains(&name) || taken.len() >= NAMES.len() {
                    break name;
                }
            },
        };
        self.program.vars.push(VarInfo { name, kind });
        self.program.vars.len() - 1
    }

    /// The variables of these kinds that no other shadows.
    fn in_sight(&self, kinds: &[Kind]) -> Vec<Var> {
        let all: Vec<Var> = self.scopes.iter().flatten().copied().collect();
        let vars = &self.program.vars;
        all.iter()
            .enumerate()
            .filter(|&(i, &v)| !all[i + 1..].iter().any(|&later| vars[later].name == vars[v].name))
            .map(|(_, &v)| v)
            .filter(|v| kinds.contains(&vars[*v].kind) && !self.gone.contains(v))
            .collect()
    }

    fn pick(&mut self, kinds: &[Kind]) -> Option<Var> {
        let vars = self.in_sight(kinds);
        if vars.is_empty() {
            return None;
        }
        // Late ones are more interesting.
        let i = self.random.below(vars.len()).max(self.random.below(vars.len()));
        Some(vars[i])
    }

    fn args(&mut self, f: Fun) -> Vec<Expr> {
        let params = self.signatures[f].params.clone();
        let arg = |kind| if kind == Kind::Counter { self.counter() } else { self.expr(1) };
        params.into_iter().map(arg).collect()
    }

    /// What becomes a counter.
    fn counter(&mut self) -> Expr {
        match self.pick(&[Kind::Counter]) {
            Some(v) if self.random.chance(80) => {
                self.gone.push(v);
                Expr::Move(v)
            }
            _ => Expr::New(Box::new(self.expr(1))),
        }
    }

    fn callee(&mut self) -> Option<Fun> {
        let later = self.signatures.len() - self.function - 1;
        (later > 0).then(|| self.function + 1 + self.random.below(later))
    }

    /// One that `?` may stand behind.
    fn fallible_callee(&mut self) -> Option<Fun> {
        let callees: Vec<_> =
            (self.function + 1..self.signatures.len()).filter(|&f| self.signatures[f].fallible).collect();
        let is_any = self.frame.tries && !callees.is_empty();
        is_any.then(|| callees[self.random.below(callees.len())])
    }

    fn expr(&mut self, depth: usize) -> Expr {
        match self.random.below(if depth == 0 { 6 } else { 12 }) {
            0 => Expr::Num(self.random.small()),
            6 => Expr::Add(Box::new(self.expr(depth - 1)), Box::new(self.expr(depth - 1))),
            7 => Expr::Sub(Box::new(self.expr(depth - 1)), Box::new(self.expr(depth - 1))),
            8 => Expr::Rem(Box::new(self.expr(depth - 1)), 2 + self.random.small()),
            9 => Expr::Seen(self.tag(), Box::new(self.expr(depth - 1))),
            10 => match self.callee() {
                Some(f) => Expr::Call(f, self.args(f)),
                None => self.expr(depth - 1),
            },
            _ => match self.pick(&[Kind::Int, Kind::Turns, Kind::Counter, Kind::Result, Kind::Outcome]) {
                Some(v) => Expr::Var(v),
                None => Expr::Num(self.random.small()),
            },
        }
    }

    fn cond(&mut self, depth: usize) -> Cond {
        match self.random.below(if depth == 0 { 6 } else { 8 }) {
            0..4 => Cond::Less(self.expr(1), self.expr(1)),
            4 | 5 => Cond::Even(self.expr(1)),
            6 => Cond::And(Box::new(self.cond(depth - 1)), Box::new(self.cond(depth - 1))),
            _ => Cond::Or(Box::new(self.cond(depth - 1)), Box::new(self.cond(depth - 1))),
        }
    }

    fn statements(&mut self, at_least: usize) -> Body {
        let count = at_least + self.random.below(4);
        let mut body = Vec::new();
        for _ in 0..count {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            body.push(self.stmt());
        }
        body
    }

    fn block(&mut self) -> Body {
        self.block_with(&[])
    }

    fn block_with(&mut self, vars: &[Var]) -> Body {
        self.block_ending(vars, |this| if this.random.chance(35) { this.jump() } else { None })
    }

    /// A block that declares `vars`, and ends in what sees its variables.
    fn block_ending(&mut self, vars: &[Var], end: impl FnOnce(&mut Self) -> Option<Stmt>) -> Body {
        self.depth += 1;
        self.scopes.push(vars.to_vec());
        self.scopes.push(Vec::new());
        let mut body = self.statements(1);
        body.extend(end(self));
        self.scopes.pop();
        self.scopes.pop();
        self.depth -= 1;
        body
    }

    /// The body of a closure.
    fn closure(&mut self, params: &[Var]) -> Body {
        let mut end = Vec::new();
        let mut body = self.block_ending(params, |this| {
            this.end(&mut end);
            None
        });
        body.extend(end);
        body
    }

    /// A deferred block.
    fn deferred_block(&mut self, vars: &[Var]) -> Body {
        let mut body = Vec::new();
        if self.random.chance(25) {
            body.push(Stmt::Pause);
        }
        body.extend(self.block_ending(vars, |this| match this.random.below(8) {
            0 => Some(Stmt::If(this.cond(0), vec![Stmt::Panic(this.tag())], None)),
            1 => this.jump(),
            2..5 => this.call(),
            _ => None,
        }));
        body
    }

    fn looped(&mut self, label: Label, target: Target, vars: &[Var]) -> Body {
        self.labels.push((label, target));
        let body = self.block_with(vars);
        self.labels.pop();
        body
    }

    fn framed(&mut self, frame: Frame, make: impl FnOnce(&mut Self) -> Body) -> Body {
        let frame = std::mem::replace(&mut self.frame, frame);
        let labels = std::mem::take(&mut self.labels);
        let body = make(self);
        self.labels = labels;
        self.frame = frame;
        body
    }

    fn jump(&mut self) -> Option<Stmt> {
        if !self.labels.is_empty() && self.random.chance(70) {
            let (label, target) = self.labels[self.random.below(self.labels.len())];
            return Some(match target {
                Target::Value(v) => Stmt::BreakWith(label, v, self.expr(1)),
                Target::Loop if self.random.chance(50) => Stmt::Continue(label),
                _ => Stmt::Break(label),
            });
        }
        match self.random.below(3) {
            0 => Some(Stmt::Panic(self.tag())),
            1 => Some(self.exit()),
            _ => None,
        }
    }

    /// A call of another function, if there is one.
    fn call(&mut self) -> Option<Stmt> {
        if let Some(f) = self.fallible_callee() {
            let args = self.args(f);
            return Some(Stmt::Try(self.declare(Kind::Int), f, args));
        }
        let f = self.callee()?;
        let args = self.args(f);
        Some(Stmt::Let(self.declare(Kind::Int), Expr::Call(f, args)))
    }

    /// The end of a function or closure. Often it fails there, where everything has been deferred.
    fn end(&mut self, body: &mut Body) {
        let (often, errors) = if self.frame.tries { (60, 65) } else { (35, 0) };
        if self.random.chance(often) {
            let is_error = self.random.chance(errors);
            let tag = self.tag();
            let fails = if is_error { Stmt::ReturnErr(tag) } else { Stmt::Panic(tag) };
            let always = Cond::Less(Expr::Num(0), Expr::Num(1));
            let cond = if self.random.chance(50) { always } else { self.cond(0) };
            body.push(Stmt::If(cond, vec![fails], None));
        }
        body.push(Stmt::Return(Some(self.expr(1))));
    }

    fn exit(&mut self) -> Stmt {
        if !self.frame.has_value || self.frame.may_omit && self.random.chance(30) {
            Stmt::Return(None)
        } else if self.frame.tries && self.random.chance(40) {
            Stmt::ReturnErr(self.tag())
        } else {
            Stmt::Return(Some(self.expr(1)))
        }
    }

    /// What assigns `v`.
    fn assignment(&mut self, v: Var) -> Stmt {
        match self.program.vars[v].kind {
            Kind::Outcome if self.random.chance(50) => Stmt::Fail(v, self.tag()),
            _ => Stmt::Set(v, self.reduced()),
        }
    }

    /// A loop or block, often a scope.
    fn scoped(&mut self, make: impl FnOnce(&mut Self) -> Stmt) -> Stmt {
        if self.random.chance(55) {
            return make(self);
        }
        let frame = self.frame;
        self.frame = frame.scope();
        let stmt = make(self);
        self.frame = frame;
        Stmt::Scope(Box::new(stmt))
    }

    fn looping(&mut self) -> Stmt {
        let (label, count) = (self.tag(), 1 + self.random.small() % 4);
        match self.random.below(4) {
            0 => {
                let v = self.declare(Kind::Turns);
                Stmt::While(label, v, count, self.looped(label, Target::Loop, &[]))
            }
            1 => {
                let v = self.declare(Kind::Turns);
                Stmt::Loop(label, v, count, self.looped(label, Target::Loop, &[]))
            }
            _ => {
                let v = self.hidden(Kind::Int);
                Stmt::For(label, v, count, self.looped(label, Target::Loop, &[v]))
            }
        }
    }

    fn stmt(&mut self) -> Stmt {
        let deep = self.depth > 4;
        match self.random.below(100) {
            0..3 => Stmt::Log(self.tag(), self.expr(1)),
            3..9 => Stmt::Pause,
            9..13 => {
                let e = self.expr(2);
                Stmt::Let(self.declare(Kind::Int), e)
            }
            13..20 => {
                let e = self.expr(1);
                Stmt::Counter(self.declare(Kind::Counter), e)
            }
            20..23 => Stmt::Consume(self.tag(), self.counter()),
            23..28 => self.call().unwrap_or(Stmt::Pause),
            28..34 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result, Kind::Outcome]) {
                Some(v) => self.assignment(v),
                None => Stmt::Log(self.tag(), self.expr(1)),
            },
            34..38 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Stmt::Bump(v, self.expr(1)),
                None => Stmt::Log(self.tag(), self.expr(1)),
            },
            38..60 => Stmt::Defer(self.deferred()),
            60..64 if self.frame.recovers => {
                let tag = self.tag();
                let body = self.block();
                Stmt::Recover(tag, body, self.random.chance(25))
            }
            _ if deep => Stmt::Log(self.tag(), self.expr(1)),
            60..64 => self.value(),
            64..70 => {
                let cond = self.cond(1);
                let yes = self.block();
                let no = self.random.chance(40).then(|| self.block());
                Stmt::If(cond, yes, no)
            }
            70..74 => {
                let e = self.expr(1);
                let v = self.hidden(Kind::Int);
                let yes = self.block_with(&[v]);
                let no = self.random.chance(40).then(|| self.block());
                Stmt::IfLet(v, e, yes, no)
            }
            74..76 => {
                let e = self.expr(1);
                let no = self.block_ending(&[], |this| Some(this.exit()));
                Stmt::LetElse(self.declare(Kind::Int), e, no)
            }
            76..81 => {
                let e = Expr::Rem(Box::new(self.expr(1)), 3);
                let first = (vec![0], self.block());
                let arms = match self.random.below(3) {
                    0 => vec![first],
                    1 => vec![first, (vec![1, -1], self.block())],
                    _ => vec![first, (vec![1], self.block()), (vec![2, -2], self.block())],
                };
                Stmt::Match(e, arms, self.block())
            }
            81..89 => self.scoped(Self::looping),
            89..92 => self.scoped(|this| {
                let label = this.tag();
                Stmt::Block(label, this.looped(label, Target::Block, &[]))
            }),
            92..94 => {
                let p = self.hidden(Kind::Int);
                let body = self.framed(Frame::closure(false), |this| this.closure(&[p]));
                Stmt::Twice(self.declare(Kind::Int), p, body)
            }
            94..96 => {
                let fallible = self.random.chance(60);
                let body = self.framed(Frame::closure(fallible), |this| this.closure(&[]));
                Stmt::Closure(self.declare(Kind::Int), fallible, body)
            }
            96..98 => Stmt::If(self.cond(1), vec![self.exit()], None),
            _ => Stmt::If(self.cond(1), vec![Stmt::Panic(self.tag())], None),
        }
    }

    /// `let x = ` of a statement with blocks.
    fn value(&mut self) -> Stmt {
        let v = self.hidden(Kind::Int);
        let stmt = match self.random.below(4) {
            0 => {
                let label = self.tag();
                self.labels.push((label, Target::Value(v)));
                let body = self.yielding(v, &[]);
                self.labels.pop();
                Stmt::Block(label, body)
            }
            1 => {
                let e = self.expr(1);
                let w = self.hidden(Kind::Int);
                let yes = self.yielding(v, &[w]);
                Stmt::IfLet(w, e, yes, Some(self.yielding(v, &[])))
            }
            2 => {
                let e = Expr::Rem(Box::new(self.expr(1)), 3);
                let arms = vec![(vec![0], self.yielding(v, &[])), (vec![1, -1], self.yielding(v, &[]))];
                Stmt::Match(e, arms, self.yielding(v, &[]))
            }
            _ => Stmt::If(self.cond(1), self.yielding(v, &[]), Some(self.yielding(v, &[]))),
        };
        self.scopes.last_mut().expect("a scope").push(v);
        Stmt::Value(v, Box::new(stmt))
    }

    fn yielding(&mut self, v: Var, vars: &[Var]) -> Body {
        self.block_ending(vars, |this| {
            let jump = if this.random.chance(15) { this.jump() } else { None };
            Some(match jump {
                Some(jump) => jump,
                None => Stmt::Yield(v, this.expr(1)),
            })
        })
    }

    /// A value that does not grow when a loop assigns it over and over.
    fn reduced(&mut self) -> Expr {
        Expr::Rem(Box::new(self.expr(2)), 100)
    }

    fn deferred(&mut self) -> Deferred {
        let deep = self.depth > 4;
        // What needs something that is not always there.
        match (self.random.below(10), self.fallible_callee()) {
            (0, Some(f)) => return Deferred::LogTry(self.tag(), f, self.args(f)),
            (1..4, Some(f)) => return Deferred::Try(f, self.args(f)),
            (4, _) if self.frame.tries => return Deferred::LogWhen(When::Failure, self.tag(), self.expr(1)),
            (5 | 6, _) if self.pick(&[Kind::Counter]).is_some() => {
                return Deferred::Consume(self.tag(), self.counter());
            }
            _ => {}
        }
        match self.random.below(100) {
            0..6 => Deferred::Log(self.tag(), self.expr(2)),
            6..14 => Deferred::Print(self.tag(), self.expr(1)),
            14..20 => match self.callee() {
                Some(f) => Deferred::Call(f, self.args(f)),
                None => Deferred::Log(self.tag(), self.expr(1)),
            },
            20..23 => Deferred::Consume(self.tag(), self.counter()),
            23..26 => Deferred::ShowTemporary(self.tag(), self.expr(1), self.expr(1)),
            26..32 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Deferred::Show(v, self.tag(), self.expr(1)),
                None => Deferred::Print(self.tag(), self.expr(1)),
            },
            32..38 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Deferred::Bump(v, self.expr(1)),
                None => Deferred::Print(self.tag(), self.expr(1)),
            },
            38..42 => Deferred::Entered(self.tag(), self.expr(1)),
            42..45 => Deferred::LogWhen(self.when(), self.tag(), self.expr(1)),
            _ if deep => Deferred::Log(self.tag(), self.expr(1)),
            45..52 => {
                let e = self.expr(1);
                let v = self.hidden(Kind::Int);
                Deferred::Literal(v, e, self.framed(self.frame.literal(), |this| this.deferred_block(&[v])))
            }
            52..60 => {
                let when = self.when();
                Deferred::When(when, self.framed(self.frame.conditional(), |this| this.deferred_block(&[])))
            }
            60..84 if self.frame.block().recovers => {
                Deferred::Block(self.framed(self.frame.block(), |this| {
                    let again = this.random.chance(20);
                    let mut body = vec![Stmt::Recover(this.tag(), this.block(), again)];
                    body.extend(this.deferred_block(&[]));
                    body
                }))
            }
            _ => Deferred::Block(self.framed(self.frame.block(), |this| this.deferred_block(&[]))),
        }
    }

    fn when(&mut self) -> When {
        match self.random.below(3) {
            0 if self.frame.allows(When::Failure) => When::Failure,
            1 if self.frame.allows(When::Success) => When::Success,
            _ => When::Panic,
        }
    }
}
