//! What `defer_keyword!` writes: `defer!` for the bare statements, and the attribute; all else stays as it is.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What the items become, with `::wd` as the path of the facade.
fn rewritten(items: &str) -> TokenStream {
    with_defer_expand::defer_keyword(format!("(::wd) {items}").parse().unwrap())
}

#[track_caller]
fn becomes(items: &str, expected: &str) {
    assert_eq!(rewritten(items).to_string(), expected.parse::<TokenStream>().unwrap().to_string());
}

#[track_caller]
fn stays(items: &str) {
    becomes(items, items);
}

#[track_caller]
fn reports(items: &str, messages: &[&str]) {
    let rewritten = rewritten(items).to_string();
    let found: Vec<&str> =
        rewritten.split("compile_error").skip(1).filter_map(|error| error.split('"').nth(1)).collect();
    assert_eq!(found, messages);
}

#[test]
fn a_call_gets_parentheses_and_its_function_the_attribute() {
    becomes(
        "/// Doc.
         #[inline] pub(crate) unsafe extern \"C\" fn f(x: X) -> Y { defer x.f(1)?; g() }",
        "#[::wd::with_defer(crate = ::wd,)]
         /// Doc.
         #[inline] pub(crate) unsafe extern \"C\" fn f(x: X) -> Y { ::wd::defer!(x.f(1)?); g() }",
    );
}

#[test]
fn a_block_gets_none() {
    becomes(
        "fn f() { defer { g(); } h() }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer! { g(); } h() }",
    );
    becomes(
        "fn f() { defer_on_panic { g(); }; h() }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer_on_panic! { g(); }; h() }",
    );
}

#[test]
fn a_block_in_a_signature_is_no_part_of_the_function() {
    becomes(
        "fn f(a: [u8; { defer g(); 1 }]) -> A<{ defer { h() } 2 }> { i() }",
        "fn f(a: [u8; { ::wd::defer!(g()); 1 }]) -> A<{ ::wd::defer! { h() } 2 }> { i() }",
    );
}

#[test]
fn a_function_keeps_its_own_attribute_which_learns_the_path() {
    becomes(
        "#[inline] #[a::with_defer(result = 1)] fn f() -> u32 { defer g(); 2 }",
        "#[inline] #[a::with_defer(crate = ::wd, result = 1)] fn f() -> u32 { ::wd::defer!(g()); 2 }",
    );
    becomes("#[with_defer] fn f() { g(); }", "#[with_defer(crate = ::wd,)] fn f() { g(); }");
    becomes("#[with_defer] impl X { }", "#[with_defer(crate = ::wd,)] impl X { }");
}

#[test]
fn a_path_that_the_user_gave_stands() {
    becomes(
        "#[with_defer(crate = other)] fn f() { defer g(); }",
        "#[with_defer(crate = other)] fn f() { ::wd::defer!(g()); }",
    );
}

#[test]
fn an_attribute_under_a_condition_is_an_error() {
    let conditional = [
        "expected `#[with_defer(…)]`, found it in a `cfg_attr`, whose condition is not evaluated yet; write the function \
         twice, under `#[cfg(…)]` and `#[cfg(not(…))]`",
    ];
    reports("#[cfg_attr(x, with_defer(result = 1))] fn f() -> u8 { defer g(); 2 }", &conditional);
    reports("#[cfg_attr(all(x, y), inline, a::with_defer)] fn f() { }", &conditional);
    reports("impl X { #[cfg_attr(x, cfg_attr(y, with_defer))] fn f() { defer g(); } }", &conditional);
    becomes(
        "#[cfg_attr(with_defer, inline)] fn f() { defer g(); }",
        "#[::wd::with_defer(crate = ::wd,)] #[cfg_attr(with_defer, inline)] fn f() { ::wd::defer!(g()); }",
    );
    stays("#[cfg_attr(x, doc(alias = with_defer), with_defer::other)] fn f() { }");
}

#[test]
fn each_function_gets_its_own_attribute() {
    becomes(
        "mod m { fn a() { fn b() { defer g(); } b(); } #[x] fn c() { defer g(); } fn d() {} }",
        "mod m {
             fn a() { #[::wd::with_defer(crate = ::wd,)] fn b() { ::wd::defer!(g()); } b(); }
             #[::wd::with_defer(crate = ::wd,)] #[x] fn c() { ::wd::defer!(g()); }
             fn d() {}
         }",
    );
    becomes(
        "impl<const N: usize> A<{ N + 1 }> { const B: u8 = { 1 }; fn c<const M: usize>() where D<{ M > 1 }>: E { defer g(); } }",
        "impl<const N: usize> A<{ N + 1 }> { const B: u8 = { 1 };
             #[::wd::with_defer(crate = ::wd,)]
             fn c<const M: usize>() where D<{ M > 1 }>: E { ::wd::defer!(g()); }
         }",
    );
}

#[test]
fn inner_attributes_stay_where_they_are() {
    becomes(
        "#![a] fn f() { #![b] defer g(); }",
        "#![a] #[::wd::with_defer(crate = ::wd,)] fn f() { #![b] ::wd::defer!(g()); }",
    );
}

#[test]
fn functions_in_the_arguments_of_macros_are_functions() {
    becomes(
        "cfg_if! { if #[cfg(unix)] { fn f() { defer g(); } } }",
        "cfg_if! { if #[cfg(unix)] { #[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer!(g()); } } }",
    );
}

#[test]
fn functions_that_a_macro_writes_are_functions() {
    becomes(
        "macro_rules! m { ($(#[$a:meta])* $n:ident, $e:expr) => { $(#[$a])* pub fn $n() { defer $e; defer g(); } }; }",
        "macro_rules! m { ($(#[$a:meta])* $n:ident, $e:expr) => {
             #[::wd::with_defer(crate = ::wd,)] $(#[$a])* pub fn $n() { ::wd::defer!($e); ::wd::defer!(g()); }
         }; }",
    );
}

#[test]
fn statements_in_the_arguments_of_macros_are_left_to_the_compiler() {
    becomes(
        "fn f() { select! { x = y => { defer g(); } } }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { select! { x = y => { ::wd::defer!(g()); } } }",
    );
}

#[test]
fn macros_keep_a_language_of_their_own() {
    stays("fn f() { go! { defer g(); } go!(defer g()); go!({ defer g() }); go!({ defer { g() } }); }");
    stays("fn f() { macro_rules! m { ($e:expr) => { { defer $e; } }; } }");
    stays("macro_rules! m { (defer $e:expr) => { $e }; ({ defer now $e:expr; }) => { $e } }");
    stays("fn f() { macro_rules! m { (defer now $e:expr) => { { defer $e } } } }");
    stays("fn f() { wd::defer_keyword! { fn g() { defer h(); } } }");
}

#[test]
fn the_word_may_be_a_name() {
    for statement in [
        "defer",
        "defer;",
        "defer?",
        "defer.f()",
        "defer.0 = 1;",
        "defer..1",
        "defer[0] = 1;",
        "defer[0].f();",
        "defer::f();",
        "defer::<T>::f();",
        "defer!(x);",
        "defer! { x }",
        "defer = 1;",
        "defer += 1;",
        "defer <<= 1;",
        "defer >>= 1;",
        "defer |= true;",
        "defer <= 1",
        "defer < 1",
        "defer || x",
        "defer | x",
        "defer - 1",
        "defer * x",
        "defer & x",
        "defer == 1",
        "defer as u8",
        "defer(x)",
        "if defer { a } else { b }",
        "match defer { }",
        "for defer in defer { }",
        "let defer = 1;",
        "let defer: u8;",
        "let x = defer { y: 1 };",
        "let x = |defer| defer;",
        "x.defer(1);",
        "x.defer as u8",
        "x::defer(1);",
        "use x::{defer, y};",
        "use x::{defer as y};",
        "X { defer };",
        "X { defer: 1 };",
        "X { defer, .. };",
        "'defer: loop { break 'defer x; }",
        "match x { defer if y => 1, defer @ 1 => 2, defer => { 3 } defer | z => 4, }",
        "match x { defer(y) => 1, defer { y } => 2, }",
        "match x { y => defer, z => defer(1), _ => defer.f() }",
        "enum E { defer(u8), x }",
        "enum E { defer { x: u8 } }",
        "struct S { defer: u8 }",
        "fn defer(defer: u8) -> defer { }",
        "r#defer f();",
    ] {
        stays(&format!("fn f() {{ {statement} }}"));
        stays(&format!("fn f() {{ a(); {statement} }}"));
        stays(&format!("fn f() {{ loop {{ }} {statement} }}"));
    }
    stays(
        "mod defer; use defer::f; enum defer { defer(u8) } impl defer for X { } trait defer { } static defer: u8 = 1;",
    );
}

#[test]
fn the_word_is_the_keyword_where_a_call_follows() {
    for call in [
        "f()",
        "x.f()",
        "self.f()",
        "crate::f()",
        "unsafe { f() }",
        "(x).f()",
        "(|| f())()",
        "(move || f())()",
        "f::<A, B>(x)",
        "<T as U>::f(x)",
        "<<T as U>::V as W>::f(x)",
        "f(x)()",
        "x.f().await?",
        "f(|| { a; b })",
        "\"x\".f()",
        "|| f()",
        "match x { _ => f() }",
        "#[x] f()",
        "S { x: 1 }.f()",
        "x[1].f()",
        "println!(\"\")",
    ] {
        becomes(
            &format!("fn f() {{ defer {call}; }}"),
            &format!("#[::wd::with_defer(crate = ::wd,)] fn f() {{ ::wd::defer!({call}); }}"),
        );
    }
}

#[test]
fn a_match_arm_may_be_a_statement() {
    becomes(
        "fn f() { match x { 1 => defer f::<A, B>(y), 2 => defer { g() } 3 => defer_on_panic h() } }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { match x {
             1 => ::wd::defer!(f::<A, B>(y)),
             2 => ::wd::defer! { g() },
             3 => ::wd::defer_on_panic!(h())
         } }",
    );
}

#[test]
fn a_statement_may_stand_in_another() {
    becomes(
        "fn f() { defer (|| { defer g(); })(); defer { defer h(); } defer!(k({ defer l(); })); }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() {
             ::wd::defer!((|| { ::wd::defer!(g()); })()); ::wd::defer! { ::wd::defer!(h()); }
             defer!(k({ ::wd::defer!(l()); }));
         }",
    );
}

#[test]
fn a_missing_semicolon_is_reported_once_and_put_there() {
    let missing = ["expected `;` behind the deferred call"];
    reports("fn f() { defer g() }", &missing);
    reports("fn f() { defer g() h(); }", &missing);
    reports("fn f() { defer x.g() let y = 1; }", &missing);
    reports("fn f() { defer g() if x { } }", &missing);
    reports("fn f() { defer g() { h() } }", &missing);
    reports("fn f() { defer unsafe { g() } h() }", &missing);
    reports("fn f() { if x { defer g() } else { defer h(); } }", &missing);
    let twice = [missing[0], missing[0]];
    reports("fn f() { defer g() defer h() }", &twice);
    assert!(
        rewritten("fn f() { defer g() h(); }")
            .to_string()
            .contains(&"{ ::wd::defer!(g()); h(); }".parse::<TokenStream>().unwrap().to_string())
    );
}

#[test]
fn what_is_no_call_is_left_to_the_macro_with_a_semicolon() {
    for statement in [
        "if x { g() } else { h() }",
        "if let Some(x) = y { g() }",
        "match x { _ => g() }",
        "for x in y { g() }",
        "while x { g() }",
        "loop { g() }",
        "'a: { g() }",
        "const { 1 }",
        "async { }",
        "return",
        "break 'a",
        "x",
        "fn g() { }",
    ] {
        becomes(
            &format!("fn f() {{ defer {statement}; h() }}"),
            &format!("#[::wd::with_defer(crate = ::wd,)] fn f() {{ ::wd::defer!({statement}); h() }}"),
        );
    }
    for statement in
        ["if x { g() }", "match x { _ => g() }", "for x in y { g() }", "loop { g() }", "'a: { g() }"]
    {
        becomes(
            &format!("fn f() {{ defer {statement} let x = 1; }}"),
            &format!("#[::wd::with_defer(crate = ::wd,)] fn f() {{ ::wd::defer!({statement}); let x = 1; }}"),
        );
    }
    becomes(
        "fn f() { defer g(), h(); i() }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer!(g(), h()); i() }",
    );
}

#[test]
fn a_call_that_does_not_parse_is_left_to_the_compiler() {
    becomes(
        "fn f() { defer x.; g() }",
        "#[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer!(x.); g() }",
    );
    becomes("fn f() { defer x. }", "#[::wd::with_defer(crate = ::wd,)] fn f() { ::wd::defer!(x.) }");
}

#[test]
fn a_statement_outside_of_a_function_is_an_error() {
    let outside = ["`defer` belongs in a function: it runs when that exits"];
    reports("defer f();", &outside);
    reports("mod m { defer f(); fn g() {} }", &outside);
    reports("impl X { defer { f() } }", &outside);
    reports("static F: fn() = || { defer f(); };", &outside);
}

#[test]
fn a_statement_in_an_expression_is_an_error() {
    let expression = ["expected an expression, found the statement `defer`; write `{ defer …; }`"];
    reports("fn f() { let x = defer g(); }", &expression);
    reports("fn f() { x(|| defer g()); }", &expression);
    reports("fn f() { return defer g(); }", &expression);
    reports("const X: u8 = defer f();", &expression);
}

#[test]
fn what_is_nested_too_deeply_is_an_error() {
    let deep = format!("fn f() {{ defer g({}{}); }}", "(".repeat(300), ")".repeat(300));
    reports(
        &deep,
        &["this is nested too deeply for a function that defers: move it to a function of its own"],
    );
}

/// Words and groups of them, in any order.
fn any_tokens(word: impl Strategy<Value = &'static str> + 'static) -> impl Strategy<Value = String> {
    let tokens = word.prop_map(str::to_owned).prop_recursive(4, 64, 8, |inner| {
        let inner = prop::collection::vec(inner, 0..8).prop_map(|inner| inner.join(" "));
        (prop::sample::select(&["{}", "()", "[]"]), inner).prop_map(|(delimiters, inner)| {
            let (open, close) = delimiters.split_at(1);
            format!("{open} {inner} {close}")
        })
    });
    prop::collection::vec(tokens, 0..12).prop_map(|tokens| tokens.join(" "))
}

const WORDS: [&str; 27] = [
    "f", "x", "fn", "fn f", "enum", "impl", "as", "if", "match", "return", "1", "'a", "#", "#[a]", "!", "=",
    "=>", "<", ">", "->", "|", "&&", ";", ",", ".", "::", "x!",
];

proptest! {
    // The same ones each time.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tokens_become_something(
        items in any_tokens(prop_oneof![
            prop::sample::select(&WORDS),
            prop::sample::select(&["defer", "defer_on_panic", "#[with_defer]"]),
        ]),
    ) {
        prop_assert_eq!(rewritten(&items).is_empty(), items.is_empty());
    }

    #[test]
    fn tokens_without_the_keyword_stay(items in any_tokens(prop::sample::select(&WORDS))) {
        stays(&items);
    }
}
