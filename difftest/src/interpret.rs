//! Runs a program by the rules of the Go specification.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use crate::ast::{Body, Cond, Deferred, Expr, Fun, Label, Program, Stmt, Tag, Var, When};

/// Longer programs are not worth a place among many.
const EVENTS: usize = 150;
const STEPS: usize = 2000;

/// What `program` does.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// The lines that it prints.
    pub(crate) events: Vec<String>,
    /// How often its future is pending.
    pub(crate) pauses: usize,
    /// What it has tried.
    pub(crate) notes: BTreeSet<String>,
}

/// Runs `program` to its end, or nothing if that is too long.
pub(crate) fn run(program: &Program) -> Option<Trace> {
    Machine::new(program, None).run()
}

/// What `program` prints if its future is dropped after so many polls, all of them pending.
pub(crate) fn cancel(program: &Program, polls: usize) -> Option<Trace> {
    Machine::new(program, Some(polls)).run()
}

/// Whether the future is dropped by a panic.
fn while_unwinding(polls: usize) -> bool {
    polls % 2 == 1
}

enum Stop {
    Panic(String),
    /// The future is dropped.
    Cancelled,
    TooLong,
}

enum Flow {
    Next,
    Break(Label),
    Continue(Label),
    Return,
}

/// A variable, or a result, which may be an error.
#[derive(Debug, Default)]
struct Place {
    n: Cell<i64>,
    failed: Cell<bool>,
}

impl Place {
    fn set(&self, n: i64) {
        self.n.set(n);
        self.failed.set(false);
    }

    fn fail(&self, tag: i64) {
        self.n.set(-tag);
        self.failed.set(true);
    }

    fn copy(&self, other: &Self) {
        self.n.set(other.n.get());
        self.failed.set(other.failed.get());
    }
}

/// The variables in sight. Deferred code keeps those of its statement.
type Env = Vec<(Var, Rc<Place>)>;

/// A call that is going on, or a scope in it.
struct Frame {
    /// What it returns. A deferred block returns nothing, or an error.
    result: Rc<Place>,
    /// Whether a result has been stored that the frame has not returned yet: that of a scope.
    returns: Cell<bool>,
    /// Whether deferred code can name the result, so that a scope shares it.
    is_named: bool,
    /// Of the frame that deferred this one.
    recoverable: Option<Rc<Exit>>,
    waiting: Vec<Waiting>,
    kind: Kind,
    /// How many loops are going on in it.
    loops: usize,
    /// Whether its future was there when it was dropped.
    is_old: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Closure,
    Deferred,
    Scope,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function => "a function",
            Self::Closure => "a closure",
            Self::Deferred => "deferred code",
            Self::Scope => "a scope",
        })
    }
}

impl Frame {
    fn leave(&self) -> Flow {
        self.returns.set(true);
        Flow::Return
    }

    /// A `?` that fails.
    fn fail(&self, failed: &Place) -> Flow {
        self.result.copy(failed);
        self.leave()
    }
}

/// How a frame is left, while its deferred code runs.
struct Exit {
    panic: RefCell<Option<String>>,
    cancelled: Cell<bool>,
    result: Rc<Place>,
    returns: Cell<bool>,
}

impl Exit {
    fn is_failure(&self) -> bool {
        self.panic.borrow().is_some()
            || self.cancelled.get()
            || self.returns.get() && self.result.failed.get()
    }

    /// Ends what was going on, but for what is too long.
    fn stop(&self, stop: Stop) -> Result<(), Stop> {
        match stop {
            Stop::Panic(text) => *self.panic.borrow_mut() = Some(text),
            Stop::Cancelled => self.cancelled.set(true),
            Stop::TooLong => return Err(stop),
        }
        Ok(())
    }

    /// A `?` in deferred code: what it does.
    fn absorb(&self, deferred: &Place) -> &'static str {
        if !deferred.failed.get() {
            return "succeeds";
        }
        if self.is_failure() {
            return "is too late";
        }
        self.result.copy(deferred);
        self.returns.set(true);
        "fails the frame"
    }

    fn way(&self) -> &'static str {
        match (self.panic.borrow().is_some(), self.cancelled.get()) {
            (true, true) => "a panic while the future is dropped",
            (true, false) => "a panic",
            (false, true) => "the drop of the future",
            (false, false) if self.is_failure() => "an error",
            (false, false) => "success",
        }
    }
}

enum Waiting {
    Event(String),
    Call(Fun, Vec<i64>),
    Try(Fun, Vec<i64>),
    Show(i64, Rc<Place>, i64),
    Bump(Rc<Place>, i64),
    Code(Env, Body, bool),
    When(When, Box<Waiting>),
}

struct Machine<'a> {
    program: &'a Program,
    events: Vec<String>,
    steps: usize,
    /// Whether `.await` may stand here.
    is_async: bool,
    pauses: usize,
    /// After how many pauses the future is dropped.
    polls: Option<usize>,
    cancelled: bool,
    notes: BTreeSet<String>,
}

impl<'a> Machine<'a> {
    fn new(program: &'a Program, polls: Option<usize>) -> Self {
        Self {
            program,
            events: Vec::new(),
            steps: 0,
            is_async: true,
            pauses: 0,
            polls,
            cancelled: false,
            notes: BTreeSet::new(),
        }
    }

    fn run(mut self) -> Option<Trace> {
        let args = vec![3; self.program.functions[0].params.len()];
        let ended = if self.polls == Some(0) { Err(Stop::Cancelled) } else { self.call(0, args) };
        self.events.push(match ended {
            Ok(result) if result.failed.get() => format!("failed {}", -result.n.get()),
            Ok(result) => format!("returned {}", result.n.get()),
            Err(Stop::Panic(text)) => format!("panicked {text}"),
            Err(Stop::Cancelled) => "dropped".to_owned(),
            Err(Stop::TooLong) => return None,
        });
        self.events.push("live 0".to_owned());
        Some(Trace { events: self.events, pauses: self.pauses, notes: self.notes })
    }

    fn note(&mut self, what: impl Into<String>) {
        self.notes.insert(what.into());
    }

    fn event(&mut self, text: String) -> Result<(), Stop> {
        self.events.push(text);
        if self.events.len() > EVENTS { Err(Stop::TooLong) } else { Ok(()) }
    }

    /// When the future is dropped, what awaits then, or later, ends there.
    fn pause(&mut self) -> Result<(), Stop> {
        if !self.is_async {
            return Ok(());
        }
        self.pauses += 1;
        self.cancelled |= self.polls == Some(self.pauses);
        if self.cancelled { Err(Stop::Cancelled) } else { Ok(()) }
    }

    /// Runs what cannot wait.
    fn blocking<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let is_async = std::mem::take(&mut self.is_async);
        let done = run(self);
        self.is_async = is_async;
        done
    }

    fn call(&mut self, f: Fun, args: Vec<i64>) -> Result<Rc<Place>, Stop> {
        let program = self.program;
        let function = &program.functions[f];
        let mut env: Env = function.params.iter().copied().zip(args.into_iter().map(place)).collect();
        let result = place(0);
        if let Some((v, n)) = function.result {
            result.set(n);
            env.push((v, Rc::clone(&result)));
        }
        let frame = self.enter(Kind::Function, result, function.result.is_some(), None);
        self.frame(frame, env, &function.body)
    }

    fn enter(&self, kind: Kind, result: Rc<Place>, is_named: bool, recoverable: Option<Rc<Exit>>) -> Frame {
        let returns = Cell::new(true);
        Frame {
            result,
            returns,
            is_named,
            recoverable,
            waiting: Vec::new(),
            kind,
            loops: 0,
            is_old: !self.cancelled,
        }
    }

    /// A closure, or the deferred code of a frame that is left so.
    fn inner(&mut self, env: Env, body: &[Stmt], left: Option<&Rc<Exit>>) -> Result<Rc<Place>, Stop> {
        let kind = if left.is_some() { Kind::Deferred } else { Kind::Closure };
        let frame = self.enter(kind, place(0), false, left.cloned());
        self.frame(frame, env, body)
    }

    fn frame(&mut self, mut frame: Frame, mut env: Env, body: &[Stmt]) -> Result<Rc<Place>, Stop> {
        let ended = self.block(&mut frame, &mut env, body);
        let result = Rc::clone(&frame.result);
        self.exit(frame, ended)?;
        Ok(result)
    }

    /// A frame within one, which stores its result in that when it is left.
    fn scope(&mut self, outer: &mut Frame, env: &mut Env, body: &[Stmt]) -> Result<Flow, Stop> {
        let result = if outer.is_named { Rc::clone(&outer.result) } else { place(0) };
        let mut frame = self.enter(Kind::Scope, Rc::clone(&result), outer.is_named, None);
        frame.returns.set(false);
        let ended = self.block(&mut frame, env, body);
        let (flow, returns) = self.exit(frame, ended)?;
        if returns {
            outer.result.copy(&result);
            outer.returns.set(true);
            return Ok(Flow::Return);
        }
        Ok(flow)
    }

    /// Runs the deferred code. How the frame is left, and whether by a return.
    fn exit(&mut self, frame: Frame, ended: Result<Flow, Stop>) -> Result<(Flow, bool), Stop> {
        let Frame { result, returns, mut waiting, is_old, kind, .. } = frame;
        let exit = Rc::new(Exit { panic: RefCell::default(), cancelled: Cell::new(false), result, returns });
        let flow = match ended {
            Ok(flow) => flow,
            Err(stop) => {
                exit.stop(stop)?;
                Flow::Next
            }
        };
        loop {
            if is_old && self.cancelled {
                exit.cancelled.set(true);
            }
            let Some(waiting) = waiting.pop() else { break };
            self.note(format!("deferred code of {kind} runs on {}", exit.way()));
            if let Err(stop) = self.deferred(waiting, &exit) {
                match &stop {
                    Stop::Panic(_) => self.note(format!("panic of deferred code on {}", exit.way())),
                    Stop::Cancelled => self.note("deferred code is cut"),
                    Stop::TooLong => {}
                }
                exit.stop(stop)?;
            }
        }
        match exit.panic.take() {
            // Nothing can leave a destructor while the thread unwinds, so the function that panics is the last to see it.
            Some(_)
                if exit.cancelled.get() && self.polls.is_some_and(while_unwinding) && kind != Kind::Scope =>
            {
                Err(Stop::Cancelled)
            }
            Some(text) => Err(Stop::Panic(text)),
            None if exit.cancelled.get() => Err(Stop::Cancelled),
            None => Ok((flow, exit.returns.get())),
        }
    }

    fn deferred(&mut self, waiting: Waiting, exit: &Rc<Exit>) -> Result<(), Stop> {
        match waiting {
            Waiting::Event(text) => self.event(text)?,
            Waiting::Call(f, args) => {
                self.call(f, args)?;
            }
            Waiting::Try(f, args) => {
                let result = self.call(f, args)?;
                let done = exit.absorb(&result);
                self.note(format!("deferred `?` {done}"));
            }
            Waiting::Show(tag, place, n) => self.event(format!("{tag} show {} {n}", place.n.get()))?,
            Waiting::Bump(place, n) => place.set((place.n.get() + n) % 1000),
            Waiting::When(when, waiting) => {
                let runs = match when {
                    When::Failure => exit.is_failure(),
                    When::Success => !exit.is_failure(),
                    When::Panic => exit.panic.borrow().is_some(),
                };
                if runs {
                    self.note(format!("{when:?} runs on {}", exit.way()).to_lowercase());
                    self.deferred(*waiting, exit)?;
                }
            }
            Waiting::Code(env, body, is_async) => {
                let run = |this: &mut Self| this.inner(env, &body, Some(exit));
                let result = if is_async { run(self) } else { self.blocking(run) };
                let result = result?;
                if result.failed.get() {
                    let done = exit.absorb(&result);
                    self.note(format!("`?` in a deferred block {done}"));
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, frame: &mut Frame, env: &mut Env, body: &[Stmt]) -> Result<Flow, Stop> {
        let outer = env.len();
        let mut flow = Flow::Next;
        for stmt in body {
            flow = self.stmt(frame, env, stmt)?;
            if !matches!(flow, Flow::Next) {
                break;
            }
        }
        env.truncate(outer);
        Ok(flow)
    }

    /// One turn of a loop: `Ok` tells to go on, `Err` how to go on after the loop.
    fn turn(
        &mut self,
        frame: &mut Frame,
        env: &mut Env,
        label: Label,
        body: &[Stmt],
        is_scope: bool,
    ) -> Result<Result<(), Flow>, Stop> {
        frame.loops += 1;
        let left = if is_scope { self.scope(frame, env, body) } else { self.block(frame, env, body) };
        frame.loops -= 1;
        Ok(match left? {
            Flow::Next => Ok(()),
            Flow::Continue(l) if l == label => Ok(()),
            Flow::Break(l) if l == label => Err(Flow::Next),
            flow => Err(flow),
        })
    }

    fn closure(&mut self, env: &mut Env, stmt: &Stmt) -> Result<(), Stop> {
        match stmt {
            Stmt::Closure(v, _, body) => {
                let run = |this: &mut Self| this.inner(env.clone(), body, None);
                let result = if Stmt::is_async_closure(*v) { run(self) } else { self.blocking(run) };
                env.push((*v, place(result?.n.get())));
            }
            Stmt::Twice(v, p, body) => {
                let mut sum = 0;
                for n in [1, 2] {
                    let mut env = env.clone();
                    env.push((*p, place(n)));
                    sum += self.blocking(|this| this.inner(env, body, None))?.n.get();
                }
                env.push((*v, place(sum)));
            }
            _ => unreachable!("no closure"),
        }
        Ok(())
    }

    fn looped(
        &mut self,
        frame: &mut Frame,
        env: &mut Env,
        stmt: &Stmt,
        is_scope: bool,
    ) -> Result<Flow, Stop> {
        match stmt {
            Stmt::For(label, v, count, body) => {
                for n in 0..*count {
                    env.push((*v, place(n)));
                    let turn = self.turn(frame, env, *label, body, is_scope)?;
                    env.pop();
                    if let Err(flow) = turn {
                        return Ok(flow);
                    }
                }
            }
            Stmt::While(label, v, count, body) | Stmt::Loop(label, v, count, body) => {
                let turns = place(0);
                env.push((*v, Rc::clone(&turns)));
                while turns.n.get() < *count {
                    turns.set(turns.n.get() + 1);
                    if let Err(flow) = self.turn(frame, env, *label, body, is_scope)? {
                        return Ok(flow);
                    }
                }
            }
            _ => unreachable!("no loop"),
        }
        Ok(Flow::Next)
    }

    fn branch(&mut self, frame: &mut Frame, env: &mut Env, stmt: &Stmt) -> Result<Flow, Stop> {
        match stmt {
            Stmt::If(c, yes, no) => {
                if self.cond(env, c)? {
                    return self.block(frame, env, yes);
                } else if let Some(no) = no {
                    return self.block(frame, env, no);
                }
            }
            Stmt::IfLet(v, e, yes, no) => {
                let n = self.expr(env, e)?;
                if n > 0 {
                    env.push((*v, place(n)));
                    let flow = self.block(frame, env, yes)?;
                    env.pop();
                    return Ok(flow);
                } else if let Some(no) = no {
                    return self.block(frame, env, no);
                }
            }
            Stmt::LetElse(v, e, no) => {
                let n = self.expr(env, e)?;
                if n <= 0 {
                    return self.block(frame, env, no);
                }
                env.push((*v, place(n)));
            }
            Stmt::Match(e, arms, rest) => {
                let n = self.expr(env, e)?;
                let arm = arms.iter().find(|(values, _)| values.contains(&n));
                return self.block(frame, env, arm.map_or(rest, |(_, body)| body));
            }
            _ => unreachable!("no branch"),
        }
        Ok(Flow::Next)
    }

    fn stmt(&mut self, frame: &mut Frame, env: &mut Env, stmt: &Stmt) -> Result<Flow, Stop> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(Stop::TooLong);
        }
        let kind = frame.kind;
        self.note(format!("{} in {kind}", stmt.name()));
        match stmt {
            Stmt::Log(tag, e) => {
                let n = self.expr(env, e)?;
                self.event(format!("{tag} {n}"))?;
            }
            Stmt::Let(v, e) | Stmt::Counter(v, e) => {
                let n = self.expr(env, e)?;
                env.push((*v, place(n)));
            }
            Stmt::Bump(v, e) => {
                let n = self.expr(env, e)?;
                let place = find(env, *v);
                place.set((place.n.get() + n) % 1000);
            }
            Stmt::Block(label, body) => {
                return Ok(match self.block(frame, env, body)? {
                    Flow::Break(l) if l == *label => Flow::Next,
                    flow => flow,
                });
            }
            Stmt::If(..) | Stmt::IfLet(..) | Stmt::LetElse(..) | Stmt::Match(..) => {
                return self.branch(frame, env, stmt);
            }
            Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) => return self.looped(frame, env, stmt, false),
            Stmt::Scope(stmt) => match &**stmt {
                Stmt::Block(label, body) => {
                    return Ok(match self.scope(frame, env, body)? {
                        Flow::Break(l) if l == *label => Flow::Next,
                        flow => flow,
                    });
                }
                stmt => return self.looped(frame, env, stmt, true),
            },
            Stmt::Consume(tag, e) => {
                let n = self.expr(env, e)?;
                self.event(format!("{tag} consumed {n}"))?;
            }
            Stmt::Pause => self.pause()?,
            Stmt::Try(v, f, args) => {
                let args = self.args(env, args)?;
                let result = self.call(*f, args)?;
                if result.failed.get() {
                    return Ok(frame.fail(&result));
                }
                env.push((*v, result));
            }
            Stmt::Fail(v, tag) => find(env, *v).fail(number(*tag)),
            Stmt::Value(v, stmt) => {
                env.push((*v, place(0)));
                return self.stmt(frame, env, stmt);
            }
            Stmt::Set(v, e) | Stmt::Yield(v, e) => {
                let n = self.expr(env, e)?;
                find(env, *v).set(n);
            }
            Stmt::BreakWith(label, v, e) => {
                let n = self.expr(env, e)?;
                find(env, *v).set(n);
                return Ok(Flow::Break(*label));
            }
            Stmt::Break(label) => return Ok(Flow::Break(*label)),
            Stmt::Continue(label) => return Ok(Flow::Continue(*label)),
            Stmt::Return(None) => return Ok(frame.leave()),
            Stmt::Return(Some(e)) => {
                let n = self.expr(env, e)?;
                frame.result.set(n);
                return Ok(frame.leave());
            }
            Stmt::ReturnErr(tag) => {
                frame.result.fail(number(*tag));
                return Ok(frame.leave());
            }
            Stmt::Panic(tag) => return Err(Stop::Panic(format!("p{tag}"))),
            Stmt::Closure(..) | Stmt::Twice(..) => self.closure(env, stmt)?,
            Stmt::Defer(deferred) => {
                self.note(deferred.name());
                let place = if frame.loops > 0 { "a loop in " } else { "" };
                self.note(format!("{} in {place}{kind}", deferred.form()));
                match self.defer(env, deferred)? {
                    Ok(waiting) => frame.waiting.push(waiting),
                    Err(failed) => return Ok(frame.fail(&failed)),
                }
            }
            Stmt::Recover(tag, body, again) => return self.recover(frame, env, *tag, body, *again),
        }
        Ok(Flow::Next)
    }

    fn recover(
        &mut self,
        frame: &mut Frame,
        env: &mut Env,
        tag: Tag,
        body: &[Stmt],
        again: bool,
    ) -> Result<Flow, Stop> {
        let Some(exit) = frame.recoverable.clone() else { return Ok(Flow::Next) };
        self.note(format!("recover on {}", exit.way()));
        let Some(text) = exit.panic.take() else { return Ok(Flow::Next) };
        self.event(format!("{tag} recovered {text}"))?;
        match self.block(frame, env, body)? {
            Flow::Next if again => Err(Stop::Panic(text)),
            flow => Ok(flow),
        }
    }

    /// What waits, or the error of a `?` before it does.
    fn defer(&mut self, env: &Env, deferred: &Deferred) -> Result<Result<Waiting, Rc<Place>>, Stop> {
        Ok(Ok(match deferred {
            Deferred::LogTry(tag, f, args) => {
                let args = self.args(env, args)?;
                let result = self.call(*f, args)?;
                if result.failed.get() {
                    return Ok(Err(result));
                }
                Waiting::Event(format!("{tag} {}", result.n.get()))
            }
            Deferred::Log(tag, e) | Deferred::Print(tag, e) => {
                Waiting::Event(format!("{tag} {}", self.expr(env, e)?))
            }
            Deferred::LogWhen(when, tag, e) => {
                Waiting::When(*when, Box::new(Waiting::Event(format!("{tag} {}", self.expr(env, e)?))))
            }
            Deferred::Consume(tag, e) => Waiting::Event(format!("{tag} consumed {}", self.expr(env, e)?)),
            Deferred::Call(f, args) => Waiting::Call(*f, self.args(env, args)?),
            Deferred::Try(f, args) => Waiting::Try(*f, self.args(env, args)?),
            Deferred::Show(v, tag, e) => Waiting::Show(number(*tag), find(env, *v), self.expr(env, e)?),
            Deferred::ShowTemporary(tag, shown, e) => {
                let shown = self.expr(env, shown)?;
                self.event(format!("{tag} seen {shown}"))?;
                Waiting::Show(number(*tag), place(shown), self.expr(env, e)?)
            }
            Deferred::Bump(v, e) => Waiting::Bump(find(env, *v), self.expr(env, e)?),
            Deferred::Entered(tag, e) => {
                let n = self.expr(env, e)?;
                self.event(format!("{tag} enter {n}"))?;
                Waiting::Event(format!("{tag} leave {n}"))
            }
            Deferred::Block(body) => Waiting::Code(env.clone(), body.clone(), true),
            Deferred::When(when, body) => {
                Waiting::When(*when, Box::new(Waiting::Code(env.clone(), body.clone(), true)))
            }
            Deferred::Literal(v, e, body) => {
                let mut env = env.clone();
                let n = self.expr(&env, e)?;
                env.push((*v, place(n)));
                Waiting::Code(env, body.clone(), false)
            }
        }))
    }

    fn args(&mut self, env: &Env, args: &[Expr]) -> Result<Vec<i64>, Stop> {
        args.iter().map(|e| self.expr(env, e)).collect()
    }

    fn expr(&mut self, env: &Env, e: &Expr) -> Result<i64, Stop> {
        Ok(match e {
            Expr::Num(n) => *n,
            Expr::Var(v) | Expr::Move(v) => find(env, *v).n.get(),
            Expr::New(e) => self.expr(env, e)?,
            Expr::Add(a, b) => self.expr(env, a)? + self.expr(env, b)?,
            Expr::Sub(a, b) => self.expr(env, a)? - self.expr(env, b)?,
            Expr::Rem(a, n) => self.expr(env, a)? % n,
            Expr::Seen(tag, a) => {
                let n = self.expr(env, a)?;
                self.event(format!("{tag} seen {n}"))?;
                n
            }
            Expr::Call(f, args) => {
                let args = self.args(env, args)?;
                self.call(*f, args)?.n.get()
            }
        })
    }

    fn cond(&mut self, env: &Env, c: &Cond) -> Result<bool, Stop> {
        Ok(match c {
            Cond::Less(a, b) => self.expr(env, a)? < self.expr(env, b)?,
            Cond::Even(a) => self.expr(env, a)? % 2 == 0,
            Cond::And(a, b) => self.cond(env, a)? && self.cond(env, b)?,
            Cond::Or(a, b) => self.cond(env, a)? || self.cond(env, b)?,
        })
    }
}

fn place(n: i64) -> Rc<Place> {
    Rc::new(Place { n: Cell::new(n), failed: Cell::new(false) })
}

fn number(tag: usize) -> i64 {
    i64::try_from(tag).expect("small")
}

fn find(env: &Env, v: Var) -> Rc<Place> {
    let (_, place) = env.iter().rev().find(|(name, _)| *name == v).expect("a name in sight");
    Rc::clone(place)
}
