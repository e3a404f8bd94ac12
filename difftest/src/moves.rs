//! Where a counter may move: Rust must see that it is not used again, and Go must not see a difference.

use std::collections::BTreeMap;

use crate::ast::{Cond, Deferred, Expr, Function, Stmt, Var};

/// Replaces moves that Rust would reject by new counters with the same number.
pub(crate) fn repair(function: &mut Function) {
    while let Some((v, at)) = wrong(function) {
        let mut seen = 0;
        moves_mut(&mut function.body, &mut |e| {
            if matches!(e, Expr::Move(w) if *w == v) {
                if seen == at {
                    *e = Expr::New(Box::new(Expr::Var(v)));
                }
                seen += 1;
            }
        });
    }
}

/// Whether Rust accepts every move.
pub(crate) fn check(function: &Function) -> bool {
    wrong(function).is_none()
}

fn moves_mut(body: &mut [Stmt], each: &mut impl FnMut(&mut Expr)) {
    for stmt in body {
        for e in stmt.exprs_mut() {
            e.each_mut(each);
        }
        for body in stmt.bodies_mut() {
            moves_mut(body, each);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Runs here, perhaps twice.
    Closure,
    Deferred,
    Scope,
}

/// A frame or scope, and the position of its end; that of its start is its name.
#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    end: usize,
}

/// Where a variable is declared, used or moved.
#[derive(Clone, Debug)]
struct Place {
    at: usize,
    moves: bool,
    frames: Vec<usize>,
    loops: Vec<usize>,
}

#[derive(Default)]
struct Walk {
    at: usize,
    frames: Vec<usize>,
    loops: Vec<usize>,
    inner: BTreeMap<usize, Inner>,
    /// The first is the declaration.
    places: BTreeMap<Var, Vec<Place>>,
}

/// A variable and the number of its move, of those of that variable.
fn wrong(function: &Function) -> Option<(Var, usize)> {
    let mut walk = Walk::default();
    for &v in &function.params {
        walk.place(v, false);
    }
    walk.body(&function.body);
    walk.places.iter().find_map(|(&v, places)| {
        let moves: Vec<_> = places.iter().filter(|place| place.moves).collect();
        match moves[..] {
            [] => None,
            [only] => (!walk.is_last(only, places)).then_some((v, 0)),
            _ => Some((v, 0)),
        }
    })
}

impl Walk {
    fn place(&mut self, v: Var, moves: bool) {
        self.at += 1;
        let place = Place { at: self.at, moves, frames: self.frames.clone(), loops: self.loops.clone() };
        self.places.entry(v).or_default().push(place);
    }

    /// Whether nothing can happen to the variable after this move, nor can it happen twice.
    fn is_last(&self, moved: &Place, places: &[Place]) -> bool {
        let (declared, others) = places.split_first().expect("a declaration");
        let depth = declared.frames.len();
        let kind = |place: &Place, depth: usize| place.frames.get(depth).map(|id| self.inner[id].kind);
        let once = moved.loops == declared.loops;
        let in_deferred = moved.frames.len() == depth + 1 && kind(moved, depth) == Some(Kind::Deferred);
        if moved.frames == declared.frames {
            return once
                && others.iter().all(|place| {
                    place.at == moved.at
                        || place.at < moved.at && matches!(kind(place, depth), None | Some(Kind::Closure))
                });
        }
        once && in_deferred
            && others.iter().all(|place| {
                let id = moved.frames[depth];
                match kind(place, depth) {
                    _ if place.at == moved.at => true,
                    Some(_) if place.frames[depth] == id => {
                        place.at < moved.at && matches!(kind(place, depth + 1), None | Some(Kind::Closure))
                    }
                    // It is deferred later, and so runs earlier.
                    Some(Kind::Deferred) => place.at > self.inner[&id].end,
                    _ => true,
                }
            })
    }

    fn within(&mut self, kind: Kind, walk: impl FnOnce(&mut Self)) {
        self.at += 1;
        let id = self.at;
        self.inner.insert(id, Inner { kind, end: 0 });
        self.frames.push(id);
        walk(self);
        self.frames.pop();
        self.at += 1;
        self.inner.get_mut(&id).expect("just made").end = self.at;
    }

    fn expr(&mut self, e: &Expr) {
        match e {
            Expr::Num(_) => {}
            Expr::Var(v) => self.place(*v, false),
            Expr::Move(v) => self.place(*v, true),
            Expr::Add(a, b) | Expr::Sub(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Expr::Rem(a, _) | Expr::Seen(_, a) | Expr::New(a) => self.expr(a),
            Expr::Call(_, args) => self.exprs(args),
        }
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        for e in exprs {
            self.expr(e);
        }
    }

    fn cond(&mut self, c: &Cond) {
        match c {
            Cond::Less(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Cond::Even(a) => self.expr(a),
            Cond::And(a, b) | Cond::Or(a, b) => {
                self.cond(a);
                self.cond(b);
            }
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt, false);
        }
    }

    fn turn(&mut self, body: &[Stmt], is_loop: bool, is_scope: bool) {
        self.at += 1;
        if is_loop {
            self.loops.push(self.at);
        }
        if is_scope {
            self.within(Kind::Scope, |this| this.body(body));
        } else {
            self.body(body);
        }
        if is_loop {
            self.loops.pop();
        }
    }

    fn stmt(&mut self, stmt: &Stmt, is_scope: bool) {
        match stmt {
            Stmt::Let(v, e)
            | Stmt::Counter(v, e)
            | Stmt::Set(v, e)
            | Stmt::Bump(v, e)
            | Stmt::Yield(v, e)
            | Stmt::BreakWith(_, v, e) => {
                self.expr(e);
                self.place(*v, false);
            }
            Stmt::Fail(v, _) => self.place(*v, false),
            Stmt::Try(v, _, args) => {
                self.exprs(args);
                self.place(*v, false);
            }
            Stmt::Log(_, e) | Stmt::Consume(_, e) | Stmt::Return(Some(e)) => self.expr(e),
            Stmt::If(c, yes, no) => {
                self.cond(c);
                self.body(yes);
                if let Some(no) = no {
                    self.body(no);
                }
            }
            Stmt::IfLet(v, e, yes, no) => {
                self.expr(e);
                self.place(*v, false);
                self.body(yes);
                if let Some(no) = no {
                    self.body(no);
                }
            }
            Stmt::LetElse(v, e, no) => {
                self.expr(e);
                self.body(no);
                self.place(*v, false);
            }
            Stmt::Match(e, arms, rest) => {
                self.expr(e);
                for (_, body) in arms {
                    self.body(body);
                }
                self.body(rest);
            }
            Stmt::For(_, v, _, body) | Stmt::While(_, v, _, body) | Stmt::Loop(_, v, _, body) => {
                self.place(*v, false);
                self.turn(body, true, is_scope);
            }
            Stmt::Block(_, body) => self.turn(body, false, is_scope),
            Stmt::Scope(stmt) => self.stmt(stmt, true),
            Stmt::Value(v, stmt) => {
                self.place(*v, false);
                self.stmt(stmt, false);
            }
            Stmt::Closure(_, _, body) | Stmt::Twice(_, _, body) => {
                self.within(Kind::Closure, |this| this.body(body));
            }
            Stmt::Recover(_, body, _) => self.body(body),
            Stmt::Defer(deferred) => self.deferred(deferred),
            _ => {}
        }
    }

    fn deferred(&mut self, deferred: &Deferred) {
        match deferred {
            Deferred::Log(_, e)
            | Deferred::LogWhen(_, _, e)
            | Deferred::Print(_, e)
            | Deferred::Entered(_, e)
            | Deferred::Consume(_, e) => self.expr(e),
            Deferred::ShowTemporary(_, place, e) => {
                self.expr(place);
                self.expr(e);
            }
            Deferred::Call(_, args) | Deferred::Try(_, args) | Deferred::LogTry(_, _, args) => {
                self.exprs(args);
            }
            // An address, seen at exit.
            Deferred::Show(v, _, e) | Deferred::Bump(v, e) => {
                self.expr(e);
                self.within(Kind::Deferred, |this| this.place(*v, false));
            }
            Deferred::Block(body) | Deferred::When(_, body) => {
                self.within(Kind::Deferred, |this| this.body(body));
            }
            Deferred::Literal(_, e, body) => {
                self.expr(e);
                self.within(Kind::Deferred, |this| this.body(body));
            }
        }
    }
}
