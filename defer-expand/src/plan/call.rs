//! The call form: what of it is evaluated now, and what at exit.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

use super::build::{Nesting, Planner, Region};
use super::{Code, Take, TakeKind};
use crate::errors;
use crate::parse::call::{Around, Call, Callee, Operand, PlacePart};
use crate::parse::expression;
use crate::parse::outline::Site;

/// What a statement has evaluated so far.
struct Takes {
    taken: Vec<Take>,
    nesting: Nesting,
    /// Where the statement stands.
    region: Region,
}

/// A call with its parts taken out.
pub(crate) struct PlannedCall {
    pub(crate) takes: Vec<Take>,
    pub(crate) code: Vec<Code>,
}

impl Planner<'_> {
    /// Callee and arguments are evaluated now, from left to right; places, and what is borrowed from them, stay
    /// live; the call waits.
    pub(super) fn call(&mut self, site: &Site, call: Call, nesting: Nesting, region: Region) -> PlannedCall {
        let mut takes = Takes { taken: Vec::new(), nesting, region };
        let mut code = match call.callee {
            Callee::Item(tokens) => verbatim(tokens),
            Callee::Name(tokens) if !self.may_be_variable(&tokens) => verbatim(tokens),
            Callee::Name(tokens) | Callee::Expr(tokens) | Callee::Closure { is_move: true, tokens } => {
                self.take(TakeKind::Callee, &tokens, &mut takes)
            }
            // The closure is the deferred code itself, as in Go.
            Callee::Closure { is_move: false, tokens } => {
                let at = tokens.first().map_or_else(Span::call_site, TokenTree::span);
                vec![Code::Callee(at, self.callee_closure(&tokens))]
            }
            Callee::Method(receiver, method) => {
                let mut code = self.receiver(site, receiver, &mut takes);
                code.extend(verbatim(method));
                code
            }
        };
        let args = self.arguments(call.args, &call.parens, &mut takes);
        code.push(Code::Group(call.parens, args));
        for around in call.around.into_iter().rev() {
            match around {
                Around::Unsafe(keyword, braces) => {
                    code = vec![Code::Token(keyword.into()), Code::Group(braces, code)];
                }
                Around::Try(mark) => {
                    self.note_try();
                    code.push(Code::Token(mark));
                }
                Around::Await(tokens) => {
                    self.note_await();
                    code.extend(verbatim(tokens));
                }
            }
        }
        PlannedCall { takes: takes.taken, code }
    }

    /// `println!(…)`: the text is formatted now, and written at exit.
    pub(super) fn print(&mut self, path: Vec<TokenTree>, group: Group, region: Region) -> PlannedCall {
        let mut code = verbatim(path);
        if is_plain_text(group.stream()) {
            code.push(Code::Token(group.into()));
            return PlannedCall { takes: Vec::new(), code };
        }
        let mut takes = Takes { taken: Vec::new(), nesting: Nesting::Direct, region };
        let text: Vec<TokenTree> = group.stream().into_iter().collect();
        let text = self.take(TakeKind::Text, &text, &mut takes);
        let mut args = verbatim("\"{}\",".parse::<TokenStream>().unwrap_or_default());
        args.extend(text);
        code.push(Code::Group(group, args));
        PlannedCall { takes: takes.taken, code }
    }

    fn receiver(&mut self, site: &Site, receiver: Operand, takes: &mut Takes) -> Vec<Code> {
        match receiver {
            Operand::Place(parts) => self.place(parts, takes),
            Operand::Literal(tokens) => verbatim(tokens),
            Operand::Reference { ampersand, of } => {
                let mut tokens = ampersand;
                tokens.extend(source(*of));
                self.no_place(site, &tokens)
            }
            Operand::Value(tokens) | Operand::Closure { tokens, .. } => self.no_place(site, &tokens),
        }
    }

    fn no_place(&mut self, site: &Site, tokens: &[TokenTree]) -> Vec<Code> {
        let stream = tokens.iter().cloned().collect();
        self.errors.push(errors::receiver_is_no_place(&site.keyword, &stream));
        self.code_of_error(tokens)
    }

    fn arguments(&mut self, args: Vec<Operand>, parens: &Group, takes: &mut Takes) -> Vec<Code> {
        let mut commas = parens.stream().into_iter().filter(is_comma);
        let mut code = Vec::new();
        for arg in args {
            if !code.is_empty() {
                code.push(Code::Token(commas.next().unwrap_or_else(|| comma(parens.span_close()))));
            }
            code.extend(self.operand(arg, takes));
        }
        code
    }

    fn operand(&mut self, operand: Operand, takes: &mut Takes) -> Vec<Code> {
        match operand {
            Operand::Literal(tokens) => verbatim(tokens),
            // The name of the result is an address.
            Operand::Place(parts) if self.is_result(&parts) => verbatim(parts_source(parts)),
            // A place by value is a value.
            Operand::Place(parts) => self.take(TakeKind::Value, &parts_source(parts), takes),
            Operand::Value(tokens) | Operand::Closure { is_move: true, tokens } => {
                self.take(TakeKind::Value, &tokens, takes)
            }
            Operand::Closure { is_move: false, tokens } => self.code_at_exit(&tokens),
            Operand::Reference { ampersand, of } => self.reference(ampersand, *of, takes),
        }
    }

    /// `&place` and `&&place` are addresses; what is temporary behind `&` is evaluated now.
    fn reference(&mut self, ampersand: Vec<TokenTree>, of: Operand, takes: &mut Takes) -> Vec<Code> {
        let mut code = verbatim(ampersand.iter().cloned());
        match of {
            Operand::Place(parts) => code.extend(self.place(parts, takes)),
            Operand::Literal(tokens) => code.extend(verbatim(tokens)),
            Operand::Reference { ampersand, of } if of.is_address() => {
                code.extend(self.reference(ampersand, *of, takes));
            }
            of if takes.nesting == Nesting::Direct => {
                let reference: Vec<TokenTree> = ampersand.into_iter().chain(source(of)).collect();
                return self.take(TakeKind::Reference, &reference, takes);
            }
            // The record owns the temporary.
            of => code.extend(self.take(TakeKind::Value, &source(of), takes)),
        }
        code
    }

    /// Whether a place is the name that the attribute gives to the result.
    fn is_result(&self, parts: &[PlacePart]) -> bool {
        match parts {
            [PlacePart::Token(TokenTree::Ident(word))] => self.names_result(word),
            _ => false,
        }
    }

    /// A place stays live, but for the indices in it.
    fn place(&mut self, parts: Vec<PlacePart>, takes: &mut Takes) -> Vec<Code> {
        parts
            .into_iter()
            .map(|part| match part {
                PlacePart::Token(token) => Code::Token(token),
                PlacePart::Index(group, index) => {
                    let index = self.operand(index, takes);
                    Code::Group(group, index)
                }
                PlacePart::Parens(group, parts) => {
                    let parts = self.place(parts, takes);
                    Code::Group(group, parts)
                }
            })
            .collect()
    }

    /// Evaluates something now; what is left of it at exit is its name.
    fn take(&mut self, kind: TakeKind, tokens: &[TokenTree], takes: &mut Takes) -> Vec<Code> {
        let at = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let value = self.taken(at);
        let code = self.argument(&expression(tokens), takes.region);
        takes.taken.push(Take { value, kind, code });
        vec![Code::Taken(value)]
    }
}

fn verbatim(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<Code> {
    tokens.into_iter().map(Code::Token).collect()
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn comma(at: Span) -> TokenTree {
    let mut comma = proc_macro2::Punct::new(',', proc_macro2::Spacing::Alone);
    comma.set_span(at);
    comma.into()
}

/// The tokens of an operand, as they were.
fn source(operand: Operand) -> Vec<TokenTree> {
    match operand {
        Operand::Literal(tokens) | Operand::Value(tokens) | Operand::Closure { tokens, .. } => tokens,
        Operand::Place(parts) => parts_source(parts),
        Operand::Reference { ampersand, of } => ampersand.into_iter().chain(source(*of)).collect(),
    }
}

fn parts_source(parts: Vec<PlacePart>) -> Vec<TokenTree> {
    parts
        .into_iter()
        .map(|part| match part {
            PlacePart::Token(token) => token,
            PlacePart::Index(group, _) | PlacePart::Parens(group, _) => group.into(),
        })
        .collect()
}

/// One literal without holes, or nothing: formatting it now or at exit makes no difference.
fn is_plain_text(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (None, _) => true,
        (Some(TokenTree::Literal(text)), None) => !text.to_string().contains('{'),
        _ => false,
    }
}
