//! Says whether both languages accept a program.

use crate::ast::{Body, Cond, Deferred, Expr, Kind, Label, Program, Stmt, Target, Var};
use crate::frame::Frame;
use crate::moves;

/// Names mean the variables that they should, jumps have a target, and every end is there.
pub(crate) fn check(program: &Program) -> bool {
    program.functions.iter().enumerate().all(|(f, function)| {
        let mut checker = Checker {
            program,
            function: f,
            scope: Vec::new(),
            labels: Vec::new(),
            frame: Frame::function(function),
        };
        checker.scope.extend(&function.params);
        checker.scope.extend(function.result.map(|(v, _)| v));
        matches!(function.body.last(), Some(Stmt::Return(Some(_))))
            && checker.block(&function.body)
            && moves::check(function)
    })
}

struct Checker<'a> {
    program: &'a Program,
    function: usize,
    scope: Vec<Var>,
    labels: Vec<(Label, Target)>,
    frame: Frame,
}

impl Checker<'_> {
    fn var(&self, v: Var) -> bool {
        let vars = &self.program.vars;
        self.scope.iter().rev().find(|&&w| vars[w].name == vars[v].name) == Some(&v)
    }

    fn expr(&self, e: &Expr) -> bool {
        match e {
            Expr::Num(_) => true,
            Expr::Var(v) => self.var(*v),
            Expr::Add(a, b) | Expr::Sub(a, b) => self.expr(a) && self.expr(b),
            Expr::Rem(a, _) | Expr::Seen(_, a) => self.expr(a),
            Expr::Call(f, args) => self.call(*f, args),
            Expr::New(_) | Expr::Move(_) => false,
        }
    }

    /// What becomes a counter.
    fn counter(&self, e: &Expr) -> bool {
        match e {
            Expr::New(e) => self.expr(e),
            Expr::Move(v) => self.var(*v) && self.program.vars[*v].kind == Kind::Counter,
            _ => false,
        }
    }

    fn call(&self, f: usize, args: &[Expr]) -> bool {
        f > self.function
            && self.program.functions.get(f).is_some_and(|f| {
                f.params.len() == args.len()
                    && f.params.iter().zip(args).all(|(&v, e)| match self.program.vars[v].kind {
                        Kind::Counter => self.counter(e),
                        _ => self.expr(e),
                    })
            })
    }

    fn try_call(&self, f: usize, args: &[Expr]) -> bool {
        self.frame.tries && self.call(f, args) && self.program.functions[f].fallible
    }

    fn cond(&self, c: &Cond) -> bool {
        match c {
            Cond::Less(a, b) => self.expr(a) && self.expr(b),
            Cond::Even(a) => self.expr(a),
            Cond::And(a, b) | Cond::Or(a, b) => self.cond(a) && self.cond(b),
        }
    }

    fn block(&mut self, body: &Body) -> bool {
        let outer = self.scope.len();
        let fine = body.iter().all(|stmt| self.stmt(stmt));
        self.scope.truncate(outer);
        fine
    }

    fn block_with(&mut self, v: Var, body: &Body) -> bool {
        self.scope.push(v);
        let fine = self.block(body);
        self.scope.pop();
        fine
    }

    fn labelled(&mut self, label: Label, target: Target, fine: impl FnOnce(&mut Self) -> bool) -> bool {
        self.labels.push((label, target));
        let fine = fine(self);
        self.labels.pop();
        fine
    }

    fn frame(&mut self, frame: Frame, fine: impl FnOnce(&mut Self) -> bool) -> bool {
        let outer = std::mem::replace(&mut self.frame, frame);
        let labels = std::mem::take(&mut self.labels);
        let fine = fine(self);
        self.labels = labels;
        self.frame = outer;
        fine
    }

    fn declare(&mut self, v: Var, fine: bool) -> bool {
        self.scope.push(v);
        fine
    }

    /// A statement whose blocks give `v` a value.
    fn value(&mut self, v: Var, stmt: &Stmt) -> bool {
        let mut without = stmt.clone();
        let mut ends = Vec::new();
        for body in without.bodies_mut() {
            match body.pop() {
                Some(Stmt::Yield(w, e)) if v == w => ends.push(Stmt::Log(0, e)),
                Some(stmt) if leaves(&stmt) => ends.push(stmt),
                _ => return false,
            }
        }
        for (body, end) in without.bodies_mut().into_iter().zip(ends) {
            body.push(end);
        }
        match &without {
            Stmt::Block(label, body) => self.labelled(*label, Target::Value(v), |this| this.block(body)),
            Stmt::If(_, _, Some(_)) | Stmt::IfLet(_, _, _, Some(_)) | Stmt::Match(..) => self.stmt(&without),
            _ => false,
        }
    }

    fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Log(_, e) => self.expr(e),
            Stmt::Let(v, e) | Stmt::Counter(v, e) => {
                let fine = self.expr(e);
                self.declare(*v, fine)
            }
            Stmt::Set(v, e) | Stmt::Bump(v, e) => self.var(*v) && self.expr(e),
            Stmt::Fail(v, _) => self.var(*v),
            Stmt::Consume(_, e) => self.counter(e),
            Stmt::Try(v, f, args) => {
                let fine = self.try_call(*f, args);
                self.declare(*v, fine)
            }
            Stmt::Scope(stmt) => {
                let outer = self.frame;
                self.frame = outer.scope();
                let fine =
                    matches!(**stmt, Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) | Stmt::Block(..))
                        && self.stmt(stmt);
                self.frame = outer;
                fine
            }
            Stmt::Block(label, body) => self.labelled(*label, Target::Block, |this| this.block(body)),
            Stmt::If(c, yes, no) => self.cond(c) && self.block(yes) && no.iter().all(|no| self.block(no)),
            Stmt::IfLet(v, e, yes, no) => {
                self.expr(e) && self.block_with(*v, yes) && no.iter().all(|no| self.block(no))
            }
            Stmt::LetElse(v, e, no) => {
                let fine = no.last().is_some_and(leaves) && self.expr(e) && self.block(no);
                self.declare(*v, fine)
            }
            Stmt::Match(e, arms, rest) => {
                self.expr(e) && arms.iter().all(|(_, body)| self.block(body)) && self.block(rest)
            }
            Stmt::For(label, v, _, body) => {
                self.labelled(*label, Target::Loop, |this| this.block_with(*v, body))
            }
            Stmt::While(label, v, _, body) | Stmt::Loop(label, v, _, body) => {
                self.scope.push(*v);
                self.labelled(*label, Target::Loop, |this| this.block(body))
            }
            Stmt::Break(label) => {
                self.labels.iter().any(|(l, target)| l == label && !matches!(target, Target::Value(_)))
            }
            Stmt::Continue(label) => self.labels.contains(&(*label, Target::Loop)),
            Stmt::Return(None) => self.frame.may_omit,
            Stmt::Return(Some(e)) => self.frame.has_value && self.expr(e),
            Stmt::ReturnErr(_) => self.frame.has_value && self.frame.tries,
            Stmt::BreakWith(label, v, e) => {
                self.labels.contains(&(*label, Target::Value(*v))) && self.expr(e)
            }
            Stmt::Yield(..) => false,
            Stmt::Value(v, stmt) => {
                let fine = self.value(*v, stmt);
                self.declare(*v, fine)
            }
            Stmt::Pause | Stmt::Panic(_) => true,
            Stmt::Closure(v, fallible, body) => {
                let fine = matches!(body.last(), Some(Stmt::Return(Some(_))))
                    && self.frame(Frame::closure(*fallible), |this| this.block(body));
                self.declare(*v, fine)
            }
            Stmt::Twice(v, p, body) => {
                let fine = matches!(body.last(), Some(Stmt::Return(Some(_))))
                    && self.frame(Frame::closure(false), |this| this.block_with(*p, body));
                self.declare(*v, fine)
            }
            Stmt::Recover(_, body, _) => self.frame.recovers && self.block(body),
            Stmt::Defer(deferred) => match deferred {
                Deferred::Log(_, e) | Deferred::Print(_, e) | Deferred::Entered(_, e) => self.expr(e),
                Deferred::LogWhen(when, _, e) => self.frame.allows(*when) && self.expr(e),
                Deferred::ShowTemporary(_, place, e) => self.expr(place) && self.expr(e),
                Deferred::Consume(_, e) => self.counter(e),
                Deferred::Call(f, args) => self.call(*f, args),
                Deferred::Try(f, args) | Deferred::LogTry(_, f, args) => self.try_call(*f, args),
                Deferred::Show(v, _, e) | Deferred::Bump(v, e) => self.var(*v) && self.expr(e),
                Deferred::When(when, body) => {
                    self.frame.allows(*when) && self.frame(self.frame.conditional(), |this| this.block(body))
                }
                Deferred::Block(body) => self.frame(self.frame.block(), |this| this.block(body)),
                Deferred::Literal(v, e, body) => {
                    self.expr(e) && self.frame(self.frame.literal(), |this| this.block_with(*v, body))
                }
            },
        }
    }
}

/// Whether the way goes on elsewhere.
fn leaves(stmt: &Stmt) -> bool {
    matches!(
        stmt,
        Stmt::Return(_)
            | Stmt::ReturnErr(_)
            | Stmt::Break(_)
            | Stmt::BreakWith(..)
            | Stmt::Continue(_)
            | Stmt::Panic(_)
    )
}
