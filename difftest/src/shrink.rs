//! Makes a program smaller while it still fails.

use std::io;
use std::path::Path;

use crate::ast::{Body, Deferred, Expr, Program, Stmt};
use crate::check::check;
use crate::run::{self, Expected, Outcome};

/// Smaller programs, each one step from `program`, the smallest first.
pub(crate) fn smaller(program: &Program) -> Vec<Program> {
    let mut programs = Vec::new();
    if program.functions.len() > 1 {
        let mut shorter = program.clone();
        shorter.functions.pop();
        programs.push(shorter);
    }
    if program.functions.len() > 1 {
        let mut shorter = program.clone();
        shorter.functions.remove(0);
        for function in &mut shorter.functions {
            renumber(&mut function.body);
        }
        programs.push(shorter);
    }
    for (f, function) in program.functions.iter().enumerate() {
        for body in bodies(&function.body) {
            let mut shorter = program.clone();
            shorter.functions[f].body = body;
            programs.push(shorter);
        }
    }
    programs.retain(|program| check(program) && Expected::new(program).is_some());
    programs.sort_by_cached_key(size);
    programs
}

/// The first function is gone.
fn renumber(body: &mut Body) {
    for stmt in body {
        for e in stmt.exprs_mut() {
            e.each_mut(&mut |e| {
                if let Expr::Call(f, _) = e {
                    *f -= 1;
                }
            });
        }
        match stmt {
            Stmt::Try(_, f, _)
            | Stmt::Defer(Deferred::Call(f, _) | Deferred::Try(f, _) | Deferred::LogTry(_, f, _)) => *f -= 1,
            _ => {}
        }
        for body in stmt.bodies_mut() {
            renumber(body);
        }
    }
}

fn size(program: &Program) -> usize {
    format!("{:?}", program.functions).len()
}

fn bodies(body: &Body) -> Vec<Body> {
    let mut smaller = Vec::new();
    for (i, stmt) in body.iter().enumerate() {
        let with = |stmts: &[Stmt]| {
            let mut body = body.clone();
            body.splice(i..=i, stmts.iter().cloned());
            body
        };
        smaller.push(with(&[]));
        smaller.extend((i + 2..=body.len()).map(|end| [&body[..i], &body[end..]].concat()));
        smaller.extend(stmt.bodies().into_iter().map(|inner| with(inner)));
        for (k, inner) in stmt.bodies().into_iter().enumerate() {
            for inner in bodies(inner) {
                let mut stmt = stmt.clone();
                *stmt.bodies_mut()[k] = inner;
                smaller.push(with(&[stmt]));
            }
        }
        if let Stmt::Scope(inner) | Stmt::Value(_, inner) = stmt {
            smaller.push(with(&[(**inner).clone()]));
        }
        match stmt {
            Stmt::Value(v, _) | Stmt::Closure(v, _, _) | Stmt::Twice(v, _, _) | Stmt::Try(v, _, _) => {
                smaller.push(with(&[Stmt::Let(*v, Expr::Num(1))]));
            }
            Stmt::Defer(Deferred::When(_, body) | Deferred::Literal(_, _, body)) => {
                smaller.push(with(&[Stmt::Defer(Deferred::Block(body.clone()))]));
            }
            Stmt::Defer(Deferred::Print(..)) => {}
            Stmt::Defer(_) => smaller.push(with(&[Stmt::Defer(Deferred::Print(0, Expr::Num(0)))])),
            Stmt::For(label, v, n, body) if *n > 1 => {
                smaller.push(with(&[Stmt::For(*label, *v, 1, body.clone())]));
            }
            Stmt::While(label, v, n, body) | Stmt::Loop(label, v, n, body) => {
                smaller.push(with(&[Stmt::For(*label, *v, (*n).min(2), body.clone())]));
            }
            _ => {}
        }
        if let Stmt::If(c, yes, Some(_)) = stmt {
            smaller.push(with(&[Stmt::If(c.clone(), yes.clone(), None)]));
        }
        let mut copy = stmt.clone();
        for k in 0..copy.exprs_mut().len() {
            for e in exprs(copy.clone().exprs_mut()[k]) {
                let mut stmt = stmt.clone();
                *stmt.exprs_mut()[k] = e;
                smaller.push(with(&[stmt]));
            }
        }
    }
    smaller
}

fn exprs(e: &Expr) -> Vec<Expr> {
    match e {
        Expr::Num(_) => Vec::new(),
        Expr::Var(_) => vec![Expr::Num(0), Expr::Num(1)],
        Expr::Add(a, b) | Expr::Sub(a, b) => vec![Expr::Num(0), Expr::Num(1), (**a).clone(), (**b).clone()],
        Expr::Rem(a, _) | Expr::Seen(_, a) => vec![Expr::Num(0), Expr::Num(1), (**a).clone()],
        Expr::Call(_, args) => [Expr::Num(0), Expr::Num(1)].into_iter().chain(args.iter().cloned()).collect(),
        Expr::New(e) => exprs(e).into_iter().map(|e| Expr::New(Box::new(e))).collect(),
        Expr::Move(_) => vec![Expr::New(Box::new(Expr::Num(0)))],
    }
}

/// At most so many are built at once.
const AT_ONCE: usize = 24;

/// A small program that fails like `program`, and its outcome.
pub(crate) fn shrink(folder: &Path, program: Program, outcome: Outcome) -> io::Result<(Program, Outcome)> {
    let (mut program, mut outcome) = (program, outcome);
    'shorter: loop {
        let candidates = smaller(&program);
        for some in candidates.chunks(AT_ONCE) {
            let outcomes = match outcome {
                Outcome::Ran(_) => run::run_rust(folder, some)?,
                Outcome::Rejected(_) => run::check_rust(folder, some)?,
            };
            for (candidate, theirs) in some.iter().zip(outcomes) {
                if fails_alike(candidate, &theirs, &outcome) {
                    (program, outcome) = (candidate.clone(), theirs);
                    continue 'shorter;
                }
            }
        }
        return Ok((program, outcome));
    }
}

fn fails_alike(program: &Program, outcome: &Outcome, other: &Outcome) -> bool {
    match (outcome, other) {
        (Outcome::Rejected(text), Outcome::Rejected(other)) => text.lines().next() == other.lines().next(),
        (Outcome::Ran(events), Outcome::Ran(_)) => {
            Expected::new(program).is_none_or(|e| e.lines(program) != *events)
        }
        _ => false,
    }
}
