//! The language: what Go and Rust with `with_defer` have in common.

/// Index into [`Program::vars`].
pub(crate) type Var = usize;
/// Index into [`Program::functions`]; a function calls only later ones.
pub(crate) type Fun = usize;
/// Unique in a program.
pub(crate) type Label = usize;
/// Printed with every event, unique in a program.
pub(crate) type Tag = usize;
/// Statements in braces.
pub(crate) type Body = Vec<Stmt>;

/// Functions that call each other; the first is run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    /// The functions.
    pub(crate) functions: Vec<Function>,
    /// Every variable.
    pub(crate) vars: Vec<VarInfo>,
    /// Whether Rust runs it as async functions, too.
    pub(crate) has_twin: bool,
}

/// A variable. Rust shadows: two may share a name.
#[derive(Clone, Debug)]
pub(crate) struct VarInfo {
    /// The name in Rust.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number.
    Int,
    /// A number that counts turns of a loop: nothing else assigns it.
    Turns,
    /// A value with an owner, methods and a destructor; in Go a pointer.
    Counter,
    /// A named result: a reference in Rust.
    Result,
    /// A named result that may be an error; in Go two variables.
    Outcome,
}

/// `fn f(params) -> i64 { body }`, or `-> Outcome`
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Parameters.
    pub(crate) params: Vec<Var>,
    /// Whether it returns an `Outcome`.
    pub(crate) fallible: bool,
    /// The named result and what it holds at first.
    pub(crate) result: Option<(Var, i64)>,
    /// Ends in a `return`.
    pub(crate) body: Body,
}

/// A number. Nothing in an expression changes a variable, so its order is defined in Go too.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// `5`
    Num(i64),
    /// `a`, `c.value`, `*result` or `peek(result)`
    Var(Var),
    /// `a + b`
    Add(Box<Expr>, Box<Expr>),
    /// `a - b`
    Sub(Box<Expr>, Box<Expr>),
    /// `a % 3`
    Rem(Box<Expr>, i64),
    /// `seen(tag, a)`: prints and returns `a`.
    Seen(Tag, Box<Expr>),
    /// `f(a, b)`, or `value(f(a, b))` of an `Outcome`
    Call(Fun, Vec<Expr>),
    /// `Counter::new(1)`, an argument
    New(Box<Expr>),
    /// `c`, an argument: the last that happens to this counter
    Move(Var),
}

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Cond {
    /// `a < b`
    Less(Expr, Expr),
    /// `a % 2 == 0`
    Even(Expr),
    /// `a && b`
    And(Box<Cond>, Box<Cond>),
    /// `a || b`
    Or(Box<Cond>, Box<Cond>),
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) enum Stmt {
    /// Prints.
    Log(Tag, Expr),
    /// `let mut a = 1;`
    Let(Var, Expr),
    /// `let mut c = Counter::new(1);`
    Counter(Var, Expr),
    /// `a = 1;`, or `*result = Ok(1);`
    Set(Var, Expr),
    /// `*result = Err(fail(tag));`
    Fail(Var, Tag),
    /// `c.add(1)`, or `bump(&mut a, 1)`
    Bump(Var, Expr),
    /// `consume(tag, c)`
    Consume(Tag, Expr),
    /// `pause().await;` where that may stand
    Pause,
    /// `let mut a: i64 = f(b)?;`
    Try(Var, Fun, Vec<Expr>),
    /// `{ … }`, with a label that `break` may name.
    Block(Label, Body),
    /// `if a { … } else { … }`
    If(Cond, Body, Option<Body>),
    /// `if let Some(a) = positive(1) { … } else { … }`
    IfLet(Var, Expr, Body, Option<Body>),
    /// `let Some(a) = positive(1) else { … };` whose block ends in a jump.
    LetElse(Var, Expr, Body),
    /// `match a { 0 | 1 => { … } _ => { … } }`
    Match(Expr, Vec<(Vec<i64>, Body)>, Body),
    /// `for a in 0..3 { … }`
    For(Label, Var, i64, Body),
    /// `let mut a = 0; while a < 3 { a += 1; … }`
    While(Label, Var, i64, Body),
    /// `let mut a = 0; loop { if a == 3 { break; } a += 1; … }`
    Loop(Label, Var, i64, Body),
    /// `#[defer_scope]` on one of these four
    Scope(Box<Stmt>),
    /// `break`
    Break(Label),
    /// `continue`
    Continue(Label),
    /// `return`, with a value in functions and closures, or without where the result has a name, and in deferred blocks.
    Return(Option<Expr>),
    /// `return Err(fail(tag))`
    ReturnErr(Tag),
    /// `panic!("p1")`
    Panic(Tag),
    /// `let mut a: i64 = if b { …; 1 } else { …; 2 };`, or of another statement with blocks.
    Value(Var, Box<Stmt>),
    /// The `1` above, and the variable that gets it.
    Yield(Var, Expr),
    /// `break 'l 1`
    BreakWith(Label, Var, Expr),
    /// `let a = (|| -> i64 { … })();`, or of an `Outcome`, whose block ends in a `return`.
    Closure(Var, bool, Body),
    /// `let a = { let mut call = |b: i64| -> i64 { … }; call(1) + call(2) };`
    Twice(Var, Var, Body),
    /// `defer!`
    Defer(Deferred),
    /// `if let Some(panic) = recover!() { … }`, which may end in a new panic with the same payload.
    Recover(Tag, Body, bool),
}

/// Where a labelled jump may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A block.
    Block,
    /// A block with a value for this variable.
    Value(Var),
    /// A loop.
    Loop,
}

/// When deferred code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// `defer_on_failure!`
    Failure,
    /// `defer_on_success!`
    Success,
    /// `defer_on_panic!`
    Panic,
}

/// What waits.
#[derive(Clone, Debug)]
pub(crate) enum Deferred {
    /// `defer!(log(tag, a))`
    Log(Tag, Expr),
    /// `defer!(println!("{} {}", tag, a))`
    Print(Tag, Expr),
    /// `defer!(f(a))`
    Call(Fun, Vec<Expr>),
    /// `defer!(f(a)?)`
    Try(Fun, Vec<Expr>),
    /// `defer!(log(tag, f(a)?))`, where the `?` is not deferred
    LogTry(Tag, Fun, Vec<Expr>),
    /// `defer!(consume(tag, c))`
    Consume(Tag, Expr),
    /// `defer!(show(&seen(tag, a), tag, b))`
    ShowTemporary(Tag, Expr, Expr),
    /// `defer!(c.show(tag, a))`, or `defer!(show(&a, tag, a))`
    Show(Var, Tag, Expr),
    /// `defer!(c.add(a))`, or `defer!(bump(&mut a, b))`
    Bump(Var, Expr),
    /// `defer!(enter(tag, a)())`
    Entered(Tag, Expr),
    /// `defer! { … }`
    Block(Body),
    /// `defer_on_panic! { … }`
    When(When, Body),
    /// `defer_on_panic!(log(tag, a))`
    LogWhen(When, Tag, Expr),
    /// `defer!((|a: i64| { … })(b))`
    Literal(Var, Expr, Body),
}

impl Stmt {
    /// The blocks in it.
    pub(crate) fn bodies(&self) -> Vec<&Body> {
        match self {
            Self::Block(_, body)
            | Self::LetElse(_, _, body)
            | Self::For(_, _, _, body)
            | Self::While(_, _, _, body)
            | Self::Loop(_, _, _, body)
            | Self::Closure(_, _, body)
            | Self::Twice(_, _, body)
            | Self::Recover(_, body, _)
            | Self::Defer(Deferred::Block(body) | Deferred::Literal(_, _, body) | Deferred::When(_, body)) => {
                vec![body]
            }
            Self::If(_, yes, no) | Self::IfLet(_, _, yes, no) => [yes].into_iter().chain(no).collect(),
            Self::Match(_, arms, rest) => arms.iter().map(|(_, body)| body).chain([rest]).collect(),
            Self::Value(_, stmt) | Self::Scope(stmt) => stmt.bodies(),
            _ => Vec::new(),
        }
    }

    /// The blocks in it.
    pub(crate) fn bodies_mut(&mut self) -> Vec<&mut Body> {
        match self {
            Self::Block(_, body)
            | Self::LetElse(_, _, body)
            | Self::For(_, _, _, body)
            | Self::While(_, _, _, body)
            | Self::Loop(_, _, _, body)
            | Self::Closure(_, _, body)
            | Self::Twice(_, _, body)
            | Self::Recover(_, body, _)
            | Self::Defer(Deferred::Block(body) | Deferred::Literal(_, _, body) | Deferred::When(_, body)) => {
                vec![body]
            }
            Self::If(_, yes, no) | Self::IfLet(_, _, yes, no) => [yes].into_iter().chain(no).collect(),
            Self::Match(_, arms, rest) => arms.iter_mut().map(|(_, body)| body).chain([rest]).collect(),
            Self::Value(_, stmt) | Self::Scope(stmt) => stmt.bodies_mut(),
            _ => Vec::new(),
        }
    }

    /// The expressions in it, but not in its blocks.
    pub(crate) fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Log(_, e)
            | Self::Let(_, e)
            | Self::Counter(_, e)
            | Self::Set(_, e)
            | Self::Bump(_, e)
            | Self::Consume(_, e)
            | Self::IfLet(_, e, _, _)
            | Self::LetElse(_, e, _)
            | Self::Match(e, _, _)
            | Self::Yield(_, e)
            | Self::BreakWith(_, _, e)
            | Self::Return(Some(e)) => vec![e],
            Self::If(c, _, _) => c.exprs_mut(),
            Self::Try(_, _, args) => args.iter_mut().collect(),
            Self::Value(_, stmt) | Self::Scope(stmt) => stmt.exprs_mut(),
            Self::Defer(deferred) => match deferred {
                Deferred::Log(_, e)
                | Deferred::Print(_, e)
                | Deferred::Show(_, _, e)
                | Deferred::Bump(_, e)
                | Deferred::Entered(_, e)
                | Deferred::Consume(_, e)
                | Deferred::LogWhen(_, _, e)
                | Deferred::Literal(_, e, _) => vec![e],
                Deferred::ShowTemporary(_, place, e) => vec![place, e],
                Deferred::Call(_, args) | Deferred::Try(_, args) | Deferred::LogTry(_, _, args) => {
                    args.iter_mut().collect()
                }
                Deferred::Block(_) | Deferred::When(..) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Whether `let v = (|| { … })();` is an `async` block where that may stand.
    pub(crate) fn is_async_closure(v: Var) -> bool {
        v % 2 == 0
    }

    /// The label that a `break` in `body` names.
    pub(crate) fn names(body: &[Stmt], label: Label) -> bool {
        body.iter().any(|stmt| match stmt {
            Self::Break(l) | Self::Continue(l) | Self::BreakWith(l, _, _) => *l == label,
            _ => stmt.bodies().into_iter().any(|body| Self::names(body, label)),
        })
    }
}

impl Expr {
    /// It, and the expressions in it.
    pub(crate) fn each_mut(&mut self, each: &mut impl FnMut(&mut Self)) {
        each(self);
        match self {
            Self::Num(_) | Self::Var(_) | Self::Move(_) => {}
            Self::Add(a, b) | Self::Sub(a, b) => {
                a.each_mut(each);
                b.each_mut(each);
            }
            Self::Rem(a, _) | Self::Seen(_, a) | Self::New(a) => a.each_mut(each),
            Self::Call(_, args) => args.iter_mut().for_each(|e| e.each_mut(each)),
        }
    }
}

impl Cond {
    fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Less(a, b) => vec![a, b],
            Self::Even(a) => vec![a],
            Self::And(a, b) | Self::Or(a, b) => {
                [a.exprs_mut(), b.exprs_mut()].into_iter().flatten().collect()
            }
        }
    }
}

// What a search has tried.

impl Stmt {
    /// What it is.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Log(..) => "log",
            Self::Let(..) => "let",
            Self::Counter(..) => "counter",
            Self::Set(..) => "assignment",
            Self::Fail(..) => "assignment of an error",
            Self::Bump(..) => "change through an address",
            Self::Consume(_, Expr::Move(_)) => "move",
            Self::Consume(..) => "temporary",
            Self::Pause => "await",
            Self::Try(..) => "`?`",
            Self::Block(..) => "block",
            Self::If(..) => "if",
            Self::IfLet(..) => "if let",
            Self::LetElse(..) => "let else",
            Self::Match(..) => "match",
            Self::For(..) => "for",
            Self::While(..) => "while",
            Self::Loop(..) => "loop",
            Self::Scope(_) => "scope",
            Self::Break(_) => "break",
            Self::Continue(_) => "continue",
            Self::Return(None) => "return without a value",
            Self::Return(Some(_)) => "return",
            Self::ReturnErr(_) => "return of an error",
            Self::Panic(_) => "panic",
            Self::Value(..) => "value of a block",
            Self::Yield(..) => "end of a block",
            Self::BreakWith(..) => "break with a value",
            Self::Closure(..) => "closure",
            Self::Twice(..) => "closure called twice",
            Self::Defer(_) => "defer",
            Self::Recover(_, _, false) => "recover",
            Self::Recover(_, _, true) => "recover and panic again",
        }
    }
}

impl Deferred {
    /// What it is.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Log(..) => "deferred log",
            Self::Print(..) => "deferred print",
            Self::Call(..) => "deferred call",
            Self::Try(..) => "deferred call with `?`",
            Self::LogTry(..) => "deferred call of an argument with `?`",
            Self::Consume(_, Expr::Move(_)) => "deferred call that takes a variable",
            Self::Consume(..) => "deferred call that takes a temporary",
            Self::Show(..) => "deferred call that reads an address",
            Self::ShowTemporary(..) => "deferred call that reads a temporary",
            Self::Bump(..) => "deferred call that changes an address",
            Self::Entered(..) => "deferred call of a callee that is called now",
            Self::Block(_) => "deferred block",
            Self::When(..) => "conditional deferred block",
            Self::LogWhen(..) => "conditional deferred call",
            Self::Literal(..) => "deferred closure",
        }
    }

    pub(crate) fn form(&self) -> &'static str {
        match self {
            Self::Block(_) | Self::When(..) | Self::Literal(..) => "block form",
            _ => "call form",
        }
    }
}
