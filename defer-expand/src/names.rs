//! Every name that generated code uses, and every span that it carries.
//!
//! Glue stands at `Span::mixed_site()`, so its variables are invisible to the user, and is located at the user's
//! token that it came from, so errors and lints point there. Braces around the user's statements carry the span of
//! the user's own closing brace: it decides the edition of what is in them.

use std::env;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};

use crate::plan::{Owned, StoreId, Taken};

/// Where glue that came from a token stands.
pub(crate) fn glue(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

/// How a closure or async block around the user's code begins. Its span decides what it captures, and what borrowck says
/// of that.
pub(crate) struct Heads {
    /// Closures of the user's edition capture variables as a whole; those of glue, only the places that they use.
    is_before_2021: bool,
}

impl Heads {
    pub(crate) fn new() -> Self {
        Self { is_before_2021: is_before_2021(env::args_os().map(|arg| arg.to_string_lossy().into_owned())) }
    }

    /// The bars of a closure.
    pub(crate) fn pipes(&self, at: Span, parameter: Option<&str>) -> TokenStream {
        let parameter = parameter.map(|name| match name {
            "_" => quote_spanned!(glue(at)=> _),
            name => Ident::new(name, glue(at)).into_token_stream(),
        });
        let pipe = quote_spanned!(self.span(at)=> |);
        quote_spanned!(glue(at)=> #pipe #parameter #pipe)
    }

    /// The `async` of a block.
    pub(crate) fn asynchronous(&self, at: Span) -> Ident {
        Ident::new("async", self.span(at))
    }

    /// borrowck points there, and names the variables that glue would hide.
    fn span(&self, at: Span) -> Span {
        if self.is_before_2021 { glue(at) } else { at }
    }
}

/// Whether the edition is one before 2021, as far as the compiler's arguments say: spans do not.
fn is_before_2021(args: impl Iterator<Item = String>) -> bool {
    let mut args = args.skip_while(|arg| !arg.starts_with("--edition"));
    let edition = args.next().and_then(|arg| match arg.split_once('=') {
        Some((_, edition)) => Some(edition.to_owned()),
        None => args.next(),
    });
    edition.is_some_and(|edition| ["2015", "2018"].contains(&edition.as_str()))
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

/// The name of a variable that comes back from the rest of a block.
pub(crate) fn carried(number: usize, at: Span) -> Ident {
    format_ident!("__carried{}", number, span = glue(at))
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

#[cfg(test)]
mod tests {
    use super::is_before_2021;

    fn before_2021(args: &str) -> bool {
        is_before_2021(args.split(' ').map(str::to_owned))
    }

    #[test]
    fn the_compilers_arguments_tell_the_edition() {
        assert!(before_2021("rustc --crate-name a --edition=2018 a.rs"));
        assert!(before_2021("rustdoc --edition 2018 a.rs"));
        assert!(before_2021("rustc --edition=2015"));
        assert!(!before_2021("rustc --edition=2021 a.rs --cfg 2018"));
        assert!(!before_2021("rustc --edition 2024 a.rs"));
        assert!(!before_2021("rust-analyzer-proc-macro-srv"));
        assert!(!before_2021("rustc --edition"));
    }
}
