//! The compiler behind [`with_defer`](https://docs.rs/with_defer): an ordinary library from tokens to tokens.
//!
//! Three stages: `parse` finds the deferred statements and keeps the user's tokens as they are, `plan` decides what
//! they mean, and `lower` writes the code. `errors` holds every message, `names` every generated name and span.

mod errors;
mod lower;
mod names;
mod parse;
mod plan;

use proc_macro2::{Span, TokenStream, TokenTree};

use crate::errors::Errors;
use crate::parse::outline::When;
use crate::parse::{Item, Member, Members};

/// Expands `#[with_defer(arguments)] item`.
///
/// Errors stand as `compile_error!` behind the item, which is expanded all the same: nothing else in the user's crate
/// fails because of them.
#[must_use]
pub fn with_defer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = parse::options(arguments, &mut errors);
    let mut expanded = match parse::item(&item, &options, &mut errors) {
        Item::Function(function) => lower::function(plan::function(*function, options, &mut errors)),
        Item::Members(Members { head, braces, members }) => {
            let members = members.into_iter().map(|member| match member {
                Member::Function(function, options) => {
                    lower::function(plan::function(*function, options, &mut errors))
                }
                Member::Kept(tokens) => tokens,
            });
            lower::members(&head, &braces, members.collect())
        }
        Item::Untouched => item,
        Item::Rejected => parse::silenced(item),
    };
    expanded.extend(errors.into_tokens());
    expanded
}

/// Expands `defer_keyword! { items }`, of which the input here is `(PATH) items`, with the path of the facade.
///
/// What comes out has `defer!` for the bare statements, and `#[with_defer]` on the functions that have some.
#[must_use]
pub fn defer_keyword(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut input = input.into_iter();
    let path = match input.next() {
        Some(TokenTree::Group(path)) => path.stream(),
        _ => TokenStream::new(),
    };
    let mut rewritten = parse::keyword::rewrite(path, input.collect(), &mut errors);
    rewritten.extend(errors.into_tokens());
    rewritten
}

/// The plan of the same expansion, as text, for whoever wants to see why it is what it is. Errors are left out.
#[must_use]
pub fn explain(arguments: TokenStream, item: &TokenStream) -> String {
    let mut errors = Errors::default();
    let options = parse::options(arguments, &mut errors);
    let plan = match parse::item(item, &options, &mut errors) {
        Item::Function(function) => plan::function(*function, options, &mut errors).to_string(),
        Item::Members(Members { members, .. }) => {
            let plans = members.into_iter().filter_map(|member| match member {
                Member::Function(function, options) => {
                    Some(plan::function(*function, options, &mut errors).to_string())
                }
                Member::Kept(_) => None,
            });
            let plans: String = plans.collect();
            if plans.is_empty() { NOTHING.to_owned() } else { plans }
        }
        Item::Untouched => NOTHING.to_owned(),
        Item::Rejected => "not expanded\n".to_owned(),
    };
    drop(errors.into_tokens());
    plan
}

/// The plan of an item in which nothing is deferred.
const NOTHING: &str = "nothing is deferred\n";

/// Expands an invocation of `defer!` or a sister that the attribute has not expanded: nothing, if it is what the
/// attribute left of it, and otherwise an error that says what to check.
#[must_use]
pub fn statement(keyword: &str, input: TokenStream) -> TokenStream {
    if names::is_marker(keyword, input) {
        return quote::quote!(());
    }
    let error = match When::named(keyword) {
        Some(when) => errors::stray_statement(when, Span::call_site()),
        None => errors::stray_recover(Span::call_site()),
    };
    // A macro invocation and nothing else: it may stand where an item, a type or a pattern must, and rustc takes it
    // for an expression of any type.
    error.to_compile_error()
}
