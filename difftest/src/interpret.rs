//! Runs a program by the rules of the Go specification, and futures that are dropped half-way by ours.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::ast::{Body, Cond, Deferred, Expr, Fun, Label, Program, Stmt, Var, When};

/// Longer programs are not worth a place among many.
const EVENTS: usize = 150;
const STEPS: usize = 2000;
/// The most polls before a future is dropped.
const CUTS: usize = 40;

/// What `program` prints, or nothing if that is too long.
pub(crate) fn run(program: &Program) -> Option<Vec<String>> {
    let mut machine = Machine::new(program, None);
    let end = match machine.run() {
        Ok(n) => format!("returned {n}"),
        Err(Stop::Panic { text, .. }) => format!("panicked {text}"),
        Err(Stop::Cancel) => unreachable!("it is awaited"),
        Err(Stop::TooLong) => return None,
    };
    machine.events.push(end);
    machine.events.push("live 0".to_owned());
    Some(machine.events)
}

/// The same, and then what it prints if it is polled once, twice, three times … and dropped.
pub(crate) fn run_and_cut(program: &Program) -> Option<Vec<String>> {
    let mut events = run(program)?;
    for polls in 1..=CUTS {
        if !program.is_async {
            break;
        }
        let mut machine = Machine::new(program, Some(polls - 1));
        let (end, is_done) = match machine.run() {
            Ok(n) => (format!("returned {n}"), true),
            Err(Stop::Panic { text, is_cancelled: false }) => (format!("panicked {text}"), true),
            Err(Stop::Panic { text, is_cancelled: true }) => (format!("dropped, panicked {text}"), false),
            Err(Stop::Cancel) => ("dropped".to_owned(), false),
            Err(Stop::TooLong) => return None,
        };
        events.push(format!("polls {polls}"));
        events.append(&mut machine.events);
        events.push(end);
        events.push("live 0".to_owned());
        if is_done {
            break;
        }
    }
    Some(events)
}

enum Stop {
    Panic {
        text: String,
        /// The frame that it leaves has been dropped half-way.
        is_cancelled: bool,
    },
    /// The future is dropped.
    Cancel,
    TooLong,
}

enum Flow {
    Next,
    Break(Label),
    Continue(Label),
    Return,
}

/// The variables in sight. Deferred code keeps those of its statement.
type Env = Vec<(Var, Rc<Cell<i64>>)>;
/// The panic that a frame's deferred code may recover.
type InFlight = Rc<RefCell<Option<String>>>;

/// A call that is going on.
struct Frame {
    result: Rc<Cell<i64>>,
    /// Of the frame that deferred this one.
    recoverable: Option<InFlight>,
    waiting: Vec<Waiting>,
}

enum Waiting {
    Events(Vec<String>),
    Call(Fun, Vec<i64>),
    Show(i64, Rc<Cell<i64>>, i64),
    Bump(Rc<Cell<i64>>, i64),
    Code(Env, Body),
    CodeWhen(When, Env, Body),
    /// Code that cannot await.
    Literal(Env, Body),
}

struct Machine<'a> {
    program: &'a Program,
    events: Vec<String>,
    steps: usize,
    /// How many pauses there are before the future is dropped, if it is.
    pauses: Option<usize>,
    /// The code can await.
    is_async: bool,
}

impl<'a> Machine<'a> {
    fn new(program: &'a Program, pauses: Option<usize>) -> Self {
        Self { program, events: Vec::new(), steps: 0, pauses, is_async: program.is_async }
    }

    fn run(&mut self) -> Result<i64, Stop> {
        let args = vec![3; self.program.functions[0].params.len()];
        self.call(0, args)
    }

    /// Once the future has been dropped, each pause is the end of what awaits it.
    fn pause(&mut self) -> Result<(), Stop> {
        match (self.is_async, &mut self.pauses) {
            (true, Some(0)) => Err(Stop::Cancel),
            (true, Some(pauses)) => {
                *pauses -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn without_await<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let is_async = std::mem::take(&mut self.is_async);
        let value = run(self);
        self.is_async = is_async;
        value
    }

    fn event(&mut self, text: String) -> Result<(), Stop> {
        self.events.push(text);
        if self.events.len() > EVENTS { Err(Stop::TooLong) } else { Ok(()) }
    }

    fn call(&mut self, f: Fun, args: Vec<i64>) -> Result<i64, Stop> {
        let program = self.program;
        let function = &program.functions[f];
        let mut env: Env = function.params.iter().copied().zip(args.into_iter().map(cell)).collect();
        let result = cell(0);
        if let Some((v, n)) = function.result {
            result.set(n);
            env.push((v, Rc::clone(&result)));
        }
        self.frame(env, &function.body, result, None)
    }

    fn frame(
        &mut self,
        mut env: Env,
        body: &[Stmt],
        result: Rc<Cell<i64>>,
        recoverable: Option<InFlight>,
    ) -> Result<i64, Stop> {
        let mut frame = Frame { result, recoverable, waiting: Vec::new() };
        let mut ended = self.block(&mut frame, &mut env, body).map(|_| ());
        let in_flight: InFlight = Rc::default();
        let mut was_cancelled = false;
        loop {
            match ended {
                Ok(()) => {}
                Err(Stop::Panic { text, is_cancelled }) => {
                    *in_flight.borrow_mut() = Some(text);
                    was_cancelled |= is_cancelled;
                }
                Err(Stop::Cancel) => was_cancelled = true,
                Err(Stop::TooLong) => return Err(Stop::TooLong),
            }
            let Some(waiting) = frame.waiting.pop() else { break };
            ended = self.deferred(waiting, &in_flight, was_cancelled);
        }
        match in_flight.take() {
            Some(text) => Err(Stop::Panic { text, is_cancelled: was_cancelled }),
            None if was_cancelled => Err(Stop::Cancel),
            None => Ok(frame.result.get()),
        }
    }

    fn deferred(&mut self, waiting: Waiting, in_flight: &InFlight, was_cancelled: bool) -> Result<(), Stop> {
        match waiting {
            Waiting::Events(events) => {
                for text in events {
                    self.event(text)?;
                }
            }
            Waiting::Call(f, args) => {
                self.call(f, args)?;
            }
            Waiting::Show(tag, place, n) => self.event(format!("{tag} show {} {n}", place.get()))?,
            Waiting::Bump(place, n) => place.set((place.get() + n) % 1000),
            Waiting::CodeWhen(when, env, body) => {
                let panicked = in_flight.borrow().is_some();
                let runs = match when {
                    When::Panic => panicked,
                    When::Failure => panicked || was_cancelled,
                    When::Success => !panicked && !was_cancelled,
                };
                if runs {
                    self.frame(env, &body, cell(0), None)?;
                }
            }
            Waiting::Literal(env, body) => {
                let recoverable = Some(Rc::clone(in_flight));
                self.without_await(|machine| machine.frame(env, &body, cell(0), recoverable))?;
            }
            Waiting::Code(env, body) => {
                self.frame(env, &body, cell(0), Some(Rc::clone(in_flight)))?;
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
    ) -> Result<Result<(), Flow>, Stop> {
        Ok(match self.block(frame, env, body)? {
            Flow::Next => Ok(()),
            Flow::Continue(l) if l == label => Ok(()),
            Flow::Break(l) if l == label => Err(Flow::Next),
            flow => Err(flow),
        })
    }

    fn closure(&mut self, env: &mut Env, stmt: &Stmt) -> Result<(), Stop> {
        match stmt {
            Stmt::Closure(v, body) => {
                let run = |machine: &mut Self| machine.frame(env.clone(), body, cell(0), None);
                // Half of them are async blocks.
                let n = if v % 2 == 0 { run(self) } else { self.without_await(run) }?;
                env.push((*v, cell(n)));
            }
            Stmt::Twice(v, p, body) => {
                let mut sum = 0;
                for n in [1, 2] {
                    let mut env = env.clone();
                    env.push((*p, cell(n)));
                    sum += self.without_await(|machine| machine.frame(env, body, cell(0), None))?;
                }
                env.push((*v, cell(sum)));
            }
            _ => unreachable!("no closure"),
        }
        Ok(())
    }

    fn looped(&mut self, frame: &mut Frame, env: &mut Env, stmt: &Stmt) -> Result<Flow, Stop> {
        match stmt {
            Stmt::For(label, v, count, body) => {
                for n in 0..*count {
                    env.push((*v, cell(n)));
                    let turn = self.turn(frame, env, *label, body)?;
                    env.pop();
                    if let Err(flow) = turn {
                        return Ok(flow);
                    }
                }
            }
            Stmt::While(label, v, count, body) | Stmt::Loop(label, v, count, body) => {
                let turns = cell(0);
                env.push((*v, Rc::clone(&turns)));
                while turns.get() < *count {
                    turns.set(turns.get() + 1);
                    if let Err(flow) = self.turn(frame, env, *label, body)? {
                        return Ok(flow);
                    }
                }
            }
            _ => unreachable!("no loop"),
        }
        Ok(Flow::Next)
    }

    fn stmt(&mut self, frame: &mut Frame, env: &mut Env, stmt: &Stmt) -> Result<Flow, Stop> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(Stop::TooLong);
        }
        if matches!(stmt, Stmt::Log(..) | Stmt::Set(..)) {
            self.pause()?;
        }
        match stmt {
            Stmt::Log(tag, e) => {
                let n = self.expr(env, e)?;
                self.event(format!("{tag} {n}"))?;
            }
            Stmt::Let(v, e) | Stmt::Counter(v, e) => {
                let n = self.expr(env, e)?;
                env.push((*v, cell(n)));
            }
            Stmt::Bump(v, e) => {
                let n = self.expr(env, e)?;
                let place = find(env, *v);
                place.set((place.get() + n) % 1000);
            }
            Stmt::Block(label, body) => {
                return Ok(match self.block(frame, env, body)? {
                    Flow::Break(l) if l == *label => Flow::Next,
                    flow => flow,
                });
            }
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
                    env.push((*v, cell(n)));
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
                env.push((*v, cell(n)));
            }
            Stmt::Match(e, arms, rest) => {
                let n = self.expr(env, e)?;
                let arm = arms.iter().find(|(values, _)| values.contains(&n));
                return self.block(frame, env, arm.map_or(rest, |(_, body)| body));
            }
            Stmt::For(..) | Stmt::While(..) | Stmt::Loop(..) => return self.looped(frame, env, stmt),
            Stmt::Value(v, stmt) => {
                env.push((*v, cell(0)));
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
            Stmt::Return(e) => {
                if let Some(e) = e {
                    let n = self.expr(env, e)?;
                    frame.result.set(n);
                }
                return Ok(Flow::Return);
            }
            Stmt::Panic(tag) => return Err(Stop::Panic { text: format!("p{tag}"), is_cancelled: false }),
            Stmt::Closure(..) | Stmt::Twice(..) => self.closure(env, stmt)?,
            Stmt::Defer(deferred) => {
                let waiting = self.defer(env, deferred)?;
                frame.waiting.push(waiting);
            }
            Stmt::Recover(tag, body, again) => {
                let caught = frame.recoverable.as_ref().and_then(|in_flight| in_flight.take());
                if let Some(text) = caught {
                    self.event(format!("{tag} recovered {text}"))?;
                    let flow = self.block(frame, env, body)?;
                    return if *again && matches!(flow, Flow::Next) {
                        Err(Stop::Panic { text, is_cancelled: false })
                    } else {
                        Ok(flow)
                    };
                }
            }
        }
        Ok(Flow::Next)
    }

    fn defer(&mut self, env: &Env, deferred: &Deferred) -> Result<Waiting, Stop> {
        Ok(match deferred {
            Deferred::Log(tag, e) | Deferred::Print(tag, e) => {
                Waiting::Events(vec![format!("{tag} {}", self.expr(env, e)?)])
            }
            Deferred::Call(f, args) => Waiting::Call(*f, self.args(env, args)?),
            Deferred::Show(v, tag, e) => {
                let tag = i64::try_from(*tag).expect("small");
                Waiting::Show(tag, find(env, *v), self.expr(env, e)?)
            }
            Deferred::Bump(v, e) => Waiting::Bump(find(env, *v), self.expr(env, e)?),
            Deferred::Entered(tag, e) => {
                let n = self.expr(env, e)?;
                self.event(format!("{tag} enter {n}"))?;
                Waiting::Events(vec![format!("{tag} leave {n}")])
            }
            Deferred::Block(body) => Waiting::Code(env.clone(), body.clone()),
            Deferred::When(when, body) => Waiting::CodeWhen(*when, env.clone(), body.clone()),
            Deferred::Literal(v, e, body) => {
                let mut env = env.clone();
                let n = self.expr(&env, e)?;
                env.push((*v, cell(n)));
                Waiting::Literal(env, body.clone())
            }
        })
    }

    fn args(&mut self, env: &Env, args: &[Expr]) -> Result<Vec<i64>, Stop> {
        args.iter().map(|e| self.expr(env, e)).collect()
    }

    fn expr(&mut self, env: &Env, e: &Expr) -> Result<i64, Stop> {
        Ok(match e {
            Expr::Num(n) => *n,
            Expr::Var(v) => find(env, *v).get(),
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
                self.call(*f, args)?
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

fn cell(n: i64) -> Rc<Cell<i64>> {
    Rc::new(Cell::new(n))
}

fn find(env: &Env, v: Var) -> Rc<Cell<i64>> {
    let (_, place) = env.iter().rev().find(|(name, _)| *name == v).expect("a name in sight");
    Rc::clone(place)
}
