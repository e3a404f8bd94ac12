//! `#[with_defer]` on an `impl` or `trait`: what does not defer goes through token for token.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap()
}

/// What stands before the members of the item once it is expanded, and the members.
fn expanded(item: &str) -> (String, String) {
    let expanded = with_defer_expand::with_defer(TokenStream::new(), tokens(item));
    let mut expanded: Vec<TokenTree> = expanded.into_iter().collect();
    match expanded.pop() {
        Some(TokenTree::Group(members)) if members.delimiter() == Delimiter::Brace => {
            (expanded.into_iter().collect::<TokenStream>().to_string(), members.stream().to_string())
        }
        last => panic!("expected members, found {last:?}"),
    }
}

/// Expands the members together with a function that defers.
#[track_caller]
fn go_through(head: &str, members: &str) {
    let defers = "fn defers(&self) { defer!(self.close()); self.work() }";
    let (expanded_head, only) = expanded(&format!("{head} {{ {defers} }}"));
    assert_eq!(expanded_head, tokens(head).to_string());
    assert!(only.contains("this_defer_is_not_from_with_defer"), "{only}");
    let (_, before) = expanded(&format!("{head} {{ {members} {defers} }}"));
    assert_eq!(before, tokens(&format!("{members} {only}")).to_string());
    let (_, behind) = expanded(&format!("{head} {{ {defers} {members} }}"));
    assert_eq!(behind, tokens(&format!("{only} {members}")).to_string());
}

#[test]
fn functions_that_do_not_defer() {
    go_through("impl X", "fn f() {}");
    go_through(
        "impl X",
        "/// Doc.\n #[inline] pub(in crate::x) const unsafe extern \"C\" fn f<'a, T: A<B = C>>(x: &'a T) -> [u8; { N + 1 }] where T: D<{ E > F }> { #![a] x.defer(1); let defer = y; z!(defer) }",
    );
    go_through("impl X", "default async fn f(self: Box<Self>) -> impl Fn(u8) -> u8 { move |x| { x } }");
    go_through("impl X", "fn f() { fn g() { defer_it(); } g() }");
    go_through("trait X", "fn f(&self); fn g(&self) where Self: Sized; unsafe fn h() -> u8 { 1 }");
}

#[test]
fn other_members() {
    go_through(
        "impl<const N: usize, T> X<{ N * 2 }> for Y<T> where T: Z",
        "const A: u8 = { let x = 1; x }; type B = C<{ 1 }>;",
    );
    go_through("impl X", "m!(a; b); m! { defer c; } a::b::m![d];");
    go_through("unsafe impl !X for Y", "#[a(b)] const C: fn() = || { d(); };");
    go_through(
        "#[a] pub(crate) unsafe auto trait X<'a, T = { 1 }>: Y + 'a where T: Z",
        "type A<'b>: B<'b> where Self: 'b; const C: u8; const D: u8 = 1; m!();",
    );
    go_through("impl X", "type A = fn() -> u8;");
}

#[test]
fn inner_attributes() {
    let (_, members) = expanded("impl X { #![a] #![b(c)] fn f() {} fn g() { defer!(h()); } }");
    assert!(members.starts_with(&tokens("#![a] #![b(c)] fn f() {} fn g()").to_string()), "{members}");
}

#[test]
fn a_functions_own_attribute_goes() {
    let (_, members) =
        expanded("impl X { #[a] #[b::with_defer(result = 1)] #[c] fn f() -> u8 { defer!(g()); 2 } }");
    assert!(members.starts_with(&tokens("#[a] #[c] fn f() -> u8").to_string()), "{members}");
    let (_, members) = expanded("impl X { #[with_defer] fn f() { g() } fn h() { defer!(i()) } }");
    assert!(members.starts_with(&tokens("fn f() { g() }").to_string()), "{members}");
}
