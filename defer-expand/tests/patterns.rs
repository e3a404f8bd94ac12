//! What a pattern binds belongs to its block: the record of the block owns what deferred code names of it, and nothing
//! else. syn says what the names are, in patterns of every shape.

mod common;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit::{self, Visit};
use syn::{Ident, Macro, Pat, PatIdent};

use self::common::samples;

/// The patterns in all functions, each once.
#[derive(Default)]
struct Patterns {
    patterns: BTreeMap<String, Pat>,
}

impl<'ast> Visit<'ast> for Patterns {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        self.patterns.insert(pattern.to_token_stream().to_string(), pattern.clone());
        visit::visit_pat(self, pattern);
    }
}

/// The names in a pattern.
#[derive(Default)]
struct Names {
    names: Vec<Ident>,
    /// What a macro binds is anybody's guess.
    has_macro: bool,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
        // `A` may be a constant.
        if !name.ident.to_string().starts_with(char::is_uppercase) && !self.names.contains(&name.ident) {
            self.names.push(name.ident.clone());
        }
        visit::visit_pat_ident(self, name);
    }

    fn visit_macro(&mut self, _: &'ast Macro) {
        self.has_macro = true;
    }

    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

/// What the records own, by the plan.
fn owned(body: &TokenStream) -> Vec<String> {
    let plan = with_defer_expand::explain(TokenStream::new(), &quote!(fn f() { #body rest(); }));
    let owned = plan.split("owns ").skip(1);
    sorted(owned.filter_map(|behind| behind.split([',', '\n']).next()))
}

fn sorted(names: impl Iterator<Item = impl ToString>) -> Vec<String> {
    let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.sort();
    names
}

#[test]
fn record_owns_what_the_pattern_binds() {
    let mut patterns = Patterns::default();
    for sample in samples() {
        patterns.visit_item_fn(&sample.parsed());
    }
    assert!(patterns.patterns.len() > 500, "{}", patterns.patterns.len());
    for pattern in patterns.patterns.into_values() {
        let mut names = Names::default();
        names.visit_pat(&pattern);
        if names.has_macro || matches!(pattern, Pat::Guard(_) | Pat::Rest(_) | Pat::Type(_)) {
            continue;
        }
        let names = names.names;
        let others: Vec<Ident> = names.iter().map(|name| format_ident!("{}_other", name)).collect();
        let site = quote!(defer! { touch(#(&mut #names, #others,)* A, self.b, Self::c) });
        let expected = sorted(names.iter());
        for body in [
            quote!(for #pattern in y { #site }),
            quote!(for #pattern in y { #site work(); }),
            quote!(if let #pattern = y { #site work(); }),
            quote!(if a && let #pattern = y && b { #site }),
            quote!(while let #pattern = y { #site work(); }),
            quote!(match y { #pattern => { #site work(); } }),
            quote!(match y { a::B => (), #pattern if true => #site A => {} }),
            quote!({ let (#pattern) = y; #site work(); }),
            quote!({ let (#pattern): Vec<x::Y<{ z }>> = y; #site work(); }),
            quote!({ let (#pattern) = y else { return }; #site work(); }),
        ] {
            assert_eq!(owned(&body), expected, "{body}");
        }
    }
}
