//! What the parser finds in a function body: the user's own tokens, with the places marked that matter to us.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// The inside of a brace group that holds statements, or an expression that stands where a block could.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The braces; `None` for the bare expression of a match arm or closure.
    pub(crate) group: Option<Group>,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) role: Role,
    /// Attributes of the match arm that it belongs to.
    pub(crate) attrs: Vec<TokenTree>,
    /// The names that the block's head binds: patterns of `for`, `if let`, `while let` and match arms.
    pub(crate) binds: Vec<Ident>,
    pub(crate) label: Option<Ident>,
    /// `#[defer_scope]` stands on it.
    pub(crate) scope: Option<Span>,
    pub(crate) close: Span,
}

/// What kind of expression a block belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A block of its own: plain or labelled.
    Plain,
    /// `unsafe { … }`.
    Unsafe,
    /// The body of a `for`, `while` or `loop`.
    Loop,
    /// A branch of an `if` whose condition has no `let`.
    Branch,
    /// A branch of an `if let`, or a match arm.
    Arm,
    /// The `else` of a `let`, which never comes to its end.
    LetElse,
    /// The body of a function, closure or async block.
    Body,
}

/// A statement.
#[derive(Debug, Clone)]
pub(crate) struct Stmt {
    /// The statement as it was written.
    pub(crate) tokens: Vec<TokenTree>,
    /// The attributes in front of it, but for `#[defer_scope]`.
    pub(crate) attrs: Vec<TokenTree>,
    pub(crate) kind: StmtKind,
    /// All of it, attributes included.
    pub(crate) nodes: Vec<Node>,
    /// A `;` ends it.
    pub(crate) semi: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum StmtKind {
    /// `let`, with the names that it binds.
    Let { binds: Vec<Ident>, init: bool },
    /// An item; what stands behind a `macro_rules!` may depend on it.
    Item { macro_rules: bool },
    /// An expression, with or without `;`.
    Expr,
}

/// A piece of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Nothing of interest: a token, or a group with nothing of interest in it.
    Token(TokenTree),
    /// Parentheses, brackets, or the braces of a `match` or struct literal.
    Group(Group, Vec<Node>),
    Block(Block),
    Frame(Frame),
    Site(Site),
    /// The arguments of somebody else's macro, where only a `recover!` can be seen.
    Macro(Macro),
    Recover(Recover),
    /// The `?` operator.
    Try(TokenTree),
    /// The `await` of `.await`.
    Await(Ident),
    Jump(Jump),
    /// `#[defer_scope]` on something that is no block or loop.
    StrayScope(Span),
}

/// A closure or async block: a function of its own.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// All that stands before the body.
    pub(crate) head: Vec<TokenTree>,
    /// The type behind `->`.
    pub(crate) output: Option<TokenStream>,
    pub(crate) is_async: bool,
    pub(crate) body: Block,
}

/// An invocation of `defer!` or one of its sisters.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The path, and the `!`.
    pub(crate) path: Vec<TokenTree>,
    /// The last segment of the path.
    pub(crate) keyword: Ident,
    pub(crate) when: When,
    /// The arguments.
    pub(crate) group: Group,
    /// What stands behind it, as if it had a value.
    pub(crate) operator: Option<TokenTree>,
}

impl Site {
    /// Where glue stands: at the `!`, because editors look for definitions at the keyword.
    pub(crate) fn at(&self) -> Span {
        self.path.last().map_or_else(|| self.keyword.span(), TokenTree::span)
    }
}

/// On which exits a deferred statement runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    Failure,
    Success,
    Panic,
}

impl When {
    const ALL: [(&'static str, Self); 4] = [
        ("defer", Self::Always),
        ("defer_on_failure", Self::Failure),
        ("defer_on_success", Self::Success),
        ("defer_on_panic", Self::Panic),
    ];

    /// The statement macro of this name.
    pub(crate) fn of(keyword: &Ident) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| keyword == name).map(|(_, when)| *when)
    }

    /// The same.
    pub(crate) fn named(keyword: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| keyword == *name).map(|(_, when)| *when)
    }

    pub(crate) fn keyword(self) -> &'static str {
        Self::ALL.iter().find(|(_, when)| *when == self).map_or("defer", |(name, _)| name)
    }
}

/// An invocation of `recover!`.
#[derive(Debug, Clone)]
pub(crate) struct Recover {
    /// The path, and the `!`.
    pub(crate) path: Vec<TokenTree>,
    pub(crate) keyword: Ident,
    pub(crate) group: Group,
}

/// An invocation of a macro that is not ours.
#[derive(Debug, Clone)]
pub(crate) struct Macro {
    /// The path, and the `!`.
    pub(crate) path: Vec<TokenTree>,
    /// It awaits what is in it.
    pub(crate) hides_await: bool,
    pub(crate) group: Group,
    pub(crate) nodes: Vec<Node>,
}

/// `return`, `break` or `continue`.
#[derive(Debug, Clone)]
pub(crate) struct Jump {
    pub(crate) keyword: Ident,
    /// The `'` and the name.
    pub(crate) label: Option<(TokenTree, Ident)>,
    pub(crate) value: Vec<Node>,
}

impl Stmt {
    /// The deferred statement, if the statement is one.
    pub(crate) fn site(&self) -> Option<&Site> {
        let mut rest = self.nodes.iter().filter(|node| !matches!(node, Node::Token(_)));
        match (&self.kind, rest.next(), rest.next()) {
            (StmtKind::Expr, Some(Node::Site(site)), None) => {
                let own = self.attrs.len() + 1 + usize::from(self.semi);
                (self.nodes.len() == own).then_some(site)
            }
            _ => None,
        }
    }

    /// Whether a deferred statement of the same frame stands somewhere in it.
    pub(crate) fn has_own_site(&self) -> bool {
        self.nodes.iter().any(Node::has_own_site)
    }

    /// Whether nothing behind it is ever reached, as far as its first word says.
    pub(crate) fn never_ends(&self) -> bool {
        // A `#[cfg]` may take it away.
        if !matches!(self.kind, StmtKind::Expr) || !self.attrs.is_empty() {
            return false;
        }
        let panics = |name: &TokenTree| {
            let panicking = ["panic", "unreachable", "todo", "unimplemented"];
            matches!(name, TokenTree::Ident(name) if panicking.iter().any(|panicking| name == panicking))
        };
        match self.nodes.as_slice() {
            [Node::Jump(_)] | [Node::Jump(_), Node::Token(_)] => true,
            [Node::Macro(invocation), ..] => {
                invocation.path.len() == 2 && invocation.path.first().is_some_and(panics)
            }
            [Node::Token(TokenTree::Ident(word)), ..] if word == "loop" => {
                // There may be one in a macro.
                !contains(&self.tokens, &|token| match token {
                    TokenTree::Ident(word) => word == "break",
                    TokenTree::Punct(punct) => punct.as_char() == '!',
                    _ => false,
                })
            }
            nodes => {
                let is_path = |node: &&Node| match node {
                    Node::Token(TokenTree::Ident(_)) => true,
                    Node::Token(TokenTree::Punct(colon)) => colon.as_char() == ':',
                    _ => false,
                };
                let path = nodes.iter().take_while(is_path).count();
                match (nodes.get(path.wrapping_sub(1)), nodes.get(path)) {
                    (Some(Node::Token(name)), Some(Node::Token(TokenTree::Punct(bang)))) => {
                        // Behind a path it may be another macro of that name.
                        bang.as_char() == '!' && path == 1 && panics(name)
                    }
                    _ => false,
                }
            }
        }
    }

    /// Whether it can be the value of its block, if it is the last one.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self.kind, StmtKind::Expr) && !self.semi
    }
}

fn contains(tokens: &[TokenTree], is_it: &impl Fn(&TokenTree) -> bool) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Group(group) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            contains(&inner, is_it)
        }
        token => is_it(token),
    })
}

impl Node {
    /// Whether a deferred statement of the same frame stands somewhere in it.
    pub(crate) fn has_own_site(&self) -> bool {
        match self {
            Node::Site(_) => true,
            Node::Group(_, nodes) => nodes.iter().any(Node::has_own_site),
            Node::Block(block) => block.scope.is_none() && block.has_own_site(),
            Node::Jump(jump) => jump.value.iter().any(Node::has_own_site),
            _ => false,
        }
    }

    /// Whether there may be a `return` in it. One in a deferred statement or a frame is not the block's.
    fn returns(&self) -> bool {
        let is_return = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "return");
        match self {
            Node::Token(token) => contains(std::slice::from_ref(token), &is_return),
            Node::Group(_, nodes) => nodes.iter().any(Node::returns),
            Node::Block(block) => block.stmts.iter().any(|stmt| stmt.nodes.iter().any(Node::returns)),
            Node::Jump(jump) => {
                is_return(&jump.keyword.clone().into()) || jump.value.iter().any(Node::returns)
            }
            Node::Macro(invocation) => contains(&[invocation.group.clone().into()], &is_return),
            Node::Frame(_)
            | Node::Site(_)
            | Node::Recover(_)
            | Node::Try(_)
            | Node::Await(_)
            | Node::StrayScope(_) => false,
        }
    }

    /// Whether a deferred statement stands somewhere in it, at whatever depth.
    pub(crate) fn has_site(&self) -> bool {
        match self {
            Node::Site(_) => true,
            Node::Group(_, nodes) => nodes.iter().any(Node::has_site),
            Node::Block(block) => block.has_site(),
            Node::Frame(frame) => frame.body.has_site(),
            Node::Jump(jump) => jump.value.iter().any(Node::has_site),
            Node::Token(_)
            | Node::Macro(_)
            | Node::Recover(_)
            | Node::Try(_)
            | Node::Await(_)
            | Node::StrayScope(_) => false,
        }
    }
}

impl Block {
    /// Whether a deferred statement of the same frame, or of the block's own scope, stands somewhere in it.
    pub(crate) fn has_own_site(&self) -> bool {
        self.stmts.iter().any(Stmt::has_own_site)
    }

    /// Whether neither its end nor a `return` gives it a value.
    pub(crate) fn has_no_value(&self) -> bool {
        let ends_with_value = self.stmts.last().is_some_and(|stmt| stmt.is_value() && !stmt.never_ends());
        !ends_with_value && !self.stmts.iter().any(|stmt| stmt.nodes.iter().any(Node::returns))
    }

    /// Whether a deferred statement stands somewhere in it, at whatever depth.
    pub(crate) fn has_site(&self) -> bool {
        self.scope.is_some() || self.stmts.iter().any(|stmt| stmt.nodes.iter().any(Node::has_site))
    }
}
