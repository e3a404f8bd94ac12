//! Functions that somebody has scrambled: whatever the tokens are, the macro answers, and where they are Rust, so is its
//! answer.
//!
//! `PROPTEST_CASES=1000000 cargo test --release -p with_defer_expand --test mangled` looks longer.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngSeed, TestCaseError, TestCaseResult, TestRunner};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprIf, ExprLet, ExprWhile, ImplItem, Item, ItemFn, Macro, PatGuard,
    Stmt, TraitItem,
};

use self::common::{check_rust, samples};

/// As many take about a minute in a debug build on two cores.
const CASES: u32 = 100_000;

const THREADS: u32 = 2;

/// What may be put in: words that mean something to Rust or to the macro.
const PIECES: &[&str] = &[
    "defer!(f());",
    "defer!(a.f(b)?);",
    "defer!(f())",
    "defer! { f()?; }",
    "defer!();",
    "defer",
    "defer!",
    "defer_on_failure!(f(&a));",
    "defer_on_success! { f() }",
    "defer_on_panic!(f());",
    "recover!()",
    "#[defer_scope]",
    "#[cfg(a)]",
    "#[a]",
    "#![a]",
    "?",
    ".await",
    "return",
    "return;",
    "return x",
    "break",
    "break 'a",
    "continue",
    "'a:",
    "'a",
    "let",
    "let x;",
    "let x =",
    "x =",
    "=",
    "=>",
    "->",
    "|",
    "||",
    "|x|",
    "move",
    "async",
    "async {}",
    "async move",
    "const",
    "static",
    "unsafe",
    "if",
    "if a {}",
    "if let x =",
    "else",
    "else {}",
    "match",
    "match x {}",
    "while",
    "for",
    "for x in",
    "in",
    "loop",
    "loop {}",
    "fn",
    "fn g() {}",
    "struct",
    "impl",
    "macro_rules! m { () => {} }",
    "use a;",
    "mod",
    "type",
    "<",
    ">",
    "<<",
    "::",
    "::<>",
    ":",
    ";",
    ",",
    ".",
    "..",
    "..=",
    "&",
    "&&",
    "&mut",
    "*",
    "-",
    "!",
    "#",
    "@",
    "$",
    "+",
    "as",
    "as u8",
    "dyn",
    "where",
    "pub",
    "union",
    "extern",
    "x",
    "r#type",
    "result",
    "*result",
    "_",
    "self",
    "crate",
    "1",
    "1.",
    "\"{x}\"",
    "'c'",
    "{}",
    "()",
    "[]",
    "{ x }",
    "(x)",
    "[x]",
    "m!()",
    "m! {}",
    "vec![a?]",
    "S { a: 1 }",
    "|x| { x }",
];

/// Where statements can stand: in place of the `HERE`.
const PLACES: &[&str] = &[
    "HERE",
    "{ HERE }",
    "'a: { HERE }",
    "unsafe { HERE }",
    "let x = { HERE 1 };",
    "let x = 'a: { HERE 1 } + 2;",
    "if a { HERE }",
    "if a {} else { HERE 1 };",
    "if let Some(x) = y { HERE } else { b() }",
    "let Some(x) = y else { HERE return };",
    "match x { a => { HERE } _ => {} }",
    "match x { a if b => { HERE c } _ => d }.e()?;",
    "loop { HERE }",
    "'a: loop { HERE break 'a x; };",
    "for mut x in y { HERE }",
    "while let Some(x) = y { HERE }",
    "while { HERE a } {}",
    "#[defer_scope] { HERE }",
    "#[defer_scope] for x in y { HERE }",
    "let x = #[defer_scope] { HERE 1 };",
    "let f = || { HERE };",
    "let f = move |mut x: u8| -> u8 { HERE x };",
    "f(|x| if x { HERE 1 } else { 2 } + 3)?;",
    "async { HERE }.await;",
    "spawn(async move { HERE Ok(1) });",
    "let f = async |x| { HERE };",
    "defer! { HERE }",
    "defer!({ HERE });",
    "defer_on_failure! { a()?; HERE }",
    "defer!((|| { HERE })());",
    "defer!(f(|x| { HERE }, { HERE 1 }));",
    "f(x, { HERE 1 }, [{ HERE 2 }]);",
    "return { HERE 1 };",
    "fn f() { HERE }",
    "const X: u8 = { HERE 1 };",
    "m!({ HERE });",
];

/// Where a function can stand: in place of the `HERE`.
const ITEMS: &[&str] = &[
    "HERE",
    "HERE",
    "HERE",
    "HERE",
    "impl S { HERE }",
    "impl<T> m::T for S<{ 1 }> { const C: u8 = { 1 }; type D = u8; HERE fn g(&self) { defer!(a()); } }",
    "unsafe trait T { fn f(); type A; HERE const B: u8; }",
];

const ARGUMENTS: &[&str] = &[
    "",
    "",
    "",
    "",
    "result",
    "result = 0",
    "result = { x? }",
    "(a, b) = (0, None)",
    "S { a, .. } = S::new()",
    "_",
    "crate = a::b",
    "result = 0, crate = ::a",
    "scope",
    "result, result",
    "crate",
];

/// An item with a function in it, made of the head of one and statements of many, and what happens to it then.
#[derive(Debug, Clone)]
struct Recipe {
    arguments: (Index, Vec<Edit>),
    item: Index,
    head: Index,
    /// From the inside out: a place for what is further inside, between statements.
    layers: Vec<(Vec<Index>, Index, Vec<Index>)>,
    edits: Vec<Edit>,
}

/// A change, and which token it concerns.
#[derive(Debug, Clone)]
struct Edit(Index, Change);

#[derive(Debug, Clone)]
enum Change {
    Drop,
    Double,
    /// With the one behind it.
    Swap,
    /// Drops all behind it in its group.
    Truncate,
    /// Puts delimiters around it and some behind it.
    Wrap(Delimiter, usize),
    /// Takes delimiters off.
    Unwrap,
    /// Puts one of the `PIECES` before it.
    Piece(Index),
    /// Puts a statement before it.
    Stmt(Index),
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let arguments = (any::<Index>(), vec(edit(), 0..2));
    let stmts = || vec(any::<Index>(), 0..3);
    let layers = vec((stmts(), any::<Index>(), stmts()), 1..4);
    let edits = prop_oneof![Just(Vec::new()), vec(edit(), 1..2), vec(edit(), 2..6)];
    (arguments, any::<Index>(), any::<Index>(), layers, edits)
        .prop_map(|(arguments, item, head, layers, edits)| Recipe { arguments, item, head, layers, edits })
}

fn edit() -> impl Strategy<Value = Edit> {
    let delimiter = prop_oneof![
        Just(Delimiter::Parenthesis),
        Just(Delimiter::Brace),
        Just(Delimiter::Bracket),
        Just(Delimiter::None),
    ];
    let change = prop_oneof![
        2 => Just(Change::Drop),
        1 => Just(Change::Double),
        2 => Just(Change::Swap),
        1 => Just(Change::Truncate),
        1 => (delimiter, 1..6_usize).prop_map(|(delimiter, count)| Change::Wrap(delimiter, count)),
        1 => Just(Change::Unwrap),
        4 => any::<Index>().prop_map(Change::Piece),
        2 => any::<Index>().prop_map(Change::Stmt),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Edit(at, change))
}

/// What functions are made of.
struct Pool {
    heads: Vec<TokenStream>,
    stmts: Vec<TokenStream>,
    places: Vec<TokenStream>,
    items: Vec<TokenStream>,
    pieces: Vec<TokenStream>,
    arguments: Vec<TokenStream>,
}

impl Pool {
    fn new() -> Self {
        let mut pool = Self {
            heads: Vec::new(),
            stmts: Vec::new(),
            places: parsed(PLACES),
            items: parsed(ITEMS),
            pieces: parsed(PIECES),
            arguments: parsed(ARGUMENTS),
        };
        for sample in samples() {
            let ItemFn { attrs, vis, sig, block, .. } = sample.parsed();
            let attrs = attrs.iter().filter(|attr| !attr.path().is_ident("doc"));
            pool.heads.push(quote!(#(#attrs)* #vis #sig));
            pool.visit_block(&block);
        }
        pool
    }

    fn arguments(&self, recipe: &Recipe) -> TokenStream {
        let (arguments, edits) = &recipe.arguments;
        edits.iter().fold(arguments.get(&self.arguments).clone(), |tokens, edit| self.edited(tokens, edit))
    }

    fn item(&self, recipe: &Recipe) -> TokenStream {
        let head = recipe.head.get(&self.heads);
        let stmts =
            |of: &[Index]| of.iter().map(|stmt| stmt.get(&self.stmts).clone()).collect::<TokenStream>();
        let body = recipe.layers.iter().fold(TokenStream::new(), |inside, (before, place, behind)| {
            let (before, behind) = (stmts(before), stmts(behind));
            let inside = filled(place.get(&self.places).clone(), &inside);
            quote!(#before #inside #behind)
        });
        let item = filled(recipe.item.get(&self.items).clone(), &quote!(#head { #body }));
        recipe.edits.iter().fold(item, |tokens, edit| self.edited(tokens, edit))
    }

    fn edited(&self, tokens: TokenStream, Edit(at, change): &Edit) -> TokenStream {
        match count(tokens.clone()) {
            0 => tokens,
            count => self.edited_at(tokens, at.index(count), change),
        }
    }

    fn edited_at(&self, tokens: TokenStream, mut at: usize, change: &Change) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for here in 0..tokens.len() {
            if at == 0 {
                self.edit(&mut tokens, here, change);
                break;
            }
            at -= 1;
            if let TokenTree::Group(group) = &tokens[here] {
                let inside = count(group.stream());
                if at < inside {
                    let edited = self.edited_at(group.stream(), at, change);
                    tokens[here] = Group::new(group.delimiter(), edited).into();
                    break;
                }
                at -= inside;
            }
        }
        tokens.into_iter().collect()
    }

    fn edit(&self, tokens: &mut Vec<TokenTree>, at: usize, change: &Change) {
        match change {
            Change::Drop => drop(tokens.remove(at)),
            Change::Double => tokens.insert(at, tokens[at].clone()),
            Change::Swap => {
                let next = (at + 1) % tokens.len();
                tokens.swap(at, next);
            }
            Change::Truncate => tokens.truncate(at),
            Change::Wrap(delimiter, count) => {
                let end = tokens.len().min(at + count);
                let inside = tokens.splice(at..end, []).collect();
                tokens.insert(at, Group::new(*delimiter, inside).into());
            }
            Change::Unwrap => {
                if let TokenTree::Group(group) = tokens[at].clone() {
                    tokens.splice(at..=at, group.stream());
                }
            }
            Change::Piece(piece) => drop(tokens.splice(at..at, piece.get(&self.pieces).clone())),
            Change::Stmt(stmt) => drop(tokens.splice(at..at, stmt.get(&self.stmts).clone())),
        }
    }
}

impl<'ast> Visit<'ast> for Pool {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let tokens = stmt.to_token_stream();
        let semi = if matches!(stmt, Stmt::Expr(_, None)) { quote!(;) } else { TokenStream::new() };
        if count(tokens.clone()) <= 100 {
            self.stmts.push(quote!(#tokens #semi));
        }
        visit::visit_stmt(self, stmt);
    }
}

fn parsed(sources: &[&str]) -> Vec<TokenStream> {
    sources.iter().map(|source| source.parse().unwrap()).collect()
}

fn filled(place: TokenStream, inside: &TokenStream) -> TokenStream {
    let fill = |token| match token {
        TokenTree::Ident(word) if word == "HERE" => inside.clone(),
        TokenTree::Group(group) => {
            TokenTree::from(Group::new(group.delimiter(), filled(group.stream(), inside))).into()
        }
        token => token.into(),
    };
    place.into_iter().flat_map(fill).collect()
}

fn count(tokens: TokenStream) -> usize {
    let inside = |token| match token {
        TokenTree::Group(group) => count(group.stream()),
        _ => 0,
    };
    tokens.into_iter().map(|token| 1 + inside(token)).sum()
}

/// Whether an item is Rust, and so are its deferred statements.
fn is_rust(item: TokenStream) -> bool {
    if is_odd(item.clone()) {
        return false;
    }
    let Ok(item) = syn::parse2::<Item>(item) else { return false };
    let mut sites = Sites { rust: true };
    sites.visit_item(&item);
    sites.rust
}

/// Rust in form, and no sense: a statement that is a part of a larger expression, `defer!(f()) + 1`, or a condition that
/// leaves, `if return x {}`. Groups without delimiters syn reads in its own way.
fn is_odd(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let goes_on = tokens.windows(4).any(|tokens| {
        let [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(_), behind] = tokens else {
            return false;
        };
        let ends = match behind {
            TokenTree::Punct(punct) => ";,#".contains(punct.as_char()),
            TokenTree::Ident(word) => word != "as",
            _ => true,
        };
        is_statement_macro(&name.to_string()) && bang.as_char() == '!' && !ends
    });
    let leaves = tokens.windows(2).any(|tokens| {
        let [before, TokenTree::Ident(word)] = tokens else { return false };
        (word == "return" || word == "break")
            && ["if", "match", "while", "in", "=", "!"].contains(&before.to_string().as_str())
    });
    goes_on
        || leaves
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::None || is_odd(group.stream()),
            _ => false,
        })
}

fn is_statement_macro(name: &str) -> bool {
    ["defer", "defer_on_failure", "defer_on_success", "defer_on_panic"].contains(&name)
}

struct Sites {
    rust: bool,
}

impl Sites {
    fn visit_condition(&mut self, condition: &Expr) {
        match condition {
            Expr::Let(binding) => self.visit_expr(&binding.expr),
            Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => {
                self.visit_condition(left);
                self.visit_condition(right);
            }
            condition => self.visit_expr(condition),
        }
    }
}

impl<'ast> Visit<'ast> for Sites {
    // What syn does not look into.

    fn visit_item(&mut self, item: &'ast Item) {
        self.rust &= !matches!(item, Item::Verbatim(_));
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        self.rust &= !matches!(item, ImplItem::Verbatim(_));
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        self.rust &= !matches!(item, TraitItem::Verbatim(_));
        visit::visit_trait_item(self, item);
    }

    /// Nowhere but in a condition, whatever syn says.
    fn visit_expr_let(&mut self, _: &'ast ExprLet) {
        self.rust = false;
    }

    fn visit_expr_if(&mut self, branch: &'ast ExprIf) {
        self.visit_condition(&branch.cond);
        self.visit_block(&branch.then_branch);
        if let Some((_, branch)) = &branch.else_branch {
            self.visit_expr(branch);
        }
    }

    fn visit_expr_while(&mut self, turns: &'ast ExprWhile) {
        self.visit_condition(&turns.cond);
        self.visit_block(&turns.body);
    }

    fn visit_pat_guard(&mut self, guard: &'ast PatGuard) {
        self.visit_condition(&guard.guard);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        let name = invocation.path.segments.last().map(|segment| segment.ident.to_string());
        if !name.is_some_and(|name| is_statement_macro(&name)) || invocation.tokens.is_empty() {
            return;
        }
        if matches!(invocation.delimiter, syn::MacroDelimiter::Brace(_)) {
            match invocation.parse_body_with(Block::parse_within) {
                Ok(stmts) => stmts.iter().for_each(|stmt| self.visit_stmt(stmt)),
                Err(_) => self.rust = false,
            }
        } else {
            match invocation.parse_body::<Expr>() {
                Ok(expr) => self.visit_expr(&expr),
                Err(_) => self.rust = false,
            }
        }
    }
}

/// The bare statements of `defer_keyword!`, for those that can be.
fn bare(tokens: TokenStream, in_braces: bool) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut bare = Vec::new();
    let mut rest = tokens.as_slice();
    while let [first, behind @ ..] = rest {
        let begins = in_braces
            && match bare.last() {
                None => true,
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
                Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
                Some(_) => false,
            };
        bare.push(bare_inside(first));
        rest = behind;
        let (TokenTree::Ident(word), [TokenTree::Punct(_), site @ TokenTree::Group(group), behind @ ..]) =
            (first, behind)
        else {
            continue;
        };
        if !begins || !is_statement_macro(&word.to_string()) {
            continue;
        }
        // Not `defer if x`, which may be a name and a guard.
        let starts_with_word =
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word != "if");
        let ends = matches!(behind.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';');
        match (group.delimiter(), bare_inside(site)) {
            (Delimiter::Brace, site) => bare.push(site),
            (Delimiter::Parenthesis, TokenTree::Group(site)) if starts_with_word && ends => {
                bare.extend(site.stream());
            }
            _ => continue,
        }
        rest = behind;
    }
    bare.into_iter().collect()
}

fn bare_inside(token: &TokenTree) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let delimiter = group.delimiter();
            Group::new(delimiter, bare(group.stream(), delimiter == Delimiter::Brace)).into()
        }
        token => token.clone(),
    }
}

fn check(pool: &Pool, recipe: &Recipe) -> TestCaseResult {
    let arguments = pool.arguments(recipe);
    let item = pool.item(recipe);
    let bare = bare(item.clone(), false);
    let expand = AssertUnwindSafe(|| {
        let _ = with_defer_expand::explain(arguments.clone(), &item);
        let keywords = with_defer_expand::defer_keyword(quote!((::with_defer) #bare));
        (keywords, with_defer_expand::with_defer(arguments.clone(), item.clone()))
    });
    let shown = format!("#[with_defer({arguments})] {item}");
    let Ok((keywords, expansion)) = catch_unwind(expand) else {
        return Err(TestCaseError::fail(format!("the macro panics on {shown}")));
    };
    if is_rust(item) {
        for (expansion, input) in [(expansion, shown), (keywords, bare.to_string())] {
            if let Err(error) = check_rust(expansion.clone()) {
                return Err(TestCaseError::fail(format!("{error}: {input}\n\nexpands to {expansion}")));
            }
        }
    }
    Ok(())
}

#[test]
fn scrambled_functions_are_answered() {
    let cases: Option<u32> = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
                config.cases = cases.unwrap_or(CASES) / THREADS;
                if cases.is_none() {
                    // The same ones each time.
                    config.rng_seed = RngSeed::Fixed(thread.into());
                }
                let pool = Pool::new();
                if let Err(error) = TestRunner::new(config).run(&recipe(), |recipe| check(&pool, &recipe)) {
                    panic!("{error}");
                }
            });
        }
    });
}
