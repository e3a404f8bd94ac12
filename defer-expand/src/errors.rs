//! Every word that we say to a user who got something wrong, and the sink that collects what is said.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, ExprPath, Pat};

use crate::parse::outline::When;

/// Collects errors, so that all misuses of a function are reported at once. Must be consumed.
#[derive(Default)]
pub(crate) struct Errors {
    errors: Vec<Error>,
    consumed: bool,
}

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// The errors, as code that makes rustc report them.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.consumed = true;
        self.errors.iter().map(Error::to_compile_error).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(self.consumed || std::thread::panicking(), "errors were collected and never reported");
    }
}

// The attribute.

pub(crate) fn bad_argument(error: &Error) -> Error {
    Error::new(
        error.span(),
        format!(
            "expected a name or pattern for the result, as in `#[with_defer(result = 0)]`, or `crate = path`: {error}"
        ),
    )
}

pub(crate) fn crate_without_path(keyword: &impl ToTokens) -> Error {
    Error::new_spanned(keyword, "expected the path of the crate, as in `crate = ::my_crate::with_defer`")
}

pub(crate) fn duplicate_option(name: &str, at: &impl ToTokens) -> Error {
    Error::new_spanned(at, format!("`{name}` is given twice"))
}

pub(crate) fn two_results(pattern: &Pat) -> Error {
    Error::new_spanned(
        pattern,
        "the result has a name already: to name the parts of it write a pattern, as in \
         `#[with_defer((count, err) = (0, None))]`",
    )
}

/// Words that may become options one day.
const RESERVED: [&str; 4] = ["allow", "warn", "scope", "expand"];

/// Variants that a result's pattern cannot be made of: another one may be returned.
const VARIANTS: [&str; 6] = ["Ok", "Err", "Some", "Continue", "Break", "Ready"];

/// Says why a pattern cannot name the result, if it cannot.
pub(crate) fn not_a_result(pattern: &Pat, initial: Option<&Expr>) -> Option<Error> {
    if let Some(word) = first_word(pattern) {
        if RESERVED.iter().any(|reserved| word == reserved) {
            return Some(Error::new(
                word.span(),
                format!("`{word}` is reserved for a future option: choose another name for the result"),
            ));
        }
        if is_misspelt(&word.to_string(), "crate") && initial.is_some_and(is_crate_path) {
            return Some(Error::new(
                word.span(),
                format!("expected the option `crate`, found `{word}`; for a result choose another name"),
            ));
        }
    }
    if names_only(pattern) {
        return None;
    }
    if let Some(variant) = variant(pattern) {
        return Some(Error::new(
            variant.span(),
            format!(
                "expected a pattern that matches whatever the function returns, found `{variant}(…)`: name the \
                 whole result, as in `#[with_defer(result = …)]`"
            ),
        ));
    }
    Some(Error::new_spanned(
        pattern,
        "expected a name, `_`, or a tuple or struct pattern of names for the result; it is matched against \
         `&mut` the return type",
    ))
}

pub(crate) fn result_of_a_frame(pattern: &TokenStream) -> Error {
    Error::new_spanned(
        pattern,
        format!(
            "`{pattern}` is the result of the function, but the deferred statements that use it belong to a closure or \
             `async` block in it; if another attribute has made one of the body, write `#[with_defer(…)]` above that one"
        ),
    )
}

pub(crate) fn result_is_parameter(name: &Ident) -> Error {
    Error::new(name.span(), format!("`{name}` is a parameter already: choose another name for the result"))
}

/// The word that an option would have there.
fn first_word(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) => Some(&name.ident),
        Pat::TupleStruct(tuple) => tuple.path.get_ident(),
        Pat::Struct(fields) => fields.path.get_ident(),
        _ => None,
    }
}

/// `::my_crate`, `crate::defer`, `my::with_defer`: a value would rather end in capitals.
fn is_crate_path(initial: &Expr) -> bool {
    let Expr::Path(ExprPath { path, .. }) = initial else { return false };
    let is_lower = |word: &Ident| !word.to_string().contains(char::is_uppercase);
    (path.leading_colon.is_some() || path.segments.len() > 1)
        && path.segments.iter().all(|segment| is_lower(&segment.ident))
}

/// The first variant of the standard library in the pattern that need not match.
fn variant(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Paren(inner) => variant(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().find_map(variant),
        Pat::TupleStruct(tuple) => {
            let name = &tuple.path.segments.last()?.ident;
            let may_not_match = VARIANTS.iter().any(|variant| name == variant);
            may_not_match.then_some(name).or_else(|| tuple.elems.iter().find_map(variant))
        }
        Pat::Struct(fields) => fields.fields.iter().find_map(|field| variant(&field.pat)),
        _ => None,
    }
}

fn names_only(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(name) => name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none(),
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Paren(inner) => names_only(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(names_only),
        Pat::TupleStruct(tuple) => variant(pattern).is_none() && tuple.elems.iter().all(names_only),
        Pat::Struct(fields) => fields.fields.iter().all(|field| names_only(&field.pat)),
        _ => false,
    }
}

/// One letter too many, too few, other, or two swapped.
fn is_misspelt(word: &str, option: &str) -> bool {
    let (word, option): (Vec<char>, Vec<char>) = (word.chars().collect(), option.chars().collect());
    let same_start = word.iter().zip(&option).take_while(|(a, b)| a == b).count();
    let (word, option) = (&word[same_start..], &option[same_start..]);
    let same_end = word.iter().rev().zip(option.iter().rev()).take_while(|(a, b)| a == b).count();
    let (word, option) = (&word[..word.len() - same_end], &option[..option.len() - same_end]);
    match (word, option) {
        ([], []) => false,
        (word, option) if word.len() <= 1 && option.len() <= 1 => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

pub(crate) fn not_a_function(item: &TokenStream) -> Error {
    let kind = item.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(word) => {
            let kinds = [
                "struct",
                "enum",
                "union",
                "impl",
                "trait",
                "mod",
                "const",
                "static",
                "type",
                "use",
                "extern",
                "macro_rules",
            ];
            kinds.contains(&word.to_string().as_str()).then_some(word)
        }
        _ => None,
    });
    match kind {
        Some(word) => Error::new(word.span(), format!("expected a function, found `{word}`")),
        None => Error::new_spanned(item, "expected a function"),
    }
}

pub(crate) fn const_function(constness: &impl ToTokens) -> Error {
    Error::new_spanned(
        constness,
        "a `const fn` cannot defer: a panic cannot be caught while the compiler evaluates it; remove `const`, or \
         `#[with_defer]`",
    )
}

pub(crate) fn no_member_defers(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        format!(
            "expected a deferred statement in a function of this `{keyword}`, found none; remove `#[with_defer]`, or \
             write `defer!(…)` in a function"
        ),
    )
}

pub(crate) fn result_of_members(keyword: &Ident, pattern: &TokenStream) -> Error {
    Error::new_spanned(
        pattern,
        format!(
            "expected options for all functions of the `{keyword}`, found a name for the result of one; write \
             `#[with_defer({pattern} = …)]` at that function"
        ),
    )
}

pub(crate) fn conditional_attribute(path: &TokenStream) -> Error {
    Error::new_spanned(
        path,
        "expected `#[with_defer(…)]`, found it in a `cfg_attr`, whose condition is not evaluated yet; write the function \
         twice, under `#[cfg(…)]` and `#[cfg(not(…))]`",
    )
}

pub(crate) fn nested_too_deeply(group: &proc_macro2::Group) -> Error {
    Error::new(
        group.span_open(),
        "this is nested too deeply for a function that defers: move it to a function of its own",
    )
}

pub(crate) fn too_many_statements(keyword: &Ident, limit: usize) -> Error {
    Error::new(
        keyword.span(),
        format!(
            "expected at most {limit} deferred statements with other statements between them in one function, found \
             more: move some to a function of their own"
        ),
    )
}

// Deferred statements.

pub(crate) fn empty(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        format!("expected a call, as in `{keyword}!(file.close())`, or statements in braces, found nothing"),
    )
}

pub(crate) fn not_a_call(keyword: &Ident, tokens: &TokenStream) -> Error {
    Error::new_spanned(
        tokens,
        format!(
            "expected a call, as in Go's `defer f(x)`; to run any code at exit write `{keyword}! {{ … }}`"
        ),
    )
}

pub(crate) fn closure_not_called(keyword: &Ident, tokens: &TokenStream) -> Error {
    Error::new_spanned(
        tokens,
        format!(
            "expected a call, found a closure that is not called; write `{keyword}! {{ … }}`, without `||`, or call \
             it: `{keyword}!((|| …)())`"
        ),
    )
}

pub(crate) fn macro_in_call_form(keyword: &Ident, name: &str, tokens: &TokenStream) -> Error {
    if name == "recover" {
        return Error::new_spanned(
            tokens,
            format!(
                "expected a call, found `recover!()`; to end a panic at exit write `{keyword}! {{ recover!(); }}`"
            ),
        );
    }
    let behind = match tokens.clone().into_iter().last() {
        Some(TokenTree::Punct(punct)) if punct.as_char() == '?' => "?",
        _ => "",
    };
    Error::new_spanned(
        tokens,
        format!(
            "expected a call, found the macro `{name}!`, whose arguments cannot be evaluated now; to run it at \
             exit write `{keyword}! {{ {name}!(…){behind}; }}`"
        ),
    )
}

pub(crate) fn receiver_is_no_place(keyword: &Ident, receiver: &TokenStream) -> Error {
    Error::new_spanned(
        receiver,
        format!(
            "expected a variable, or a field, index or dereference of one, before the method, found something to \
             evaluate: Go would do that now, not at exit; bind it first, `let value = …; \
             {keyword}!(value.method());`, or do all of it at exit, `{keyword}! {{ … }}`"
        ),
    )
}

pub(crate) fn return_value(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        "expected `return;`, which ends the deferred statement, found a value; to change what the function returns \
         name its result, `#[with_defer(result = …)]`, and assign `*result`",
    )
}

pub(crate) fn leaves_deferred(keyword: &Ident, label: Option<&Ident>) -> Error {
    let target = match label {
        Some(label) => format!("label `'{label}`"),
        None => "loop".to_owned(),
    };
    Error::new(
        keyword.span(),
        format!(
            "found no {target} in this deferred statement for `{keyword}`: the statement runs when the function \
             exits, and a loop around it has ended then; to end the statement early write `return;`"
        ),
    )
}

pub(crate) fn recover_with_arguments(tokens: &TokenStream) -> Error {
    Error::new_spanned(tokens, "`recover!()` takes no arguments")
}

pub(crate) fn recover_in_frame(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        "`recover!()` in a closure or async block would not know whose panic to stop: write `let panic = recover!();` \
         in the deferred statement itself and use `panic` here",
    )
}

pub(crate) fn recover_in_argument(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        "this is evaluated now, when there is no panic to recover; to recover at exit write `defer! { … }`",
    )
}

pub(crate) fn await_outside_async(keyword: &Ident) -> Error {
    Error::new(keyword.span(), "`await` is only allowed inside `async` functions and blocks")
}

pub(crate) fn statement_without_value(keyword: &Ident, operator: &TokenTree) -> Error {
    Error::new(
        operator.span(),
        format!(
            "expected `;`: `{keyword}!` has no value, because the call runs when the function exits; what is done with \
             the value of the call goes inside, as in `{keyword}!(f()?);`"
        ),
    )
}

pub(crate) fn stray_scope(span: Span) -> Error {
    Error::new(span, "`#[defer_scope]` belongs on a block, or on a `for`, `while` or `loop`")
}

// The keyword.

pub(crate) fn keyword_outside_function(keyword: &Ident) -> Error {
    Error::new(keyword.span(), format!("`{keyword}` belongs in a function: it runs when that exits"))
}

pub(crate) fn keyword_in_expression(keyword: &Ident) -> Error {
    Error::new(
        keyword.span(),
        format!("expected an expression, found the statement `{keyword}`; write `{{ {keyword} …; }}`"),
    )
}

pub(crate) fn no_semicolon(behind: Span) -> Error {
    Error::new(behind, "expected `;` behind the deferred call")
}

// What the compiler reaches itself.

/// A statement macro that no attribute has expanded.
pub(crate) fn stray_statement(when: When, at: Span) -> Error {
    let keyword = when.keyword();
    Error::new(
        at,
        format!(
            "`{keyword}!` works only as a statement of a function with `#[with_defer]`: put the attribute on the \
             innermost `fn` around it, and keep it out of other macros, which the attribute cannot look into (a future \
             for `select!` or `join!` can be bound with `let` first)"
        ),
    )
}

/// A `recover!` that no attribute has expanded.
pub(crate) fn stray_recover(at: Span) -> Error {
    Error::new(
        at,
        "`recover!()` works only in a deferred statement of a function with `#[with_defer]`: elsewhere there is no \
         panic to recover",
    )
}
