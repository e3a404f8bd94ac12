//! What a function's signature says about its frame.

use std::iter::Peekable;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{FnArg, GenericParam, Lifetime, Pat, ReceiverKind, ReturnType, Signature, Type, TypeParamBound};

use super::mentions::Mentions;
use super::{Hint, HintParam, Returns};
use crate::parse::bindings;

/// Parameters that are `mut` references.
pub(super) fn cursors(signature: &Signature) -> Vec<Ident> {
    let cursor = |arg: &FnArg| match arg {
        FnArg::Typed(arg) => match (&*arg.pat, &*arg.ty) {
            (Pat::Ident(name), Type::Reference(_)) if name.mutability.is_some() => Some(name.ident.clone()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    signature.inputs.iter().filter_map(cursor).collect()
}

/// Parameters that are unique references, `self` among them, but for those that are `mut`.
pub(super) fn references(signature: &Signature) -> Vec<Ident> {
    let is_unique = |ty: &Type| matches!(ty, Type::Reference(reference) if reference.mutability.is_some());
    let reference = |arg: &FnArg| match arg {
        FnArg::Typed(arg) => match &*arg.pat {
            Pat::Ident(name) if name.mutability.is_none() && is_unique(&arg.ty) => Some(name.ident.clone()),
            _ => None,
        },
        FnArg::Receiver(receiver) => {
            let is_unique = match &receiver.kind {
                ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
                ReceiverKind::Typed(_, ty) => is_unique(ty),
                _ => false,
            };
            is_unique.then(|| Ident::new("self", receiver.self_token.span))
        }
    };
    signature.inputs.iter().filter_map(reference).collect()
}

/// The names that the parameters bind.
pub(super) fn parameters(signature: &Signature) -> Vec<Ident> {
    let names = signature.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(arg) => Some(bindings(arg.pat.to_token_stream())),
        FnArg::Receiver(_) => None,
    });
    names.flatten().collect()
}

/// Whether a parameter has this name.
pub(super) fn is_parameter(signature: &Signature, name: &Ident) -> bool {
    parameters(signature).contains(name)
}

pub(super) fn returns(signature: &Signature) -> Returns {
    match &signature.output {
        ReturnType::Default => Returns::Written(quote::quote_spanned!(signature.ident.span()=> ())),
        ReturnType::Type(_, ty) => written(ty.to_token_stream()),
    }
}

/// A written return type. `impl Trait` cannot stand in a closure's, and is inferred.
pub(super) fn written(output: TokenStream) -> Returns {
    if !Mentions::of(output.clone()).has_word("impl") {
        return Returns::Written(output);
    }
    let Ok(mut ty) = syn::parse2::<Type>(output.clone()) else { return Returns::Written(output) };
    if let Some(hint) = hint(&mut ty) {
        return Returns::Hinted(hint);
    }
    InferImpl.visit_type_mut(&mut ty);
    Returns::Written(ty.into_token_stream())
}

struct InferImpl;

impl VisitMut for InferImpl {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(_) = ty {
            let at = ty.span();
            *ty = syn::parse_quote_spanned!(at=> _);
        } else {
            syn::visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// The hint of `impl Fn(…) -> …`, whose bound it spoils. Leaves other types as they are.
fn hint(ty: &mut Type) -> Option<Hint> {
    let Type::ImplTrait(ty) = ty else { return None };
    let bound = ty.bounds.iter_mut().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            let is_fn = matches!(last.ident.to_string().as_str(), "Fn" | "FnMut" | "FnOnce");
            is_fn.then_some(bound)
        }
        _ => None,
    })?;
    let declared = bound.lifetimes.iter().flat_map(|bound| &bound.lifetimes);
    let declared = declared.filter_map(|param| match param {
        GenericParam::Lifetime(param) => Some(param.lifetime.ident.to_string()),
        _ => None,
    });
    let mut generalise = Generalise::within(declared.collect());
    generalise.visit_trait_bound_mut(bound);
    let Generalise { args, params, fails, .. } = generalise;
    (!fails).then(|| Hint { bound: bound.to_token_stream(), params, args })
}

/// Puts a type parameter in place of each type whose lifetimes do not differ from call to call: a local `fn` cannot name
/// the generics of the function around it.
struct Generalise {
    args: Vec<TokenStream>,
    params: Vec<HintParam>,
    /// The lifetimes of a `for<'a>`, and `'_`.
    declared: Vec<String>,
    /// The type stands behind `&`.
    is_behind_reference: bool,
    /// Something is left that the local `fn` could not name.
    fails: bool,
}

impl Generalise {
    fn within(mut declared: Vec<String>) -> Self {
        declared.push("_".to_owned());
        Self { args: Vec::new(), params: Vec::new(), declared, is_behind_reference: false, fails: false }
    }

    /// Whether each call may give the type another lifetime.
    fn differs(&self, ty: TokenStream) -> bool {
        let mut tokens = ty.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let found = match token {
                TokenTree::Group(group) => self.differs(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == '&' => !next_is_quote(&mut tokens),
                TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                    matches!(tokens.next(), Some(name) if self.declared.contains(&name.to_string()))
                }
                _ => false,
            };
            if found {
                return true;
            }
        }
        false
    }
}

impl VisitMut for Generalise {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let tokens = ty.to_token_stream();
        let is_whole = match ty {
            // `Cow<'_, str>`: no parameter, it is unsized.
            Type::Path(path) if !self.is_behind_reference && path.path.is_ident("str") => false,
            Type::Path(_) | Type::Array(_) => true,
            Type::Reference(_) | Type::Tuple(_) => names_lifetime(tokens.clone()),
            _ => false,
        };
        if is_whole && !self.differs(tokens.clone()) {
            let name = quote::format_ident!("__T{}", self.params.len(), span = Span::mixed_site());
            *ty = syn::parse_quote!(#name);
            self.args.push(tokens);
            self.params.push(HintParam { name, is_behind_reference: self.is_behind_reference });
            return;
        }
        let outer = self.is_behind_reference;
        self.is_behind_reference = matches!(ty, Type::Reference(_) | Type::Ptr(_));
        self.fails |= matches!(ty, Type::Array(_));
        syn::visit_mut::visit_type_mut(self, ty);
        self.is_behind_reference = outer;
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let name = lifetime.ident.to_string();
        self.fails |= name != "static" && !self.declared.contains(&name);
    }
}

fn next_is_quote(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '\'')
}

fn names_lifetime(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Group(group) => names_lifetime(group.stream()),
        _ => false,
    })
}
