//! The bare statements of `defer_keyword!`: tokens to tokens, before anything else looks at them.
//!
//! `defer call;` becomes `defer!(call);` with the full path of the macro, `defer { … }` becomes `defer! { … }`, and a
//! function in which that happened gets `#[with_defer]` if it lacks it. All else is copied.
//!
//! The word is the keyword where a statement or match arm begins, if what follows cannot follow a name, as in
//! `defer file.close();`, or would be pointless behind one, as in `defer (f)(x);`. So `defer.field`, `defer::path`,
//! `defer = …`, `defer[…]` and `defer!` mean what they mean elsewhere.

use std::mem;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Expr;
use syn::parse::{ParseStream, Parser};

use super::items::{self, is_joint, is_punct};
use super::outline::When;
use super::scan::KEYWORDS;
use super::too_deep;
use crate::errors::{self, Errors};
use crate::names::{self, glue};

/// Rewrites the items. `krate` is the path of the facade.
pub(crate) fn rewrite(krate: TokenStream, items: TokenStream, errors: &mut Errors) -> TokenStream {
    let tokens: Vec<TokenTree> = items.into_iter().collect();
    if let Some(deep) = too_deep(tokens.iter().cloned().collect()) {
        errors.push(errors::nested_too_deeply(&deep));
        return tokens.into_iter().collect();
    }
    let mut rewriter = Rewriter { krate, errors, changed: false, defers: false };
    Sequence::new(&mut rewriter, &tokens, Place::Items, true).rewritten().into_iter().collect()
}

/// Where tokens stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of any function.
    Items,
    Function,
    /// The rules of a `macro_rules!`.
    Rules,
    /// The arguments of a macro: a language of its own,
    Macro,
    /// and braces in them: probably statements. The compiler will reach the rewritten one, and say that it cannot
    /// stand there.
    MacroBlock,
}

/// What follows the keyword.
enum Deferred {
    Block(Group),
    Call,
}

struct Rewriter<'e> {
    krate: TokenStream,
    errors: &'e mut Errors,
    /// Something in the group was rewritten.
    changed: bool,
    /// A deferred statement of the function was.
    defers: bool,
}

impl Rewriter<'_> {
    /// The group, rewritten, or as it was.
    fn group(&mut self, group: &Group, place: Place, has_statements: bool) -> TokenTree {
        match self.content(group, place, has_statements) {
            Some(content) => names::refilled(group, content),
            None => group.clone().into(),
        }
    }

    /// What is in the group, if it was rewritten.
    fn content(&mut self, group: &Group, place: Place, has_statements: bool) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let changed = mem::replace(&mut self.changed, false);
        let rewritten = Sequence::new(self, &tokens, place, has_statements).rewritten();
        let content = self.changed.then(|| rewritten.into_iter().collect());
        self.changed |= changed;
        content
    }

    /// The path of the facade, for errors that concern `at`.
    fn krate(&self, at: Span) -> TokenStream {
        names::located_at(self.krate.clone(), at)
    }

    /// The brackets of `#[with_defer]`, with the path of the facade among its arguments.
    fn attribute(&mut self, path: &TokenStream, arguments: &TokenStream, at: Span) -> TokenTree {
        self.changed = true;
        let krate = self.krate(at);
        let content = quote_spanned!(glue(at)=> #path(crate = #krate, #arguments));
        Group::new(Delimiter::Bracket, content).into()
    }
}

/// The inside of a group, while it is rewritten.
struct Sequence<'r, 'e> {
    rewriter: &'r mut Rewriter<'e>,
    tokens: &'r [TokenTree],
    place: Place,
    /// Statements or items, not an expression.
    has_statements: bool,
    at: usize,
    out: Vec<TokenTree>,
    /// Where the current statement or item starts in what is written,
    start: usize,
    /// and whether it has a `#[with_defer]`.
    has_attribute: bool,
    /// It has just begun.
    begins: bool,
}

impl<'r, 'e> Sequence<'r, 'e> {
    fn new(
        rewriter: &'r mut Rewriter<'e>,
        tokens: &'r [TokenTree],
        place: Place,
        has_statements: bool,
    ) -> Self {
        let (at, out, start, has_attribute) = (0, Vec::new(), 0, false);
        Self {
            rewriter,
            tokens,
            place,
            has_statements,
            at,
            out,
            start,
            has_attribute,
            begins: has_statements,
        }
    }

    fn rewritten(mut self) -> Vec<TokenTree> {
        while self.at < self.tokens.len() {
            let begins = mem::replace(&mut self.begins, false);
            self.step(begins);
        }
        self.out
    }

    fn step(&mut self, begins: bool) {
        match self.tokens[self.at..] {
            [TokenTree::Punct(ref punct), TokenTree::Group(ref brackets), ..] if punct.as_char() == '#' => {
                self.attribute(brackets);
                self.begins = begins;
            }
            [TokenTree::Punct(ref punct), ref bang, TokenTree::Group(_), ..]
                if punct.as_char() == '#' && is_punct(bang, '!') =>
            {
                self.copy(3);
                self.ends();
                self.begins = begins;
            }
            [ref equals, ref arrow, ..] if is_joint(equals, '=') && is_punct(arrow, '>') => {
                self.copy(2);
                if self.has_statements {
                    self.arm();
                }
            }
            [TokenTree::Ident(ref word), ref bang, TokenTree::Group(ref group), ..]
                if is_punct(bang, '!') && !KEYWORDS.iter().any(|keyword| word == keyword) =>
            {
                self.invocation(word, group);
            }
            [TokenTree::Ident(ref word), ref bang, TokenTree::Ident(_), TokenTree::Group(ref rules), ..]
                if word == "macro_rules" && is_punct(bang, '!') =>
            {
                self.rules(rules);
            }
            [TokenTree::Ident(ref word), TokenTree::Ident(_), ..] if word == "fn" => self.function(),
            // In a `macro_rules!`.
            [TokenTree::Ident(ref word), ref dollar, ..] if word == "fn" && is_punct(dollar, '$') => {
                self.function();
            }
            // A variant may be called `defer`.
            [TokenTree::Ident(ref word), TokenTree::Ident(_), ..] if word == "enum" => {
                let body = items::body(self.tokens, self.at).unwrap_or(self.tokens.len() - 1);
                self.copy(body + 1 - self.at);
                self.ends();
            }
            [TokenTree::Ident(ref word), ..] if When::of(word).is_some() => self.keyword(word, begins),
            [TokenTree::Group(ref group), ..] => self.group(group),
            [ref token, ..] => {
                let ends = is_punct(token, ';');
                self.copy(1);
                if ends {
                    self.ends();
                }
            }
            [] => {}
        }
    }

    fn copy(&mut self, length: usize) {
        let end = self.tokens.len().min(self.at + length);
        self.out.extend_from_slice(&self.tokens[self.at..end]);
        self.at = end;
    }

    /// A statement or item ends here.
    fn ends(&mut self) {
        self.begins = self.has_statements;
        self.start = self.out.len();
        self.has_attribute = false;
    }

    fn attribute(&mut self, brackets: &Group) {
        let Some((path, arguments)) = items::with_defer(brackets, self.rewriter.errors) else {
            return self.copy(2);
        };
        self.has_attribute = true;
        if arguments
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "crate"))
        {
            return self.copy(2);
        }
        self.copy(1);
        self.at += 1;
        self.out.push(self.rewriter.attribute(&path, &arguments, brackets.span_close()));
    }

    fn group(&mut self, group: &Group) {
        let braces = group.delimiter() == Delimiter::Brace;
        let place = match self.place {
            // What a rule matches; what it writes is behind the arrow.
            Place::Rules if self.tokens.get(self.at + 1).is_some_and(|token| is_punct(token, '=')) => {
                return self.copy(1);
            }
            Place::Rules => Place::MacroBlock,
            Place::Macro if braces => Place::MacroBlock,
            place => place,
        };
        let ends = match group.delimiter() {
            Delimiter::Brace => true,
            // A `macro_rules!` fragment: a whole item, or something else.
            Delimiter::None => group.stream().into_iter().last().is_some_and(|last| match last {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                last => is_punct(&last, ';'),
            }),
            _ => false,
        };
        let is_else =
            |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if word == "else");
        let is_branch = is_else(self.tokens.get(self.at + 1)) || is_else(self.out.last());
        self.at += 1;
        self.out.push(match self.rewriter.content(group, place, braces) {
            Some(content) if is_branch => names::branch(group, content),
            Some(content) => names::refilled(group, content),
            None => group.clone().into(),
        });
        if ends {
            self.ends();
        }
    }

    /// The invocation of a macro.
    fn invocation(&mut self, name: &Ident, input: &Group) {
        let braces = input.delimiter() == Delimiter::Brace;
        self.copy(2);
        if name == "defer_keyword" {
            self.copy(1);
        } else {
            let ours = When::of(name).is_some() && self.place == Place::Function;
            let place = if ours { Place::Function } else { Place::Macro };
            self.at += 1;
            self.out.push(self.rewriter.group(input, place, braces));
        }
        if braces {
            self.ends();
        }
    }

    /// A `macro_rules!`.
    fn rules(&mut self, rules: &Group) {
        self.copy(3);
        self.at += 1;
        self.out.push(self.rewriter.group(rules, Place::Rules, false));
        self.ends();
    }

    /// A function, from its `fn` on.
    fn function(&mut self) {
        let at = self.tokens[self.at].span();
        let Some(body) = items::body(self.tokens, self.at) else { return self.copy(1) };
        let outer = self.rewriter.defers;
        // A type may have a block in it, which defers nothing: the statement's macro says so.
        let signature = &self.tokens[self.at..body];
        self.out.extend(Sequence::new(self.rewriter, signature, Place::Function, false).rewritten());
        self.at = body;
        self.rewriter.defers = outer;
        match &self.tokens[body] {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                self.rewriter.defers = false;
                let body = self.rewriter.group(body, Place::Function, true);
                let defers = mem::replace(&mut self.rewriter.defers, outer);
                if defers && !self.has_attribute {
                    let krate = self.rewriter.krate(at);
                    let path = quote_spanned!(glue(at)=> #krate::with_defer);
                    let brackets = self.rewriter.attribute(&path, &TokenStream::new(), at);
                    self.out.splice(self.start..self.start, quote_spanned!(glue(at)=> # #brackets));
                }
                self.out.push(body);
                self.at += 1;
            }
            _ => self.copy(1),
        }
        self.ends();
    }

    /// A word that may be the keyword.
    fn keyword(&mut self, keyword: &Ident, begins: bool) {
        let rest = &self.tokens[self.at + 1..];
        let end = rest.iter().position(|token| is_punct(token, ';'));
        let statement = &rest[..end.unwrap_or(rest.len())];
        let is_pattern = statement.windows(2).any(|pair| is_joint(&pair[0], '=') && is_punct(&pair[1], '>'));
        let deferred = match self.place {
            Place::Macro => None,
            Place::MacroBlock if end.is_none() || !is_name(statement.first()) => None,
            _ => deferred(rest, end.is_some()).filter(|_| begins && !is_pattern),
        };
        match deferred {
            None if self.is_misplaced(rest) => {
                self.rewriter.errors.push(errors::keyword_in_expression(keyword));
                self.rewriter.changed = true;
                self.at += 1;
            }
            None => self.copy(1),
            Some(_) if self.place == Place::Items => {
                self.rewriter.errors.push(errors::keyword_outside_function(keyword));
                self.rewriter.changed = true;
                self.at += 1 + statement.len() + usize::from(end.is_some());
                self.ends();
            }
            Some(Deferred::Block(block)) => {
                self.block(keyword, &block);
                self.ends();
            }
            Some(Deferred::Call) => {
                let is_comma = |token: Option<&TokenTree>| token.is_some_and(|token| is_punct(token, ','));
                let call = expression(statement).filter(|call| !is_comma(statement.get(call.length)));
                let length = call.as_ref().map_or(statement.len(), |call| call.length);
                self.call(keyword, length);
                // rustc has more to say of what does not parse.
                if let Some(call) = call.filter(|call| end != Some(call.length)) {
                    if call.may_be_one {
                        self.rewriter.errors.push(errors::no_semicolon(end_of(&statement[length - 1])));
                    }
                    self.out.extend(quote_spanned!(glue(keyword.span())=> ;));
                    self.ends();
                }
            }
        }
    }

    /// Behind the `=>` of a match arm.
    fn arm(&mut self) {
        let [TokenTree::Ident(keyword), rest @ ..] = &self.tokens[self.at..] else { return };
        if When::of(keyword).is_none() || self.place != Place::Function {
            return;
        }
        match deferred(rest, false) {
            None => return,
            Some(Deferred::Block(block)) => self.block(keyword, &block),
            Some(Deferred::Call) => {
                let comma = || rest.iter().position(|token| is_punct(token, ',')).unwrap_or(rest.len());
                let length = expression(rest).map_or_else(comma, |call| call.length);
                self.call(keyword, length);
            }
        }
        if !self.tokens.get(self.at).is_none_or(|token| is_punct(token, ',')) {
            self.out.extend(quote_spanned!(glue(keyword.span())=> ,));
        }
    }

    /// `defer { … }`
    fn block(&mut self, keyword: &Ident, block: &Group) {
        self.path(keyword);
        self.out.push(self.rewriter.group(block, self.place, true));
        self.at += 2;
    }

    /// `defer call`, with a call of so many tokens.
    fn call(&mut self, keyword: &Ident, length: usize) {
        self.path(keyword);
        let call = &self.tokens[self.at + 1..self.at + 1 + length];
        let close = call.last().map_or_else(|| keyword.span(), end_of);
        let call = Sequence::new(self.rewriter, call, self.place, false).rewritten();
        let mut parens = Group::new(Delimiter::Parenthesis, call.into_iter().collect());
        parens.set_span(close);
        self.out.push(parens.into());
        self.at += 1 + length;
    }

    /// The macro, up to its `!`.
    fn path(&mut self, keyword: &Ident) {
        self.rewriter.defers = true;
        self.rewriter.changed = true;
        let krate = self.rewriter.krate(keyword.span());
        self.out.extend(quote_spanned!(glue(keyword.span())=> #krate::#keyword!));
    }

    /// Whether what follows says that the word is meant to be the keyword, where it is not.
    fn is_misplaced(&self, rest: &[TokenTree]) -> bool {
        let is_name_here = self.at > 0 && {
            let before = &self.tokens[self.at - 1];
            is_punct(before, '\'') || is_punct(before, '.')
        };
        matches!(self.place, Place::Items | Place::Function) && !is_name_here && is_name(rest.first())
    }
}

/// What is deferred, if what follows the word says that it is the keyword.
fn deferred(rest: &[TokenTree], has_semicolon: bool) -> Option<Deferred> {
    match rest.first()? {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => Some(Deferred::Block(group.clone())),
            Delimiter::Parenthesis => has_semicolon.then_some(Deferred::Call),
            Delimiter::Bracket => None,
            Delimiter::None => Some(Deferred::Call),
        },
        TokenTree::Literal(_) => Some(Deferred::Call),
        // `defer as u8`, of a variable.
        TokenTree::Ident(word) => (word != "as").then_some(Deferred::Call),
        TokenTree::Punct(punct) => {
            let is_assignment = rest.iter().take(3).take_while(|token| matches!(token, TokenTree::Punct(_)));
            let is_assignment = is_assignment.into_iter().any(|token| is_punct(token, '='));
            match punct.as_char() {
                '\'' | '#' | '$' => Some(Deferred::Call),
                // A closure, a path `<T as Trait>::f`.
                '|' | '<' => (has_semicolon && !is_assignment).then_some(Deferred::Call),
                _ => None,
            }
        }
    }
}

/// A word that cannot follow a name.
fn is_name(token: Option<&TokenTree>) -> bool {
    let operators = ["as", "else", "for", "if", "in", "where"];
    matches!(token, Some(TokenTree::Ident(word)) if operators.iter().all(|operator| word != operator))
}

/// An expression behind the keyword.
struct Expression {
    length: usize,
    /// It may be a call. Of anything else the statement's macro says that it is none.
    may_be_one: bool,
}

/// The expression that the tokens start with.
fn expression(tokens: &[TokenTree]) -> Option<Expression> {
    // What is in blocks and arguments may have bare statements in it, and says nothing about the end.
    let outline = tokens.iter().map(|token| match token {
        TokenTree::Group(group) if matches!(group.delimiter(), Delimiter::Brace | Delimiter::Parenthesis) => {
            Group::new(group.delimiter(), TokenStream::new()).into()
        }
        token => token.clone(),
    });
    let parser = |input: ParseStream| {
        let expression: Expr = input.parse()?;
        let behind = input.parse::<TokenStream>()?.into_iter().count();
        let may_be_one = matches!(
            expression,
            Expr::Await(_)
                | Expr::Call(_)
                | Expr::Group(_)
                | Expr::Macro(_)
                | Expr::MethodCall(_)
                | Expr::Paren(_)
                | Expr::Try(_)
                | Expr::Unsafe(_)
        );
        Ok(Expression { length: tokens.len() - behind, may_be_one })
    };
    parser.parse2(outline.collect()).ok()
}

/// The end of the user's code, whose edition is the one of its surroundings.
fn end_of(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}
