//! `#[with_defer]` on an `impl` or `trait`: it applies to each function in it that defers.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::{Function, Item, Options, Parts, items, silenced};
use crate::errors::{self, Errors};

/// An `impl` or `trait`.
#[expect(clippy::struct_field_names, reason = "they are the members of it")]
pub(crate) struct Members {
    /// All that stands before the braces.
    pub(crate) head: TokenStream,
    pub(crate) braces: Group,
    pub(crate) members: Vec<Member>,
}

pub(crate) enum Member {
    /// A function that defers, without its own attribute, and the options for it.
    Function(Box<Function>, Options),
    /// Anything else, as it was written, but for its own attribute.
    Kept(TokenStream),
}

/// The keyword and the braces of an `impl` or `trait`.
pub(super) fn container(item: &[TokenTree]) -> Option<(&Ident, &Group)> {
    match (item.get(items::head(item)), item.last()) {
        (Some(TokenTree::Ident(keyword)), Some(TokenTree::Group(braces)))
            if (keyword == "impl" || keyword == "trait") && braces.delimiter() == Delimiter::Brace =>
        {
            Some((keyword, braces))
        }
        _ => None,
    }
}

pub(super) fn members(
    item: &[TokenTree],
    keyword: &Ident,
    braces: &Group,
    options: &Options,
    errors: &mut Errors,
) -> Members {
    if let Some(result) = &options.result {
        errors.push(errors::result_of_members(keyword, &result.pattern));
    }
    let mut defers = false;
    let mut members = Vec::new();
    for tokens in items::members(braces) {
        let (tokens, arguments) = without_attribute(&tokens, errors);
        let mut own = Options::default();
        for arguments in arguments {
            own.read(arguments, errors);
        }
        own.krate = own.krate.or_else(|| options.krate.clone());
        let read = match Parts::of(tokens.clone()) {
            Some(parts) => parts.read(&own, errors),
            None => Item::Untouched,
        };
        defers |= !matches!(read, Item::Untouched);
        members.push(match read {
            Item::Function(function) => Member::Function(function, own),
            Item::Rejected => Member::Kept(silenced(tokens.into_iter().collect())),
            _ => Member::Kept(tokens.into_iter().collect()),
        });
    }
    if !defers {
        errors.push(errors::no_member_defers(keyword));
    }
    let head = item[..item.len() - 1].iter().cloned().collect();
    Members { head, braces: braces.clone(), members }
}

/// A member without its own `#[with_defer(…)]`, and what stood in that.
fn without_attribute(member: &[TokenTree], errors: &mut Errors) -> (Vec<TokenTree>, Vec<TokenStream>) {
    let mut tokens = Vec::new();
    let mut arguments = Vec::new();
    let mut rest = member;
    while let [hash, TokenTree::Group(brackets), behind @ ..] = rest {
        if !items::is_punct(hash, '#') {
            break;
        }
        match items::with_defer(brackets, errors) {
            Some((_, own)) => arguments.push(own),
            None => tokens.extend_from_slice(&rest[..2]),
        }
        rest = behind;
    }
    tokens.extend_from_slice(rest);
    (tokens, arguments)
}
