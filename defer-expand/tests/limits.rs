//! However long or deeply nested the input is, the macro answers, and does not overflow the stack.

use std::iter::repeat_n;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// Deeper than the stack is.
const DEEP: usize = 100_000;

fn nested(delimiter: Delimiter, depth: usize, inside: TokenStream) -> TokenStream {
    (0..depth).fold(inside, |inside, _| TokenTree::from(Group::new(delimiter, inside)).into())
}

fn repeated(tokens: &TokenStream, times: usize) -> TokenStream {
    repeat_n(tokens.clone(), times).collect()
}

/// Expands and explains; what the errors say.
fn errors(arguments: &TokenStream, item: &TokenStream) -> Vec<String> {
    let _ = with_defer_expand::explain(arguments.clone(), item);
    messages(with_defer_expand::with_defer(arguments.clone(), item.clone()))
}

fn messages(expansion: TokenStream) -> Vec<String> {
    let expansion: Vec<TokenTree> = expansion.into_iter().collect();
    let is_error = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "compile_error");
    let at = expansion.iter().enumerate().filter(|(_, token)| is_error(token)).map(|(at, _)| at + 2);
    at.map(|at| expansion[at].to_string()).collect()
}

/// Words of the two errors.
const TOO_DEEP: &str = "nested too deeply";
const TOO_MANY: &str = "400 deferred statements";

fn is_one(errors: &[String], words: &str) -> bool {
    matches!(errors, [error] if error.contains(words))
}

const DELIMITERS: [Delimiter; 4] =
    [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];

#[test]
fn deep_group_in_a_body_is_an_error() {
    for delimiter in DELIMITERS {
        let deep = nested(delimiter, DEEP, quote!(x));
        for body in [
            quote!(defer!(f()); #deep),
            quote!(defer! { #deep }),
            quote!(defer!(#deep)),
            quote!(defer!(f(#deep)); 1),
        ] {
            let found = errors(&TokenStream::new(), &quote!(fn f() { #body }));
            assert!(is_one(&found, TOO_DEEP), "{found:?}");
        }
    }
}

#[test]
fn deep_group_in_a_function_that_defers_nothing_is_none_of_our_business() {
    for delimiter in DELIMITERS {
        let deep = nested(delimiter, DEEP, quote!(x));
        assert_eq!(errors(&TokenStream::new(), &quote!(fn f() { #deep })), [""; 0]);
    }
}

#[test]
fn deep_group_in_a_head_is_an_error() {
    for delimiter in DELIMITERS {
        let deep = nested(delimiter, DEEP, quote!(x));
        for item in [
            quote!(
                #[a(#deep)]
                fn f() {
                    defer!(g());
                }
            ),
            quote!(fn f(x: [u8; #deep]) { defer!(g()); }),
            quote!(fn f() -> #deep { defer!(g()); }),
            quote!(fn f() -> #deep;),
            quote!(#deep),
            quote!(struct S(#deep);),
            quote!(#deep { defer!(g()); }),
        ] {
            let found = errors(&TokenStream::new(), &item);
            assert_eq!(found.len(), 1, "{found:?}");
        }
    }
}

#[test]
fn deep_group_in_the_arguments_is_an_error() {
    for delimiter in DELIMITERS {
        let deep = nested(delimiter, DEEP, quote!(x));
        for arguments in [quote!(#deep), quote!(result = #deep), quote!(crate = #deep)] {
            assert_eq!(
                errors(
                    &arguments,
                    &quote!(
                        fn f() {
                            defer!(g());
                        }
                    )
                )
                .len(),
                1
            );
        }
    }
}

/// As deep as it goes, each level with something that makes the macro look into it, on a stack as large as rustc's.
#[test]
fn everything_else_can_be_nested() {
    let inside = "{ defer!(f()); g() }";
    for (open, inside, close) in [
        ("(", inside, ")"),
        ("f(", inside, ")"),
        ("[", inside, "]"),
        ("S { a: ", inside, "}"),
        ("{ a(); ", inside, "}"),
        ("{ a(); ", inside, "b(); }"),
        ("{ defer!(a()); ", inside, "b(); }"),
        ("unsafe { a(); ", inside, "}"),
        ("if a { ", inside, "} else { b() }"),
        ("if let Some(a) = b { ", inside, "} c();"),
        ("loop { let a = b(); defer! { c(a) } ", inside, "d(); }"),
        ("for a in b { defer!(c(a)); ", inside, "break; }"),
        ("#[defer_scope] loop { defer!(a()); ", inside, "}"),
        ("match a { b => ", inside, "}"),
        ("|| { ", inside, "}"),
        ("|| { defer!(a()); ", inside, "}"),
        ("async { defer!(a().await); ", inside, "}"),
        ("defer! { ", "f()", "}"),
        ("defer! { a(); ", "f()", "; b(); }"),
        ("defer! { a()?; ", "recover!()", "; b(); }"),
        ("m!(", "recover!()", ")"),
    ] {
        deep_but_allowed(format!("{}{inside}{}", open.repeat(120), close.repeat(120)));
    }
    for (open, inside, close) in [
        ("g(", "1", ")"),
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("|| { ", "1", "}"),
        ("if a { ", "1", "}"),
        ("S { a: ", "1", "}"),
        ("& a[", "1", "]"),
        ("& (* ", "a", ")"),
    ] {
        let argument = format!("{}{inside}{}", open.repeat(120), close.repeat(120));
        deep_but_allowed(format!("defer!(f({argument})); g();"));
        deep_but_allowed(format!("defer!({argument}.f()); g();"));
        deep_but_allowed(format!("defer!({argument}(1)); g();"));
    }
}

fn deep_but_allowed(body: String) {
    let expand = move || {
        let found = errors(&TokenStream::new(), &format!("fn f() {{ {body} }}").parse().unwrap());
        assert!(!found.iter().any(|error| error.contains(TOO_DEEP)), "{body}");
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(expand).unwrap().join().unwrap();
}

#[test]
fn ten_thousand_statements() {
    let expand = |body: TokenStream| errors(&TokenStream::new(), &quote!(fn f() { #body }));
    for many in [
        quote!(defer!(f()); g();),
        quote!(defer!(f(x + 1));),
        quote!(if a {
            defer!(f());
        }),
    ] {
        let found = expand(repeated(&many, 10_000));
        assert!(is_one(&found, TOO_MANY), "{found:?}");
    }
    for many in [quote!(defer!(f());), quote!(let x = || { defer!(f()); 1 };), quote!(x(y, z);)] {
        let many = repeated(&many, 10_000);
        assert_eq!(expand(quote!(defer!(f()); #many)), [""; 0]);
    }
    let statements = repeated(&quote!(f(x, y);), 10_000);
    assert_eq!(expand(quote!(defer! { #statements })), [""; 0]);
    let arguments = repeated(&quote!(f(x, y),), 10_000);
    assert_eq!(expand(quote!(defer!(g(#arguments));)), [""; 0]);
}

#[test]
fn keywords_may_be_many_and_not_too_deep() {
    let errors =
        |items: TokenStream| messages(with_defer_expand::defer_keyword(quote!((::with_defer) #items)));
    for delimiter in DELIMITERS {
        let deep = nested(delimiter, DEEP, quote!(x));
        let found = errors(quote!(fn f() { defer g(#deep); }));
        assert!(is_one(&found, TOO_DEEP), "{found:?}");
    }
    let many = repeated(&quote!(defer f(x); defer { g(); } h();), 10_000);
    assert_eq!(errors(quote!(fn f() { #many })), [""; 0]);
    let without_semicolon = repeated(&quote!(defer f()), 1_000);
    assert_eq!(errors(quote!(fn f() { #without_semicolon })).len(), 1_000);
}
