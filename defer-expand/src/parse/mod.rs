//! Tokens to an outline of them: knows Rust's syntax and ours, and nothing of what it means.

pub(crate) mod call;
mod items;
pub(crate) mod keyword;
mod members;
pub(crate) mod outline;
mod scan;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Pat, Path, Signature, Token};

use self::outline::{Block, Role};
use crate::errors::{self, Errors};
use crate::names;

pub(crate) use self::members::{Member, Members};
pub(crate) use self::scan::{KEYWORDS, expression, statements, statements_in_full};

/// What stands in the parentheses of `#[with_defer(…)]`.
#[derive(Default)]
pub(crate) struct Options {
    /// `crate = path`: how generated code finds the facade.
    pub(crate) krate: Option<TokenStream>,
    pub(crate) result: Option<NamedResult>,
}

/// `PATTERN = EXPR`: the name of the result, and what it holds before anything is stored.
pub(crate) struct NamedResult {
    pub(crate) pattern: TokenStream,
    /// `None`: `Default::default()`.
    pub(crate) initial: Option<TokenStream>,
}

impl NamedResult {
    /// The pattern that should have been written instead of two names.
    fn and(self, other: Self) -> Self {
        let (first, second) = (self.pattern, other.pattern);
        let initial = self.initial.zip(other.initial);
        Self {
            pattern: quote!((#first, #second)),
            initial: initial.map(|(first, second)| quote!((#first, #second))),
        }
    }
}

/// The function under the attribute.
pub(crate) struct Function {
    /// All that stands before the body.
    pub(crate) head: TokenStream,
    pub(crate) signature: Signature,
    pub(crate) body: Block,
}

/// An item that the attribute was put on.
pub(crate) enum Item {
    Function(Box<Function>),
    Members(Members),
    /// Nothing to do: a trait's function without a body, or a function in which nothing is deferred.
    Untouched,
    /// An error has been reported.
    Rejected,
}

/// Reads the attribute's arguments. What is wrong in them is reported and left out.
pub(crate) fn options(arguments: TokenStream, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    options.read(arguments, errors);
    options
}

impl Options {
    fn read(&mut self, arguments: TokenStream, errors: &mut Errors) {
        if let Some(deep) = too_deep(arguments.clone()) {
            errors.push(errors::nested_too_deeply(&deep));
            return;
        }
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                option(input, self, errors)?;
                if input.is_empty() {
                    break;
                }
                input.parse::<Token![,]>()?;
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(arguments) {
            errors.push(errors::bad_argument(&error));
        }
    }
}

fn option(input: ParseStream, options: &mut Options, errors: &mut Errors) -> syn::Result<()> {
    if input.peek(Token![crate]) {
        let keyword: Token![crate] = input.parse()?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.fork().call(Path::parse_mod_style).is_ok() {
                Some(input.call(Path::parse_mod_style)?)
            } else {
                input.parse::<Expr>()?;
                None
            }
        } else {
            None
        };
        match value {
            None => errors.push(errors::crate_without_path(&keyword)),
            Some(_) if options.krate.is_some() => errors.push(errors::duplicate_option("crate", &keyword)),
            Some(path) => options.krate = Some(path.into_token_stream()),
        }
        return Ok(());
    }
    let pattern = input.call(Pat::parse_single)?;
    let initial = if input.peek(Token![=]) {
        let equals = input.parse::<Token![=]>()?;
        if input.is_empty() {
            return Err(syn::Error::new_spanned(equals, "expected an expression behind it"));
        }
        Some(input.parse::<Expr>()?)
    } else {
        None
    };
    if let Some(error) = errors::not_a_result(&pattern, initial.as_ref()) {
        errors.push(error);
        return Ok(());
    }
    let named =
        NamedResult { pattern: pattern.to_token_stream(), initial: initial.map(ToTokens::into_token_stream) };
    options.result = Some(match options.result.take() {
        None => named,
        Some(first) => {
            errors.push(errors::two_results(&pattern));
            first.and(named)
        }
    });
    Ok(())
}

/// The names that a pattern binds.
pub(crate) fn bindings(pattern: TokenStream) -> Vec<Ident> {
    scan::bindings(&pattern.into_iter().collect::<Vec<_>>())
}

/// The names that the parameters of a closure bind.
pub(crate) fn parameters(head: &[TokenTree]) -> Vec<Ident> {
    scan::parameters(head)
}

/// How deep groups may be nested. rustc, syn and we recurse on the nesting of an expression, syn with up to 40 KB a
/// level of an 8 MB stack; long before that is used up, nobody can read the function.
const DEPTH: usize = 128;

/// Reads the item under the attribute.
///
/// A function with a named result is expanded even if nothing is deferred in it: its body may use the name.
pub(crate) fn item(item: &TokenStream, options: &Options, errors: &mut Errors) -> Item {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    if let Some((keyword, braces)) = members::container(&tokens) {
        return Item::Members(members::members(&tokens, keyword, braces, options, errors));
    }
    let Some(parts) = Parts::of(tokens) else {
        errors.push(match too_deep(item.clone()) {
            Some(deep) => errors::nested_too_deeply(&deep),
            None => errors::not_a_function(item),
        });
        return Item::Rejected;
    };
    let constness = parts.signature.constness.to_token_stream();
    match parts.read(options, errors) {
        Item::Untouched if !constness.is_empty() => {
            errors.push(errors::const_function(&constness));
            Item::Rejected
        }
        item => item,
    }
}

/// A function, before anybody has looked at its body.
struct Parts {
    head: Vec<TokenTree>,
    signature: Signature,
    body: Option<Group>,
}

impl Parts {
    /// The parts of an item, if it is a function that syn can look at.
    fn of(mut item: Vec<TokenTree>) -> Option<Self> {
        let body = match item.pop()? {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => Some(body),
            last => {
                item.push(last);
                None
            }
        };
        let head: TokenStream = item.iter().cloned().collect();
        if too_deep(head.clone()).is_some() {
            return None;
        }
        let signature = signature.parse2(head).ok()?;
        Some(Self { head: item, signature, body })
    }

    fn read(self, options: &Options, errors: &mut Errors) -> Item {
        let Some(body) = self.body else { return Item::Untouched };
        let has_named_result = options.result.is_some();
        if !has_named_result && !mentions_statement(body.stream()) {
            return Item::Untouched;
        }
        if let Some(deep) = too_deep(body.stream()) {
            errors.push(errors::nested_too_deeply(&deep));
            return Item::Rejected;
        }
        let mut body = scan::block(&body, Role::Body);
        if !has_named_result && !body.has_site() {
            return Item::Untouched;
        }
        if let Some(constness) = &self.signature.constness {
            errors.push(errors::const_function(constness));
            return Item::Rejected;
        }
        let head = with_inner_attributes(self.head, &mut body);
        Item::Function(Box::new(Function { head, signature: self.signature, body }))
    }
}

/// The head, with the attributes that stood in the body, where glue would come before them.
fn with_inner_attributes(mut head: Vec<TokenTree>, body: &mut Block) -> TokenStream {
    let is_punct =
        |token: &TokenTree, char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == char);
    let inner = body.stmts.first().is_some_and(|stmt| match stmt.tokens.as_slice() {
        [hash, bang, TokenTree::Group(_), ..] => is_punct(hash, '#') && is_punct(bang, '!'),
        _ => false,
    });
    if inner {
        let tokens = body.stmts.remove(0).tokens.into_iter().enumerate();
        let outer = tokens.filter(|(at, _)| at % 3 != 1).map(|(_, token)| token);
        let end = 2 * head.chunks(2).take_while(|pair| is_punct(&pair[0], '#')).count();
        head.splice(end..end, outer);
    }
    head.into_iter().collect()
}

/// Attributes, visibility and signature.
fn signature(input: ParseStream) -> syn::Result<Signature> {
    input.call(syn::Attribute::parse_outer)?;
    input.parse::<syn::Visibility>()?;
    if input.fork().parse::<Ident>().is_ok_and(|word| word == "default") {
        input.parse::<Ident>()?;
    }
    let signature = input.parse()?;
    input.parse::<Option<Token![;]>>()?;
    Ok(signature)
}

/// Whether the name of a statement macro or of `#[defer_scope]` stands anywhere in the tokens.
fn mentions_statement(tokens: TokenStream) -> bool {
    let mut pending = vec![tokens];
    while let Some(tokens) = pending.pop() {
        for token in tokens {
            match token {
                TokenTree::Group(group) => pending.push(group.stream()),
                TokenTree::Ident(word) if word == "defer_scope" || outline::When::of(&word).is_some() => {
                    return true;
                }
                _ => {}
            }
        }
    }
    false
}

/// A group that is nested too deeply, if there is one.
fn too_deep(tokens: TokenStream) -> Option<Group> {
    let mut pending = vec![(0, tokens)];
    while let Some((depth, tokens)) = pending.pop() {
        for token in tokens {
            let TokenTree::Group(group) = token else { continue };
            if depth == DEPTH {
                return Some(group);
            }
            pending.push((depth + 1, group.stream()));
        }
    }
    None
}

/// The item with markers in place of its deferred statements, so that they report nothing.
pub(crate) fn silenced(item: TokenStream) -> TokenStream {
    silence(item, DEPTH)
}

fn silence(tokens: TokenStream, depth: usize) -> TokenStream {
    let mut silenced: Vec<TokenTree> = Vec::new();
    for token in tokens {
        silenced.push(match (silenced.as_slice(), token) {
            ([.., TokenTree::Ident(keyword), TokenTree::Punct(bang)], TokenTree::Group(group))
                if bang.as_char() == '!'
                    && (keyword == "recover" || outline::When::of(keyword).is_some()) =>
            {
                regrouped(&group, names::marker_argument(keyword).into_token_stream())
            }
            (_, TokenTree::Group(group)) if depth > 0 => {
                let inner = silence(group.stream(), depth - 1);
                regrouped(&group, inner)
            }
            (_, token) => token,
        });
    }
    silenced.into_iter().collect()
}

fn regrouped(group: &Group, inner: TokenStream) -> TokenTree {
    let mut regrouped = Group::new(group.delimiter(), inner);
    regrouped.set_span(group.span());
    regrouped.into()
}
