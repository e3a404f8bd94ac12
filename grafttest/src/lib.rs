//! Puts deferred statements that do nothing into all functions of a file. What the file does must not change.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    AngleBracketedGenericArguments, Attribute, Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprRepeat,
    ImplItemConst, ImplItemFn, Item, ItemConst, ItemFn, ItemStatic, ReturnType, Signature, Stmt,
    TraitItemConst, TraitItemFn, Type, Visibility,
};

/// What is inserted, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Another of the following for each function.
    Any,
    /// One statement at the start of each body.
    Start,
    /// Statements anywhere in bodies, inner blocks and closures.
    Between,
    /// Calls that take a value of an inner block.
    Call,
    /// Blocks that name a variable of an inner block,
    Block,
    /// and run on a panic only.
    Panic,
    /// Statements in loops and blocks with `#[defer_scope]`.
    Scope,
    /// Statements that await, in async code.
    Await,
    /// Statements with a `?` that succeeds, where the type of the error is written.
    Try,
    /// Statements that recover and resume, in functions with a named result where its type has a value to start with.
    Result,
    /// `Between`, with the attribute on whole impls and traits.
    Members,
    /// `Between`, with `defer_keyword!`.
    Keyword,
}

impl Mode {
    /// All of them, by name.
    pub const ALL: [(&str, Self); 12] = [
        ("any", Self::Any),
        ("start", Self::Start),
        ("between", Self::Between),
        ("call", Self::Call),
        ("block", Self::Block),
        ("panic", Self::Panic),
        ("scope", Self::Scope),
        ("awaits", Self::Await),
        ("tries", Self::Try),
        ("result", Self::Result),
        ("members", Self::Members),
        ("keyword", Self::Keyword),
    ];
}

/// A file with deferred statements in it. They add no lines.
pub struct Grafted {
    /// The text.
    pub text: String,
    /// The lines of each function that defers now.
    pub functions: Vec<RangeInclusive<usize>>,
}

/// Puts deferred statements into all functions of a file but those that start at the lines `without`. `None` if the file
/// does not parse.
#[must_use]
pub fn graft(text: &str, mode: Mode, seed: u64, without: &BTreeSet<usize>) -> Option<Grafted> {
    // Positions do not count what the parser takes away at the start.
    let file =
        syn::parse_file(text).ok().filter(|file| file.shebang.is_none() && !text.starts_with('\u{feff}'))?;
    let random = seed.wrapping_mul(7919).wrapping_add(text.len() as u64 + 1).max(1);
    let (inserts, functions) = (Vec::new(), Vec::new());
    let mut graft =
        Graft { mode, random, without, inserts, functions, here: Here::default(), is_wrapped: false };
    graft.visit_file(&file);
    let Graft { mut inserts, functions, .. } = graft;
    inserts.sort_by_key(|(at, _)| *at);
    let (mut grafted, mut done) = (String::new(), 0);
    for (at, insert) in inserts {
        grafted += &text[done..at];
        grafted += &insert;
        done = at;
    }
    grafted += &text[done..];
    Some(Grafted { text: grafted, functions })
}

struct Graft<'g> {
    mode: Mode,
    random: u64,
    without: &'g BTreeSet<usize>,
    /// Where, and what.
    inserts: Vec<(usize, String)>,
    functions: Vec<RangeInclusive<usize>>,
    here: Here,
    /// An attribute or macro around this defers already.
    is_wrapped: bool,
}

/// The function that is visited.
#[derive(Default, Clone, Copy)]
struct Here {
    defers: bool,
    is_async: bool,
}

/// The modes that differ in statements only.
const MIXED: [Mode; 8] =
    [Mode::Between, Mode::Call, Mode::Block, Mode::Panic, Mode::Scope, Mode::Await, Mode::Try, Mode::Result];

const STATEMENT: &str = "{ ::core::convert::identity::<()>(()); }";
const AWAIT: &str = "{ ::core::future::ready(()).await; }";
const RESUME: &str = "{ let _ = &mut *__graft; \
    if let ::core::option::Option::Some(panic) = ::with_defer::recover!() { ::with_defer::Panic::resume(panic) } }";

impl Graft<'_> {
    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap_or_default()
    }

    fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.inserts.push((at, text.into()));
    }

    fn function(&mut self, vis: &Visibility, sig: &Signature, body: &Block, attrs: &[Attribute]) {
        let outer = (self.here, self.mode);
        if self.mode == Mode::Any {
            self.mode = MIXED[self.random(MIXED.len())];
        }
        let lines = sig.span().start().line..=body.span().end().line;
        let is_entry = |attr: &Attribute| {
            attr.path().segments.iter().any(|word| word.ident.to_string().contains("proc_macro"))
        };
        let can_defer = sig.constness.is_none()
            && sig.variadic.is_none()
            && sig.ident != "main"
            && !attrs.iter().any(|attr| is_entry(attr) || attr.path().is_ident("naked"))
            && (self.mode != Mode::Keyword || self.is_wrapped);
        self.here = Here {
            defers: can_defer && !self.without.contains(lines.start()),
            is_async: sig.asyncness.is_some(),
        };
        if self.here.defers {
            self.functions.push(lines);
            let named = self.mode == Mode::Result && has_a_default(&sig.output);
            if named {
                let at = start(vis, sig);
                self.insert(at, "#[::with_defer::with_defer(__graft)] ");
            } else if !(self.is_wrapped && matches!(self.mode, Mode::Members | Mode::Keyword)) {
                let at = start(vis, sig);
                self.insert(at, "#[::with_defer::with_defer] ");
            }
            self.body(body, sig, named);
        }
        for stmt in &body.stmts {
            self.visit_stmt(stmt);
        }
        (self.here, self.mode) = outer;
    }

    /// The statements of a function.
    fn body(&mut self, body: &Block, sig: &Signature, named: bool) {
        let (count, code) = match self.mode {
            Mode::Between | Mode::Members | Mode::Keyword => (2, STATEMENT.to_owned()),
            Mode::Await => (2, if self.here.is_async { AWAIT } else { STATEMENT }.to_owned()),
            Mode::Result if named => (1, RESUME.to_owned()),
            Mode::Try => (1, question(&sig.output).unwrap_or_else(|| STATEMENT.to_owned())),
            Mode::Scope => (0, String::new()),
            _ => (1, STATEMENT.to_owned()),
        };
        let points = points(body);
        for _ in 0..count {
            let point = if count == 1 { 0 } else { self.random(points.len().max(1)) };
            if let Some(at) = points.get(point) {
                self.defer(*at, &code);
            }
        }
    }

    /// The statements of an inner block.
    fn inner(&mut self, block: &Block) {
        let points = points(block);
        let often = if matches!(self.mode, Mode::Call | Mode::Block) { 3 } else { 2 };
        if points.is_empty() || self.random(often) > 0 {
            return;
        }
        let at = points[self.random(points.len())];
        let cell = "let __graft = ::core::cell::Cell::new(1u8); ::with_defer::defer";
        match self.mode {
            Mode::Any | Mode::Start | Mode::Scope | Mode::Result | Mode::Try => {}
            Mode::Await if self.here.is_async => self.defer(at, AWAIT),
            Mode::Between | Mode::Members | Mode::Keyword | Mode::Await => self.defer(at, STATEMENT),
            Mode::Call => {
                self.insert(
                    at,
                    " let __graft = (); ::with_defer::defer!(::core::convert::identity::<()>(__graft)); ",
                );
            }
            Mode::Block => self.insert(at, format!(" {cell}! {{ __graft.set(2); }} ")),
            Mode::Panic => self.insert(at, format!(" {cell}_on_panic! {{ __graft.set(2); }} ")),
        }
    }

    fn defer(&mut self, at: usize, code: &str) {
        let keyword = if self.mode == Mode::Keyword { "defer" } else { "::with_defer::defer!" };
        self.insert(at, format!(" {keyword} {code} "));
    }

    /// Visits an item, in an attribute or macro that is there for all functions in it, or not.
    fn wrapped(&mut self, is_wrapped: bool, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_wrapped, is_wrapped);
        visit(self);
        self.is_wrapped = outer;
    }
}

impl<'a> Visit<'a> for Graft<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        let members = matches!(item, Item::Impl(_) | Item::Trait(_));
        let range = item.span().byte_range();
        if self.mode == Mode::Members && members {
            let before = self.inserts.len();
            self.wrapped(true, |graft| visit::visit_item(graft, item));
            if self.inserts.len() > before {
                self.insert(range.start, "#[::with_defer::with_defer] ");
            }
        } else if self.mode == Mode::Keyword && !self.is_wrapped && (members || matches!(item, Item::Fn(_))) {
            self.insert(range.start, "::with_defer::defer_keyword! { ");
            self.wrapped(true, |graft| visit::visit_item(graft, item));
            self.insert(range.end, " }");
        } else {
            // The attribute on an impl does not reach into functions.
            let is_wrapped = self.is_wrapped && self.mode == Mode::Keyword;
            self.wrapped(is_wrapped, |graft| visit::visit_item(graft, item));
        }
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.function(&item.vis, &item.sig, &item.block, &item.attrs);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        if item.modifiers.defaultness.is_none() {
            self.function(&item.vis, &item.sig, &item.block, &item.attrs);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'a TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&Visibility::Inherited, &item.sig, body, &item.attrs);
        }
    }

    fn visit_block(&mut self, block: &'a Block) {
        if self.here.defers {
            self.inner(block);
        }
        visit::visit_block(self, block);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let (Mode::Scope, true, Stmt::Expr(expr, _)) = (self.mode, self.here.defers, stmt) {
            let body = match expr {
                Expr::ForLoop(expr) if expr.attrs.is_empty() => Some(&expr.body),
                Expr::While(expr) if expr.attrs.is_empty() => Some(&expr.body),
                Expr::Loop(expr) if expr.attrs.is_empty() => Some(&expr.body),
                Expr::Block(expr) if expr.attrs.is_empty() => Some(&expr.block),
                _ => None,
            };
            let points = body.map(points).unwrap_or_default();
            if !points.is_empty() {
                self.insert(expr.span().byte_range().start, "#[defer_scope] ");
                let at = points[self.random(points.len())];
                self.defer(at, STATEMENT);
            }
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr_async(&mut self, expr: &'a ExprAsync) {
        let outer = std::mem::replace(&mut self.here.is_async, true);
        visit::visit_expr_async(self, expr);
        self.here.is_async = outer;
    }

    fn visit_expr_closure(&mut self, expr: &'a ExprClosure) {
        let outer = std::mem::replace(&mut self.here.is_async, expr.asyncness.is_some());
        visit::visit_expr_closure(self, expr);
        self.here.is_async = outer;
    }

    // What the compiler evaluates.
    fn visit_item_const(&mut self, _: &'a ItemConst) {}
    fn visit_item_static(&mut self, _: &'a ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'a ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'a TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'a ExprConst) {}
    fn visit_expr_repeat(&mut self, _: &'a ExprRepeat) {}
    fn visit_type(&mut self, _: &'a Type) {}
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'a AngleBracketedGenericArguments) {}
}

/// Behind the attributes.
fn start(vis: &Visibility, sig: &Signature) -> usize {
    match vis {
        Visibility::Inherited => sig.span().byte_range().start,
        vis => vis.span().byte_range().start,
    }
}

/// Where a statement may stand in a block: not between alternatives under `#[cfg]`.
fn points(block: &Block) -> Vec<usize> {
    let is_plain = |stmt: &&Stmt| match stmt {
        Stmt::Local(stmt) => stmt.attrs.is_empty(),
        Stmt::Macro(stmt) => stmt.attrs.is_empty(),
        // It may stand behind what never ends.
        Stmt::Item(_) => false,
        Stmt::Expr(expr, _) => expr_attrs(expr).is_empty(),
    };
    block.stmts.iter().filter(is_plain).map(|stmt| stmt.span().byte_range().start).collect()
}

fn expr_attrs(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Block(expr) => &expr.attrs,
        Expr::Unsafe(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::Path(expr) => &expr.attrs,
        Expr::Return(expr) => &expr.attrs,
        Expr::Macro(expr) => &expr.attrs,
        _ => &[],
    }
}

/// Whether a type is known to have a default.
fn has_a_default(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Path(ty) => ty.path.segments.last().is_some_and(|word| {
                ["Option", "bool", "usize", "u8", "u32", "u64", "i32", "String", "Vec"]
                    .iter()
                    .any(|name| word.ident == name)
            }),
            Type::Tuple(ty) => ty.elems.is_empty(),
            _ => false,
        },
    }
}

/// A block with a `?` that succeeds in a function that returns this.
fn question(output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, ty) = output else { return None };
    let Type::Path(ty) = &**ty else { return None };
    let word = ty.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &word.arguments else { return None };
    if word.ident == "Option" {
        return Some("{ ::core::option::Option::Some(())?; }".to_owned());
    }
    let error = arguments.args.iter().nth(1).filter(|_| word.ident == "Result")?;
    let error = error.span().source_text()?.replace('\n', " ");
    Some(format!("{{ ::core::result::Result::<(), {error}>::Ok(())?; }}"))
}
