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
    /// Whether the Rust functions are `async`, which must change nothing.
    pub(crate) is_async: bool,
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
    /// A value with methods and a destructor; in Go a pointer.
    Counter,
    /// A named result: a reference in Rust.
    Result,
}

/// `fn f(params) -> i64 { body }`
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Parameters.
    pub(crate) params: Vec<Var>,
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
    /// `a`, `c.value` or `*result`
    Var(Var),
    /// `a + b`
    Add(Box<Expr>, Box<Expr>),
    /// `a - b`
    Sub(Box<Expr>, Box<Expr>),
    /// `a % 3`
    Rem(Box<Expr>, i64),
    /// `seen(tag, a)`: prints and returns `a`.
    Seen(Tag, Box<Expr>),
    /// `f(a, b)`
    Call(Fun, Vec<Expr>),
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
    /// `a = 1;`
    Set(Var, Expr),
    /// `c.add(1)`, or `bump(&mut a, 1)`
    Bump(Var, Expr),
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
    /// `break`
    Break(Label),
    /// `continue`
    Continue(Label),
    /// `return`, with a value in functions and closures, or without where the result has a name, and in deferred blocks.
    Return(Option<Expr>),
    /// `panic!("p1")`
    Panic(Tag),
    /// `let mut a: i64 = if b { …; 1 } else { …; 2 };`, or of another statement with blocks.
    Value(Var, Box<Stmt>),
    /// The `1` above, and the variable that gets it.
    Yield(Var, Expr),
    /// `break 'l 1`
    BreakWith(Label, Var, Expr),
    /// `let a = (|| -> i64 { … })();`, whose block ends in a `return`.
    Closure(Var, Body),
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
    /// `defer_on_failure!`, where only a panic is one.
    Failure,
    /// `defer_on_success!`, where only a panic is none.
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
            | Self::Closure(_, body)
            | Self::Twice(_, _, body)
            | Self::Recover(_, body, _)
            | Self::Defer(Deferred::Block(body) | Deferred::Literal(_, _, body) | Deferred::When(_, body)) => {
                vec![body]
            }
            Self::If(_, yes, no) | Self::IfLet(_, _, yes, no) => [yes].into_iter().chain(no).collect(),
            Self::Match(_, arms, rest) => arms.iter().map(|(_, body)| body).chain([rest]).collect(),
            Self::Value(_, stmt) => stmt.bodies(),
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
            | Self::Closure(_, body)
            | Self::Twice(_, _, body)
            | Self::Recover(_, body, _)
            | Self::Defer(Deferred::Block(body) | Deferred::Literal(_, _, body) | Deferred::When(_, body)) => {
                vec![body]
            }
            Self::If(_, yes, no) | Self::IfLet(_, _, yes, no) => [yes].into_iter().chain(no).collect(),
            Self::Match(_, arms, rest) => arms.iter_mut().map(|(_, body)| body).chain([rest]).collect(),
            Self::Value(_, stmt) => stmt.bodies_mut(),
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
            | Self::IfLet(_, e, _, _)
            | Self::LetElse(_, e, _)
            | Self::Match(e, _, _)
            | Self::Yield(_, e)
            | Self::BreakWith(_, _, e)
            | Self::Return(Some(e)) => vec![e],
            Self::If(c, _, _) => c.exprs_mut(),
            Self::Value(_, stmt) => stmt.exprs_mut(),
            Self::Defer(deferred) => match deferred {
                Deferred::Log(_, e)
                | Deferred::Print(_, e)
                | Deferred::Show(_, _, e)
                | Deferred::Bump(_, e)
                | Deferred::Entered(_, e)
                | Deferred::Literal(_, e, _) => vec![e],
                Deferred::Call(_, args) => args.iter_mut().collect(),
                Deferred::Block(_) | Deferred::When(..) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The label that a `break` in `body` names.
    pub(crate) fn names(body: &[Stmt], label: Label) -> bool {
        body.iter().any(|stmt| match stmt {
            Self::Break(l) | Self::Continue(l) | Self::BreakWith(l, _, _) => *l == label,
            _ => stmt.bodies().into_iter().any(|body| Self::names(body, label)),
        })
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
