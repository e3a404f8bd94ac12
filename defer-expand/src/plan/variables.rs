//! Which variables of its surroundings a piece of code uses: the variables of an inner block that deferred code names
//! must be handed to it when the block is left.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Signature;

use super::mentions::Mentions;
use crate::parse::call::at_exit;
use crate::parse::outline::{Block, Frame, Node, Stmt, StmtKind};
use crate::parse::{parameters, statements_in_full};

/// A variable that a deferred statement names, and where.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) at: Span,
}

/// The variables that the deferred statements in a statement need at exit. Statements in closures and async blocks do
/// not count, for those are frames of their own; nor do variables that are declared on the way to a statement.
pub(super) fn wanted(stmt: &Stmt) -> Vec<Wanted> {
    let mut finder = Finder::default();
    finder.sites(&stmt.nodes);
    finder.found
}

#[derive(Default)]
struct Finder {
    /// The names that are declared where the finder is, inside of where it started.
    bound: Vec<String>,
    found: Vec<Wanted>,
    seen: HashSet<String>,
}

impl Finder {
    // Sites in code.

    fn sites(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Site(site) => self.free_stmts(&statements_in_full(at_exit(&site.group))),
                Node::Group(_, nodes) => self.sites(nodes),
                Node::Jump(jump) => self.sites(&jump.value),
                Node::Block(block) => self.sites_in_block(block),
                _ => {}
            }
        }
    }

    fn sites_in_block(&mut self, block: &Block) {
        let outer = self.bound.len();
        self.bound.extend(block.binds.iter().map(Mentions::plain));
        for stmt in &block.stmts {
            self.sites(&stmt.nodes);
            self.declare(stmt);
        }
        self.bound.truncate(outer);
    }

    fn declare(&mut self, stmt: &Stmt) {
        if let StmtKind::Let { binds, .. } = &stmt.kind {
            self.bound.extend(binds.iter().map(Mentions::plain));
        }
    }

    // Free variables of deferred code.

    fn free_stmts(&mut self, stmts: &[Stmt]) {
        let outer = self.bound.len();
        let items = stmts.iter().filter(|stmt| matches!(stmt.kind, StmtKind::Item { .. }));
        self.bound.extend(items.flat_map(item_names));
        for stmt in stmts {
            if !matches!(stmt.kind, StmtKind::Item { macro_rules: false }) {
                self.free(&stmt.nodes);
            }
            self.declare(stmt);
        }
        self.bound.truncate(outer);
    }

    fn free(&mut self, nodes: &[Node]) {
        for (at, node) in nodes.iter().enumerate() {
            match node {
                Node::Token(TokenTree::Ident(word)) => {
                    if is_variable(&nodes[..at], &nodes[at + 1..]) {
                        self.find(&Mentions::plain(word), word.span());
                    }
                }
                Node::Token(_) | Node::Recover(_) | Node::Try(_) | Node::Await(_) | Node::StrayScope(_) => {}
                Node::Group(_, nodes) => self.free(nodes),
                Node::Jump(jump) => self.free(&jump.value),
                Node::Block(block) => self.free_block(block),
                Node::Frame(frame) => self.free_frame(frame),
                Node::Site(site) => self.free_stmts(&statements_in_full(site.group.stream())),
                Node::Macro(invocation) => self.letters(invocation.group.stream()),
            }
        }
    }

    fn free_block(&mut self, block: &Block) {
        let outer = self.bound.len();
        self.bound.extend(block.binds.iter().map(Mentions::plain));
        self.free_stmts(&block.stmts);
        self.bound.truncate(outer);
    }

    fn free_frame(&mut self, frame: &Frame) {
        let outer = self.bound.len();
        self.bound.extend(parameters(&frame.head).iter().map(Mentions::plain));
        self.free_stmts(&frame.body.stmts);
        self.bound.truncate(outer);
    }

    /// In the arguments of a macro any word may be a variable, and a string may capture one.
    fn letters(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.letters(group.stream()),
                token => {
                    let at = token.span();
                    for name in Mentions::of([token]).into_words() {
                        self.find(&name, at);
                    }
                }
            }
        }
    }

    fn find(&mut self, name: &str, at: Span) {
        if !self.bound.iter().any(|bound| bound == name) && self.seen.insert(name.to_owned()) {
            self.found.push(Wanted { name: name.to_owned(), at });
        }
    }
}

/// The names that an item declares, as far as the letter goes; `*` for those that it does not say.
pub(super) fn item_names(item: &Stmt) -> Vec<String> {
    let tokens = &item.tokens[item.attrs.len()..];
    let mut words = tokens.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    });
    let mut names = Vec::new();
    while let Some(word) = words.next() {
        match word.to_string().as_str() {
            "use" => imports(tokens, &mut names),
            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "mod" | "macro_rules" => {
                names.extend(words.next().map(Mentions::plain));
            }
            "const" | "static" => match words.next() {
                Some(word) if word == "mut" => names.extend(words.next().map(Mentions::plain)),
                // `const fn`, `const unsafe fn`
                Some(word) if word == "fn" => names.extend(words.next().map(Mentions::plain)),
                Some(word) if word == "unsafe" || word == "async" || word == "extern" => continue,
                name => names.extend(name.map(Mentions::plain)),
            },
            "impl" => {}
            _ => continue,
        }
        break;
    }
    names
}

/// The names that a `use` brings in.
fn imports(tokens: &[TokenTree], names: &mut Vec<String>) {
    for (at, token) in tokens.iter().enumerate() {
        let ends = match tokens.get(at + 1) {
            None => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == ',' || punct.as_char() == ';',
            Some(_) => false,
        };
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                imports(&inner, names);
            }
            TokenTree::Ident(word) if ends && word == "self" => names.push("*".to_owned()),
            TokenTree::Ident(word) if ends => names.push(Mentions::plain(word)),
            TokenTree::Punct(star) if star.as_char() == '*' => names.push("*".to_owned()),
            _ => {}
        }
    }
}

/// The words of a function that may be variables: those that a `let`, a pattern or a parameter binds, and those in the
/// arguments of macros, which may do so too. All other words are items.
pub(super) fn bound(body: &Block, signature: &Signature) -> Bound {
    let mut binder = Bound::default();
    binder.names(&super::signature::parameters(signature));
    binder.count_mut(signature.inputs.to_token_stream());
    if let Some(group) = &body.group {
        binder.stmts(&statements_in_full(group.stream()));
        binder.count_mut(group.stream());
    }
    binder
}

/// The names that some statements declare.
pub(super) fn declared(stmts: impl IntoIterator<Item = TokenStream>) -> HashSet<String> {
    let mut binder = Bound::default();
    for stmt in stmts {
        binder.stmts(&statements_in_full(stmt));
    }
    binder.patterns.into_keys().collect()
}

/// What binds variables in a function.
#[derive(Default)]
pub(super) struct Bound {
    /// How often each name is bound by a pattern,
    patterns: HashMap<String, usize>,
    /// and how often as `mut`.
    muts: HashMap<String, usize>,
    /// The words in the arguments of macros.
    in_macros: HashSet<String>,
    /// Names that a `let x;` binds.
    late: HashSet<String>,
    /// The words in what runs at exit.
    deferred: HashSet<String>,
}

impl Bound {
    /// Whether a word may be a variable.
    pub(super) fn may_be_variable(&self, word: &Ident) -> bool {
        let word = Mentions::plain(word);
        self.patterns.contains_key(&word) || self.in_macros.contains(&word)
    }

    /// Whether a pattern binds the word.
    pub(super) fn binds(&self, word: &str) -> bool {
        self.patterns.contains_key(word)
    }

    /// Whether the variables of a name are `mut`, if that is true or false of all of them.
    pub(super) fn is_mut(&self, name: &Ident) -> Option<bool> {
        let name = Mentions::plain(name);
        let count = |counts: &HashMap<String, usize>| counts.get(&name).copied().unwrap_or_default();
        match (count(&self.muts), count(&self.patterns)) {
            (0, _) => Some(false),
            (muts, patterns) if muts == patterns => Some(true),
            _ => None,
        }
    }

    /// Whether the name stands for one variable, which has a value from the start and may be moved where deferred code
    /// does not see it.
    pub(super) fn may_be_carried(&self, name: &Ident) -> bool {
        let word = Mentions::plain(name);
        let is_one = self.patterns.get(&word) == Some(&1) && self.muts.get(&word) == Some(&1);
        is_one && !self.late.contains(&word) && !self.deferred.contains(&word)
    }

    /// Counts `mut x`, but not `&mut x` and `ref mut x`.
    fn count_mut(&mut self, tokens: TokenStream) {
        let mut before = [None, None];
        for token in tokens {
            if let (TokenTree::Ident(name), [behind, Some(last)]) = (&token, &before) {
                let is_binding = !matches!(behind.as_deref(), Some("&" | "ref" | "*" | "raw"));
                if last == "mut" && is_binding {
                    *self.muts.entry(Mentions::plain(name)).or_default() += 1;
                }
            }
            before.swap(0, 1);
            before[1] = match token {
                TokenTree::Group(group) => {
                    self.count_mut(group.stream());
                    None
                }
                token => Some(token.to_string()),
            };
        }
    }

    fn names(&mut self, names: &[Ident]) {
        for name in names {
            *self.patterns.entry(Mentions::plain(name)).or_default() += 1;
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            if let StmtKind::Let { binds, init } = &stmt.kind {
                self.names(binds);
                if !init {
                    self.late.extend(binds.iter().map(Mentions::plain));
                }
            }
            self.nodes(&stmt.nodes);
        }
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Token(_) | Node::Recover(_) | Node::Try(_) | Node::Await(_) | Node::StrayScope(_) => {}
                Node::Group(_, nodes) => self.nodes(nodes),
                Node::Jump(jump) => self.nodes(&jump.value),
                Node::Block(block) => {
                    self.names(&block.binds);
                    self.stmts(&block.stmts);
                }
                Node::Frame(frame) => {
                    self.names(&parameters(&frame.head));
                    self.stmts(&frame.body.stmts);
                }
                Node::Site(site) => {
                    self.deferred.extend(Mentions::of(at_exit(&site.group)).into_words());
                    self.stmts(&statements_in_full(site.group.stream()));
                }
                Node::Macro(invocation) => {
                    self.in_macros.extend(Mentions::of(invocation.group.stream()).into_words());
                }
            }
        }
    }
}

/// Whether a word between these can be a variable: it is no field, method, path, macro or field name.
fn is_variable(before: &[Node], after: &[Node]) -> bool {
    let punct = |node: Option<&Node>, char: char| matches!(node, Some(Node::Token(TokenTree::Punct(punct))) if punct.as_char() == char);
    let last = before.len().checked_sub(1).and_then(|at| before.get(at));
    let last_but_one = before.len().checked_sub(2).and_then(|at| before.get(at));
    let member = punct(last, '.') && !punct(last_but_one, '.');
    let behind_path = punct(last, ':') && punct(last_but_one, ':');
    let before_colon = punct(after.first(), ':');
    let lifetime = punct(last, '\'');
    !member && !behind_path && !before_colon && !lifetime
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::wanted;
    use crate::parse::statements;

    fn names(source: &str) -> Vec<String> {
        let stmts = statements(source.parse::<TokenStream>().unwrap());
        let names = stmts.iter().flat_map(wanted).map(|wanted| wanted.name);
        names.filter(|name| !["let", "for", "in", "match", "Some"].contains(&name.as_str())).collect()
    }

    #[test]
    fn block_form_wants_what_it_names() {
        assert_eq!(names("defer! { a.b(c, d::e) }"), ["a", "c"]);
    }

    #[test]
    fn call_form_wants_addresses_and_closures_only() {
        assert_eq!(names("defer!(a.f(b, &c[d], || e))"), ["a", "c", "e"]);
        assert_eq!(names("defer!(f(x))"), [""; 0]);
    }

    #[test]
    fn names_that_the_code_declares_are_not_wanted() {
        assert_eq!(names("defer! { let a = b; a + c; }"), ["b", "c"]);
        assert_eq!(names("defer! { v.map(|x: u8| x + y) }"), ["v", "y"]);
        assert_eq!(names("defer! { for i in v { i + 1; } match a { Some(b) => b, c => c } }"), ["v", "a"]);
    }

    #[test]
    fn names_that_code_deferred_in_the_code_declares_are_not_wanted() {
        assert_eq!(
            names(r#"defer! { defer! { let a = 1; println!("{}", b); a + c } defer!(d.f(e)) }"#),
            ["b", "c", "d", "e"]
        );
    }

    #[test]
    fn names_in_macros_and_format_strings() {
        assert_eq!(names(r#"defer! { println!("{a} {}", b) }"#), ["a", "b"]);
    }

    #[test]
    fn names_declared_on_the_way_are_not_wanted() {
        assert_eq!(names("if let Some(x) = y { let z = 1; defer! { x + z + w } }"), ["w"]);
    }

    #[test]
    fn statements_of_inner_frames_do_not_count() {
        assert_eq!(names("let f = || { defer! { x } };"), [""; 0]);
    }
}
