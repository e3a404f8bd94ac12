//! Items, as far as one must read them to find the functions among them.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

use crate::errors::{self, Errors};

/// The members of an `impl` or `trait`, each with its attributes. Inner attributes come out on their own.
pub(super) fn members(braces: &Group) -> Vec<Vec<TokenTree>> {
    let mut rest: Vec<TokenTree> = braces.stream().into_iter().collect();
    let mut members = Vec::new();
    while !rest.is_empty() {
        let end = if rest.len() > 2 && is_punct(&rest[1], '!') { 3 } else { member_end(&rest) };
        let behind = rest.split_off(end.min(rest.len()));
        members.push(std::mem::replace(&mut rest, behind));
    }
    members
}

fn member_end(tokens: &[TokenTree]) -> usize {
    let start = head(tokens);
    let is_word = |token: Option<&TokenTree>, expected: &str| matches!(token, Some(TokenTree::Ident(word)) if word == expected);
    let has_body = is_word(tokens.get(start), "fn") || is_invocation(&tokens[start..]);
    let semicolon = || tokens.iter().position(|token| is_punct(token, ';')).map(|end| end + 1);
    let end = if has_body { body(tokens, start).map(|end| end + 1) } else { semicolon() };
    end.unwrap_or(tokens.len())
}

/// Whether a macro invocation starts here.
fn is_invocation(tokens: &[TokenTree]) -> bool {
    let path = tokens
        .iter()
        .take_while(|token| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':'))
        .count();
    path > 0 && tokens.get(path).is_some_and(|token| is_punct(token, '!'))
}

/// Where the attributes, the visibility and the modifiers of an item end.
pub(super) fn head(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    loop {
        at += match (tokens.get(at), tokens.get(at + 1)) {
            (Some(hash), Some(TokenTree::Group(_))) if is_punct(hash, '#') => 2,
            (Some(TokenTree::Ident(word)), next) if word == "pub" => match next {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => 2,
                _ => 1,
            },
            (Some(TokenTree::Ident(word)), next) if word == "extern" => match next {
                Some(TokenTree::Literal(_)) => 2,
                _ => 1,
            },
            (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(next))) if is_modifier(word, next) => 1,
            (Some(TokenTree::Group(group)), _) if group.delimiter() == Delimiter::None => 1,
            _ => return at,
        };
    }
}

fn is_modifier(word: &Ident, next: &Ident) -> bool {
    match word.to_string().as_str() {
        // Not the one of `const NAME: …`.
        "const" => ["async", "extern", "fn", "safe", "unsafe"].iter().any(|word| next == word),
        "async" | "auto" | "default" | "safe" | "unsafe" => true,
        _ => false,
    }
}

/// Where the body of the item stands that starts here, or the `;` if it has none: both stand outside of `<…>`.
pub(super) fn body(tokens: &[TokenTree], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut behind_dash = false;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    ';' => return Some(at),
                    '<' => depth += 1,
                    '>' if !behind_dash => depth = depth.saturating_sub(1),
                    _ => {}
                }
                behind_dash = punct.spacing() == Spacing::Joint && "-=".contains(punct.as_char());
            }
            TokenTree::Group(group) if depth == 0 && is_braces(group) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Braces, also from a `macro_rules!` fragment.
fn is_braces(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            matches!((inner.next(), inner.next()), (Some(TokenTree::Group(inner)), None) if is_braces(&inner))
        }
        _ => false,
    }
}

/// The path and the arguments of an attribute, if it is `#[with_defer]`, by whatever path.
///
/// One in a `cfg_attr` is an error: the condition is evaluated when we are done.
pub(super) fn with_defer(brackets: &Group, errors: &mut Errors) -> Option<(TokenStream, TokenStream)> {
    let attribute = without_fragments(brackets.stream());
    path_and_arguments(&attribute).or_else(|| {
        let conditional = conditional(&attribute)?;
        errors.push(errors::conditional_attribute(&conditional.0));
        Some(conditional)
    })
}

fn path_and_arguments(attribute: &[TokenTree]) -> Option<(TokenStream, TokenStream)> {
    let (path, arguments) = match attribute {
        [path @ .., TokenTree::Group(arguments)] => (path, arguments.stream()),
        path => (path, TokenStream::new()),
    };
    match path.last() {
        Some(TokenTree::Ident(name)) if name == "with_defer" => {
            Some((path.iter().cloned().collect(), arguments))
        }
        _ => None,
    }
}

/// The same of one in a `cfg_attr`.
fn conditional(attribute: &[TokenTree]) -> Option<(TokenStream, TokenStream)> {
    let [TokenTree::Ident(word), TokenTree::Group(arguments)] = attribute else { return None };
    if word != "cfg_attr" {
        return None;
    }
    let arguments = without_fragments(arguments.stream());
    let attributes = arguments.split(|token| is_punct(token, ',')).skip(1);
    attributes
        .into_iter()
        .find_map(|attribute| path_and_arguments(attribute).or_else(|| conditional(attribute)))
}

/// The tokens, with those of `macro_rules!` fragments among them.
fn without_fragments(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flat.extend(without_fragments(group.stream()));
            }
            token => flat.push(token),
        }
    }
    flat
}

pub(super) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// The first character of an operator of more.
pub(super) fn is_joint(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char && punct.spacing() == Spacing::Joint)
}
