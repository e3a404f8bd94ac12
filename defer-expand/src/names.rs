//! Every name that generated code uses, and every span that it carries.
//!
//! Glue stands at `Span::mixed_site()`, so its variables are invisible to the user, and is located at the user's
//! token that it came from, so errors and lints point there. Braces around the user's statements carry the span of
//! the user's own closing brace: it decides the edition of what is in them.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};

use crate::plan::{Owned, StoreId, Taken};

/// Where glue that came from a token stands.
pub(crate) fn glue(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

/// The bars of a closure around the user's code. They carry the user's own span: borrowck points at them, and names the
/// variables that a closure in glue would hide.
pub(crate) fn pipes(at: Span, parameter: Option<&str>) -> TokenStream {
    let parameter = parameter.map(|name| match name {
        "_" => quote_spanned!(glue(at)=> _),
        name => Ident::new(name, glue(at)).into_token_stream(),
    });
    let pipe = quote_spanned!(at=> |);
    quote_spanned!(glue(at)=> #pipe #parameter #pipe)
}

/// A path that the user did not write, where it is needed.
pub(crate) fn located_at(path: TokenStream, at: Span) -> TokenStream {
    let located = path.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    located.collect()
}

/// Braces around the user's statements.
pub(crate) fn braces(close: Span, inner: TokenStream) -> TokenTree {
    delimited(Delimiter::Brace, close, inner)
}

/// The user's group, with something else in it. An expression that starts with parentheses starts where they do.
pub(crate) fn refilled(group: &Group, inner: TokenStream) -> TokenTree {
    let span = if group.delimiter() == Delimiter::Brace { group.span_close() } else { group.span() };
    delimited(group.delimiter(), span, inner)
}

/// The user's branch of an `if`, with something else in it. It carries the span of the whole branch: clippy looks at the
/// source between two branches, and would take what is between two closing braces for it.
pub(crate) fn branch(group: &Group, inner: TokenStream) -> TokenTree {
    delimited(group.delimiter(), group.span(), inner)
}

fn delimited(delimiter: Delimiter, span: Span, inner: TokenStream) -> TokenTree {
    let mut group = Group::new(delimiter, inner);
    group.set_span(span);
    group.into()
}

/// The name of a value that was taken at a statement.
pub(crate) fn taken(value: Taken) -> Ident {
    format_ident!("__taken{}", value.number, span = glue(value.at))
}

/// The name of a store.
pub(crate) fn store(id: StoreId, at: Span) -> Ident {
    format_ident!("__store{}", id.0, span = glue(at))
}

/// A keyword of the user's that is written again by glue.
pub(crate) fn again(keyword: &Ident) -> Ident {
    Ident::new(&keyword.to_string(), glue(keyword.span()))
}

/// Tokens of glue.
pub(crate) fn respanned(tokens: TokenStream, at: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(glue(at));
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// The number of a guard.
pub(crate) fn number(number: usize, at: Span) -> Literal {
    let mut number = Literal::usize_unsuffixed(number);
    number.set_span(glue(at));
    number
}

/// A variable of the user's, where deferred code names it.
pub(crate) fn moved(owned: &Owned) -> Ident {
    let mut name = owned.name.clone();
    name.set_span(owned.name.span().located_at(owned.at));
    name
}

/// The same variable, as deferred code gets it back: as mutable as it was.
pub(crate) fn unpacked(owned: &Owned) -> TokenStream {
    let name = &owned.name;
    match owned.is_mut {
        Some(false) => name.to_token_stream(),
        Some(true) | None => quote_spanned!(glue(owned.at)=> mut #name),
    }
}

/// The facade, as generated code reaches it.
pub(crate) struct Facade {
    path: Option<TokenStream>,
}

impl Facade {
    pub(crate) fn new(path: Option<TokenStream>) -> Self {
        Self { path }
    }

    /// Something of the runtime. The module's name has the version in it: macros and runtime of different versions
    /// do not fit together, and do not link.
    pub(crate) fn runtime(&self, name: &str, at: Span) -> TokenStream {
        let default = quote_spanned!(glue(at)=> ::with_defer);
        let path = self.path.as_ref().unwrap_or(&default);
        let module = Ident::new(RUNTIME, glue(at));
        let name = Ident::new(name, glue(at));
        quote_spanned!(glue(at)=> #path::#module::#name)
    }
}

/// The module of the facade that holds the runtime.
const RUNTIME: &str = concat!(
    "__rt_",
    env!("CARGO_PKG_VERSION_MAJOR"),
    "_",
    env!("CARGO_PKG_VERSION_MINOR"),
    "_",
    env!("CARGO_PKG_VERSION_PATCH"),
);

/// What a statement macro is left with in the expansion: another crate's macro of that name does not know it, and the
/// error that follows names the cause.
pub(crate) fn marker(path: &[TokenTree], keyword: &Ident) -> TokenStream {
    let argument = marker_argument(keyword);
    let path = path.iter().cloned().collect::<TokenStream>();
    quote_spanned!(glue(keyword.span())=> #path(#argument))
}

/// Whether a statement macro was reached as its own marker.
pub(crate) fn is_marker(keyword: &str, input: TokenStream) -> bool {
    let mut tokens = input.into_iter();
    let expected = format!("this_{keyword}_is_not_from_with_defer");
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(word)), None) if word == expected)
}

pub(crate) fn marker_argument(keyword: &Ident) -> Ident {
    format_ident!("this_{}_is_not_from_with_defer", keyword, span = glue(keyword.span()))
}
