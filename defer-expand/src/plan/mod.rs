//! What the expansion will be, as plain data that prints.
//!
//! A **frame** is a function body, closure or deferred block that owns deferred statements. Its body is a list of
//! **segments**. A **site** is one deferred statement. A *direct* one ends a segment: a **guard** runs the segments
//! behind it and catches; then the deferred code runs. A *nested* one, in an inner block, puts a **record** of what it
//! owns into a **store**, and the deferred code takes it from there when the guard is done.

mod awaits;
mod build;
mod call;
mod display;
pub(crate) mod mentions;
mod nested;
mod order;
mod signature;
mod variables;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

use self::mentions::Mentions;
use crate::parse::outline::When;

pub(crate) use self::build::function;

/// A function with the attribute.
pub(crate) struct Function {
    pub(crate) head: TokenStream,
    /// The path of the facade, if it is not `::with_defer`.
    pub(crate) krate: Option<TokenStream>,
    pub(crate) frame: Frame,
    /// The stores of all frames of the function.
    pub(crate) stores: Vec<Store>,
}

/// A function body, closure or deferred block that owns deferred statements.
pub(crate) struct Frame {
    pub(crate) returns: Returns,
    /// Something is awaited in it behind a deferred statement, or by one: it can be cancelled then.
    pub(crate) is_async: bool,
    /// Where the result waits, if deferred code may see it.
    pub(crate) slot: Option<Slot>,
    /// Items at its start, which stay in front of glue.
    pub(crate) items: Vec<Code>,
    pub(crate) body: Body,
    /// Where errors that concern the frame's result point.
    pub(crate) at: Span,
}

/// How glue names the type that a frame returns.
#[derive(Clone)]
pub(crate) enum Returns {
    /// As its author wrote it, but for `impl Trait`, which is inferred.
    Written(TokenStream),
    /// Nobody has written it: a closure without `->`.
    Inferred,
    /// `impl Fn(…)`: inferred, with the bound as a hint.
    Hinted(Hint),
    /// A deferred block returns nothing,
    Unit,
    /// or, with `?` in it, the failure that becomes the function's.
    Attempt,
}

/// The bound of `-> impl Fn(…)`, so that the closure that is returned knows its signature.
#[derive(Clone)]
pub(crate) struct Hint {
    /// The bound, with parameters in place of the types that name no lifetime.
    pub(crate) bound: TokenStream,
    pub(crate) params: Vec<HintParam>,
    /// What the parameters stand for.
    pub(crate) args: Vec<TokenStream>,
}

/// A type parameter of a [`Hint`].
#[derive(Clone)]
pub(crate) struct HintParam {
    pub(crate) name: Ident,
    /// It stands behind `&`, and may stand for `str`.
    pub(crate) is_behind_reference: bool,
}

/// The result of a frame whose deferred code names it or recovers.
pub(crate) struct Slot {
    pub(crate) named: Option<Named>,
}

/// The name of the result.
pub(crate) struct Named {
    pub(crate) pattern: TokenStream,
    /// The names in the pattern.
    pub(crate) names: Vec<Ident>,
    /// The slot lends the result to scopes, and the names are bound again behind each.
    pub(crate) is_lent: bool,
    /// `None`: `Default::default()`.
    pub(crate) initial: Option<TokenStream>,
}

/// The statements of a frame, or of a block at its end.
pub(crate) struct Body {
    /// Each but the last ends with a deferral.
    pub(crate) segments: Vec<Segment>,
    /// The closing brace of the user's block: its edition is the edition of the statements.
    pub(crate) close: Span,
}

/// Statements up to the next deferral.
#[derive(Default)]
pub(crate) struct Segment {
    /// Bind the name of the result, which the statements mention.
    pub(crate) binds_result: bool,
    /// References that the statements move along, to be owned by the segment.
    pub(crate) rebinds: Vec<Ident>,
    /// References that the statements look into with a pattern, to be owned by the segment too.
    pub(crate) owns: Vec<Ident>,
    pub(crate) code: Vec<Code>,
    /// The rest assigns to a variable that deferred code reads: what is written last is not the only value that counts.
    pub(crate) is_watched: bool,
    pub(crate) awaits: Awaits,
    /// What ends it.
    pub(crate) deferral: Option<Deferral>,
}

/// What is awaited from a deferred statement on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Awaits {
    /// Nothing.
    #[default]
    Nothing,
    /// Something in the deferred code only.
    Deferred,
    /// Something in the rest, so that its guard is a future.
    Rest,
}

impl Awaits {
    pub(crate) fn of(rest: bool, deferred: bool) -> Self {
        match (rest, deferred) {
            (true, _) => Self::Rest,
            (false, true) => Self::Deferred,
            (false, false) => Self::Nothing,
        }
    }
}

/// What runs behind the guard of the segments that follow.
pub(crate) enum Deferral {
    /// Deferred statements with nothing between them share a guard.
    Direct(Vec<Site>),
    /// The records that the next statement stores, from first to last.
    Nested(Vec<StoreId>),
}

/// A store of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoreId(pub(crate) usize);

/// A kind of record, in its store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootId {
    pub(crate) store: StoreId,
    pub(crate) root: usize,
}

/// Where records wait.
pub(crate) struct Store {
    pub(crate) shape: Shape,
    /// The kinds of records in it.
    pub(crate) roots: Vec<Root>,
    pub(crate) at: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One record, or none.
    Slot,
    /// Under a loop: any number.
    Stack,
}

/// A kind of record, and what it is for.
pub(crate) struct Root {
    /// The variables that it owns.
    pub(crate) owns: Vec<Owned>,
    pub(crate) kind: RootKind,
    /// What must be configured for one to be made.
    pub(crate) cfg: Option<TokenStream>,
}

/// What a record belongs to.
pub(crate) enum RootKind {
    /// One deferred statement, whose values it owns too.
    Site(Box<Site>),
    /// A turn of an inner block: the stores of the deferred statements in it, which share its variables.
    Turn(Vec<StoreId>),
    /// Being planned.
    Planned,
}

/// A variable of an inner block that passes to deferred code when the block is left.
#[derive(Debug, Clone)]
pub(crate) struct Owned {
    /// As the pattern that declares it spells it.
    pub(crate) name: Ident,
    /// Where deferred code names it.
    pub(crate) at: Span,
    /// Whether it is `mut`, if that is known.
    pub(crate) is_mut: Option<bool>,
}

/// The rest of an inner block, behind which its variables are still there.
pub(crate) struct Rest {
    pub(crate) code: Vec<Code>,
    pub(crate) close: Span,
    /// The jumps that leave it.
    pub(crate) exits: Vec<Exit>,
    /// It never comes to its end.
    pub(crate) diverges: bool,
    /// What it comes to its end with is the value of the frame.
    pub(crate) is_value: bool,
    /// Variables from outside that it moves away and assigns anew: it owns them, and hands them back.
    pub(crate) carries: Vec<Ident>,
    /// It assigns to a variable that deferred code reads.
    pub(crate) is_watched: bool,
    pub(crate) awaits: Awaits,
    /// The names of the frame's result, if scopes in it are lent that: it binds them itself, and what surrounds it again.
    pub(crate) lent: Vec<Ident>,
    pub(crate) at: Span,
}

/// A `break` or `continue` that leaves the rest of a block, or a `return;` of the named result.
pub(crate) struct Exit {
    pub(crate) has_value: bool,
    pub(crate) is_return: bool,
    /// The variables that are handed back: all that the rest carries, or those that a value to be returned is made of.
    pub(crate) carries: Vec<Ident>,
    /// The same jump, from behind the rest of the block.
    pub(crate) jump: Vec<Code>,
}

/// A block or loop turn with `#[defer_scope]`.
pub(crate) struct Scope {
    pub(crate) rest: Rest,
    pub(crate) stores: Vec<StoreId>,
    /// Deferred code in it recovers, so that its value may be missing.
    pub(crate) recovers: bool,
    /// The frame has a named result, which deferred code in the scope may see, or which it returns.
    pub(crate) sees_result: bool,
    /// The names of that result that nothing hides around the scope.
    pub(crate) result: Vec<Ident>,
}

/// A piece of a statement.
pub(crate) enum Code {
    /// As the user wrote it.
    Token(TokenTree),
    /// A group with something rewritten in it.
    Group(Group, Vec<Code>),
    /// A block at the end of a frame, with sites that count as the frame's own.
    Body(Group, Body),
    /// A closure that defers: what stands before its body, and the frame.
    Frame(Vec<TokenTree>, Box<Frame>),
    /// A value that was taken at the statement.
    Taken(Taken),
    /// A closure literal that is called on the spot.
    Callee(Span, Vec<Code>),
    /// A closure literal that an async frame returns. An async block does not pass on to its final expression what is
    /// known of its type.
    Closure(Span, Vec<Code>),
    /// `recover!()`: the path and the `!`.
    Recover(Vec<TokenTree>, Ident),
    /// `return;` in a deferred statement, which ends the statement only.
    Done(Ident),
    /// `return;` in a function with a named result.
    ReturnResult(Ident),
    /// A deferred statement that is never reached.
    Dead {
        path: Vec<TokenTree>,
        keyword: Ident,
        /// It is a statement, and nothing says so behind it.
        needs_semi: bool,
    },
    /// A nested site: stores its record.
    Site(RootId),
    /// A `;` behind a deferred statement that had none, or has lost it.
    Semi(Span),
    /// The rest of a block whose variables deferred code owns; then stores its record.
    Turn(RootId, Box<Rest>),
    /// The rest of a block with `#[defer_scope]`, from a deferred statement on.
    Scope(Box<Scope>),
    /// A branch of an `if` or the arm of a `match`, with something rewritten in it.
    Branch(Group, Vec<Code>),
    /// Braces around what has none: the arm of a `match`.
    Braces(Span, Vec<Code>),
    /// A jump out of a [`Rest`]: which of its exits, of how many rests inside of it, and the value of a `break`.
    Leave { keyword: Ident, exit: usize, value: Option<Vec<Code>> },
    /// The keyword of such a jump, behind the rest that it left.
    Again(Ident),
    /// The value of a `break`, behind the rest that it left.
    Carried(Span),
}

/// One deferred statement.
pub(crate) struct Site {
    pub(crate) when: When,
    pub(crate) form: Form,
    /// The user's path to the macro, and the `!`.
    pub(crate) path: Vec<TokenTree>,
    pub(crate) keyword: Ident,
    pub(crate) attrs: Attributes,
    /// What is evaluated at the statement, in order.
    pub(crate) takes: Vec<Take>,
    pub(crate) deferred: Deferred,
    /// The words in it,
    pub(crate) mentions: Mentions,
    /// and those in what runs at exit.
    pub(crate) mentions_at_exit: Mentions,
}

/// The attributes on a deferred statement, by what they belong to.
#[derive(Default)]
pub(crate) struct Attributes {
    /// Whether the statement is there at all.
    pub(crate) cfg: TokenStream,
    /// Lints, for all of it.
    pub(crate) lints: TokenStream,
    /// Lints that are expected, for the deferred code: elsewhere nothing would fulfil them.
    pub(crate) expectations: TokenStream,
}

impl Attributes {
    pub(crate) fn of(tokens: &[TokenTree]) -> Self {
        let mut attrs = Self::default();
        for attr in tokens.chunks(2) {
            let words = attr.get(1).map(|group| Mentions::of([group.clone()])).unwrap_or_default();
            let first = attr.get(1).and_then(|group| match group {
                TokenTree::Group(group) => group.stream().into_iter().next(),
                _ => None,
            });
            let kind = match first.map(|word| word.to_string()).as_deref() {
                Some("cfg") => &mut attrs.cfg,
                Some("expect") => &mut attrs.expectations,
                Some("cfg_attr") if words.has_word("cfg") => &mut attrs.cfg,
                Some("cfg_attr") if words.has_word("expect") => &mut attrs.expectations,
                _ => &mut attrs.lints,
            };
            kind.extend(attr.iter().cloned());
        }
        attrs
    }

    /// For what is evaluated at the statement.
    pub(crate) fn on_evaluation(&self) -> TokenStream {
        let Self { cfg, lints, .. } = self;
        quote::quote!(#cfg #lints)
    }

    /// For the deferred code.
    pub(crate) fn all(&self) -> TokenStream {
        let Self { cfg, lints, expectations } = self;
        quote::quote!(#cfg #lints #expectations)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Call,
    Block,
}

/// A value that is evaluated at the statement.
pub(crate) struct Take {
    pub(crate) value: Taken,
    pub(crate) kind: TakeKind,
    pub(crate) code: Vec<Code>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakeKind {
    /// The value itself.
    Value,
    /// A callee, which may want to be called by `&mut`.
    Callee,
    /// A temporary that lives until the call: what stands behind `&` or `&mut`, with it.
    Reference,
    /// The text that a print macro will write.
    Text,
}

/// The name of a value that was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) number: usize,
    pub(crate) at: Span,
}

/// What runs at exit.
pub(crate) struct Deferred {
    /// The deferred code, a frame of its own.
    pub(crate) frame: Frame,
    /// It stops a panic.
    pub(crate) recovers: bool,
    /// It awaits.
    pub(crate) awaits: bool,
    /// It stands in an `unsafe` block that ends before it runs.
    pub(crate) is_unsafe: bool,
    /// It names the result.
    pub(crate) result: Option<SeenResult>,
}

/// The result, as deferred code sees it.
pub(crate) struct SeenResult {
    /// The pattern that the attribute gives it.
    pub(crate) pattern: TokenStream,
    /// The names in it, if variables hide others.
    pub(crate) some: Option<Vec<Ident>>,
}

impl Deferred {
    /// It has `?` in it.
    pub(crate) fn may_fail(&self) -> bool {
        matches!(self.frame.returns, Returns::Attempt)
    }
}

impl Site {
    /// Where glue stands: at the `!`, because editors look for definitions at the keyword.
    pub(crate) fn at(&self) -> Span {
        self.path.last().map_or_else(|| self.keyword.span(), TokenTree::span)
    }

    /// Whether the statement asks how the frame is left, or may change it.
    pub(crate) fn needs_exit(&self) -> bool {
        self.when != When::Always || self.deferred.may_fail()
    }
}

impl Segment {
    /// The direct sites that end it.
    pub(crate) fn sites(&self) -> &[Site] {
        match &self.deferral {
            Some(Deferral::Direct(sites)) => sites,
            Some(Deferral::Nested(_)) | None => &[],
        }
    }
}

impl Store {
    /// The sites whose records it holds.
    pub(crate) fn sites(&self) -> impl Iterator<Item = &Site> {
        self.roots.iter().filter_map(|root| match &root.kind {
            RootKind::Site(site) => Some(&**site),
            RootKind::Turn(_) | RootKind::Planned => None,
        })
    }
}

impl Take {
    /// Only moves or copies a variable, so nothing can happen at it.
    pub(crate) fn is_a_move(&self) -> bool {
        matches!(self.kind, TakeKind::Value | TakeKind::Callee)
            && matches!(self.code.as_slice(), [Code::Token(TokenTree::Ident(_))])
    }
}
