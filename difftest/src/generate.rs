//! Makes programs.

use crate::ast::{
    Body, Cond, Deferred, Expr, Fun, Function, Kind, Label, Program, Stmt, Tag, Target, Var, VarInfo, When,
};
use crate::check::check;
use crate::interpret;
use crate::random::Random;
use crate::rust;

/// Few, so that inner variables shadow outer ones.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "n", "x"];

/// The program of a seed.
pub(crate) fn generate(seed: u64) -> Program {
    let mut random = Random::new(seed);
    loop {
        let program = Generator::new(&mut random).program();
        assert!(check(&program), "a wrong program:\n{}", rust::print(&program));
        if interpret::run_and_cut(&program).is_some_and(|events| events.len() > 3) {
            return program;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    /// A function, and whether its result has a name.
    Function(bool),
    Closure,
    Deferred,
    /// Deferred code without `recover!()`.
    Conditional,
}

struct Generator<'a> {
    random: &'a mut Random,
    program: Program,
    /// The number of parameters of each function.
    arity: Vec<usize>,
    /// Variables in sight, by block.
    scopes: Vec<Vec<Var>>,
    /// Labels of the frame, and whether of loops.
    labels: Vec<(Label, Target)>,
    next: usize,
    frame: FrameKind,
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
            arity: Vec::new(),
            scopes: Vec::new(),
            labels: Vec::new(),
            next: 0,
            frame: FrameKind::Closure,
            depth: 0,
            function: 0,
            budget: 0,
        }
    }

    fn program(mut self) -> Program {
        self.program.is_async = self.random.chance(35);
        let functions = 1 + self.random.below(3);
        self.arity = (0..functions).map(|_| self.random.below(3)).collect();
        for f in 0..functions {
            self.function = f;
            self.budget = 8 + self.random.below(22);
            self.labels.clear();
            self.scopes = vec![Vec::new()];
            let params = (0..self.arity[f]).map(|_| self.declare(Kind::Int)).collect();
            let result = self.random.chance(60).then(|| (self.declare(Kind::Result), self.random.small()));
            self.frame = FrameKind::Function(result.is_some());
            let mut body = self.statements(4);
            if !body.iter().any(|stmt| matches!(stmt, Stmt::Defer(_))) {
                let at = self.random.below(body.len() / 2 + 1);
                let tag = self.tag();
                body.insert(at, Stmt::Defer(Deferred::Print(tag, Expr::Num(0))));
            }
            body.push(Stmt::Return(Some(self.expr(1))));
            self.program.functions.push(Function { params, result, body });
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
            Kind::Result => ["result", "out", "r"][self.random.below(3)],
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
            .filter(|&v| kinds.contains(&vars[v].kind))
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
        (0..self.arity[f]).map(|_| self.expr(1)).collect()
    }

    fn callee(&mut self) -> Option<Fun> {
        let later = self.arity.len() - self.function - 1;
        (later > 0).then(|| self.function + 1 + self.random.below(later))
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
            _ => match self.pick(&[Kind::Int, Kind::Turns, Kind::Counter, Kind::Result]) {
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
        self.block_ending(vars, |this| if this.random.chance(25) { this.jump() } else { None })
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

    fn looped(&mut self, label: Label, target: Target, vars: &[Var]) -> Body {
        self.labels.push((label, target));
        let body = self.block_with(vars);
        self.labels.pop();
        body
    }

    fn framed(&mut self, kind: FrameKind, make: impl FnOnce(&mut Self) -> Body) -> Body {
        let frame = std::mem::replace(&mut self.frame, kind);
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

    fn exit(&mut self) -> Stmt {
        match self.frame {
            FrameKind::Deferred | FrameKind::Conditional => Stmt::Return(None),
            FrameKind::Function(true) if self.random.chance(30) => Stmt::Return(None),
            _ => Stmt::Return(Some(self.expr(1))),
        }
    }

    fn stmt(&mut self) -> Stmt {
        let deep = self.depth > 4;
        match self.random.below(100) {
            0..10 => Stmt::Log(self.tag(), self.expr(1)),
            10..18 => {
                let e = self.expr(2);
                Stmt::Let(self.declare(Kind::Int), e)
            }
            18..22 => {
                let e = self.expr(1);
                Stmt::Counter(self.declare(Kind::Counter), e)
            }
            22..32 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Stmt::Set(v, self.reduced()),
                None => Stmt::Log(self.tag(), self.expr(1)),
            },
            32..38 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Stmt::Bump(v, self.expr(1)),
                None => Stmt::Log(self.tag(), self.expr(1)),
            },
            38..60 => Stmt::Defer(self.deferred()),
            60..64 if self.frame == FrameKind::Deferred => {
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
            81..85 => {
                let (label, count) = (self.tag(), 1 + self.random.small() % 4);
                let v = self.hidden(Kind::Int);
                Stmt::For(label, v, count, self.looped(label, Target::Loop, &[v]))
            }
            85..87 => {
                let (label, count, v) = (self.tag(), 1 + self.random.small() % 4, self.declare(Kind::Turns));
                Stmt::While(label, v, count, self.looped(label, Target::Loop, &[]))
            }
            87..89 => {
                let (label, count, v) = (self.tag(), 1 + self.random.small() % 4, self.declare(Kind::Turns));
                Stmt::Loop(label, v, count, self.looped(label, Target::Loop, &[]))
            }
            89..92 => {
                let label = self.tag();
                Stmt::Block(label, self.looped(label, Target::Block, &[]))
            }
            92..94 => {
                let p = self.hidden(Kind::Int);
                let body = self.framed(FrameKind::Closure, |this| {
                    this.block_ending(&[p], |this| Some(Stmt::Return(Some(this.expr(1)))))
                });
                Stmt::Twice(self.declare(Kind::Int), p, body)
            }
            94..96 => {
                let body = self.framed(FrameKind::Closure, |this| {
                    this.block_ending(&[], |this| Some(Stmt::Return(Some(this.expr(1)))))
                });
                Stmt::Closure(self.declare(Kind::Int), body)
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
        match self.random.below(100) {
            0..10 => Deferred::Log(self.tag(), self.expr(2)),
            10..20 => Deferred::Print(self.tag(), self.expr(1)),
            20..28 => match self.callee() {
                Some(f) => Deferred::Call(f, self.args(f)),
                None => Deferred::Log(self.tag(), self.expr(1)),
            },
            28..36 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Deferred::Show(v, self.tag(), self.expr(1)),
                None => Deferred::Print(self.tag(), self.expr(1)),
            },
            36..44 => match self.pick(&[Kind::Int, Kind::Counter, Kind::Result]) {
                Some(v) => Deferred::Bump(v, self.expr(1)),
                None => Deferred::Print(self.tag(), self.expr(1)),
            },
            44..50 => Deferred::Entered(self.tag(), self.expr(1)),
            _ if deep => Deferred::Log(self.tag(), self.expr(1)),
            50..62 => {
                let e = self.expr(1);
                let v = self.hidden(Kind::Int);
                Deferred::Literal(v, e, self.framed(FrameKind::Deferred, |this| this.block_with(&[v])))
            }
            62..70 => {
                let when = match self.random.below(3) {
                    0 if matches!(self.frame, FrameKind::Deferred | FrameKind::Conditional) => When::Failure,
                    1 => When::Success,
                    _ => When::Panic,
                };
                Deferred::When(when, self.framed(FrameKind::Conditional, Self::block))
            }
            70..80 => Deferred::Block(self.framed(FrameKind::Deferred, |this| {
                let again = this.random.chance(20);
                let mut body = vec![Stmt::Recover(this.tag(), this.block(), again)];
                body.extend(this.block());
                body
            })),
            _ => Deferred::Block(self.framed(FrameKind::Deferred, Self::block)),
        }
    }
}
