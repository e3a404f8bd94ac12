//! Statements and blocks are found where Rust's syntax misleads.

use proc_macro2::TokenStream;

/// The plan of a function.
fn plan(body: &str) -> String {
    let item: TokenStream = format!("fn f() {{ {body} }}").parse().unwrap();
    with_defer_expand::explain(TokenStream::new(), &item)
}

fn expands_to_rust(item: &str) -> bool {
    let expansion = with_defer_expand::with_defer(TokenStream::new(), item.parse().unwrap());
    syn::parse2::<syn::File>(expansion).is_ok()
}

/// A site with statements before and behind it.
const DIVIDED: &str = "\
frame: function, returns ()
    segment 0: statements; block
    segment 1: statements
";

#[test]
fn or_behind_an_operand_is_no_closure() {
    assert_eq!(plan("let x = a || b; defer! { c() } let y = x || a || b;"), DIVIDED);
    assert_eq!(plan("if a || b || c { d() } defer! { e() } f()"), DIVIDED);
}

#[test]
fn shift_behind_an_operand_is_no_type() {
    assert_eq!(plan("let x = a << 1; defer! { c() } let y = 1 << 2 << a;"), DIVIDED);
    assert_eq!(plan("if a < 1 << 2 { d() } defer! { e() } f()"), DIVIDED);
}

#[test]
fn open_range_ends_the_head_of_a_loop() {
    assert_eq!(plan("for x in 0.. { a() } defer! { b() } c()"), DIVIDED);
    assert_eq!(plan("for x in 0..if a { 1 } else { 2 } {} defer! { b() } c()"), DIVIDED);
}

#[test]
fn return_in_a_condition_takes_a_block_with_it() {
    assert_eq!(plan("while return { a() } {} defer! { b() } c()"), DIVIDED);
    assert_eq!(plan("while break { a() } defer! { b() } c()"), DIVIDED);
}

#[test]
fn inner_attributes_belong_to_no_statement() {
    assert_eq!(
        plan("{ #![a] defer! { b() } c() }"),
        "frame: function, returns ()
    segment 0: statements
        block at the end:
            segment 0: statements; block
            segment 1: statements
"
    );
}

#[test]
fn closure_may_go_on_behind_a_block() {
    assert!(expands_to_rust("fn f() { a(|| if b { defer!(c()); 1 } else { 2 } as u8, d) }"));
    assert!(expands_to_rust("fn f() { a(|| #[defer_scope] if b { defer!(c()); 1 } else { 2 } + 3) }"));
}

#[test]
fn match_arm_with_an_attribute_needs_no_comma() {
    let item = "fn f() { match a { b => #[defer_scope] { defer!(c()); } d => e } }";
    assert!(expands_to_rust(item));
}

#[test]
fn field_that_is_not_called_is_an_error_that_expands_to_rust() {
    for field in ["a.b", "a.b?", "a.b.await", "(a.b)", "a.0.1"] {
        assert!(expands_to_rust(&format!("fn f() {{ defer!({field}); }}")), "{field}");
    }
}

#[test]
fn what_may_go_on_does_not_make_the_rest_dead_code() {
    assert_eq!(plan("#[cfg(a)] return; defer! { b() } c()"), DIVIDED);
    assert_eq!(plan("loop { break_if_done!(a) } defer! { b() } c()"), DIVIDED);
}
