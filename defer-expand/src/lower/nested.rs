//! Stores of records, and blocks that can be left in several ways.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::run::{Keeper, Recovered, State};
use super::{In, Lower, returns_never, watched};
use crate::names::{self, glue};
use crate::plan::{
    Attributes, Awaits, Code, Exit, Frame, Owned, Rest, Returns, Root, RootId, RootKind, Scope, Shape, Store,
    StoreId,
};

impl Lower {
    // Stores.

    /// ```text
    /// from: a slot, a stack
    /// into: let mut store0 = None; let mut store1 = Stack::new();
    /// ```
    pub(super) fn declare(&self, stores: &[StoreId]) -> TokenStream {
        let declarations = stores.iter().map(|id| {
            let Store { shape, at, roots } = &self.stores[id.0];
            let name = names::store(*id, *at);
            let new = match shape {
                Shape::Slot => quote_spanned!(glue(*at)=> ::core::option::Option::None),
                Shape::Stack => {
                    let stack = self.runtime("Stack", *at);
                    quote_spanned!(glue(*at)=> #stack::new())
                }
            };
            // The type of a record must be known if none is ever made, too.
            let missing = roots.iter().enumerate().filter_map(|(root, Root { cfg, .. })| {
                let push = self.push(RootId { store: *id, root }, &quote_spanned!(glue(*at)=> ()));
                cfg.as_ref().map(|cfg| quote_spanned!(glue(*at)=> #[cfg(not(#cfg))] { if false { #push } }))
            });
            quote_spanned!(glue(*at)=> let mut #name = #new; #(#missing)*)
        });
        declarations.collect()
    }

    /// Puts a record into its store.
    fn push(&self, RootId { store: id, root }: RootId, record: &TokenStream) -> TokenStream {
        let Store { shape, roots, at } = &self.stores[id.0];
        let name = names::store(id, *at);
        let record = self.variant(root, roots.len(), record, *at);
        match shape {
            Shape::Slot => quote_spanned!(glue(*at)=> #name = ::core::option::Option::Some(#record);),
            Shape::Stack => {
                let stack = self.runtime("Stack", *at);
                quote_spanned!(glue(*at)=> #stack::push(&mut #name, #record);)
            }
        }
    }

    /// One of several kinds: `Left(x)`, `Right(Left(x))`, `Right(Right(x))`.
    pub(super) fn variant(&self, number: usize, of: usize, inner: &TokenStream, at: Span) -> TokenStream {
        let either = self.runtime("Either", at);
        let first = if number + 1 == of {
            quote_spanned!(glue(at)=> #inner)
        } else {
            quote_spanned!(glue(at)=> #either::Left(#inner))
        };
        (0..number).fold(first, |inner, _| quote_spanned!(glue(at)=> #either::Right(#inner)))
    }

    /// ```text
    /// from: nested site
    /// into: { let taken0 = VALUE; store0 = Some((moved_into_defer(x), taken0)); }
    /// ```
    pub(super) fn nested_site(&self, id: RootId, place: In) -> TokenStream {
        let Root { owns, kind: RootKind::Site(site), .. } = self.root(id) else { return TokenStream::new() };
        let at = glue(site.at());
        let Attributes { cfg, .. } = &site.attrs;
        let now = site.attrs.on_evaluation();
        let marker = names::marker(&site.path, &site.keyword);
        let takes = site.takes.iter().map(|take| self.take(take, place));
        let owned = owns.iter().map(|owned| self.moved(owned));
        let values = site.takes.iter().map(|take| names::taken(take.value));
        let push = self.push(id, &quote_spanned!(at=> (#(#owned,)* #(#values,)*)));
        quote_spanned!(at=> #cfg { #marker; #(#now #takes)* #push })
    }

    /// A variable that passes to the deferred code. If that may change it, the `mut` of its pattern is used here.
    fn moved(&self, owned: &Owned) -> TokenStream {
        let name = names::moved(owned);
        let function = self.runtime("moved_into_defer", owned.at);
        let used = (owned.is_mut == Some(true)).then(|| quote_spanned!(glue(owned.at)=> let _ = &mut #name;));
        match used {
            None => quote_spanned!(glue(owned.at)=> #function(#name)),
            Some(used) => quote_spanned!(glue(owned.at)=> { #used #function(#name) }),
        }
    }

    fn root(&self, RootId { store, root }: RootId) -> &Root {
        &self.stores[store.0].roots[root]
    }

    // Rests of blocks.

    /// ```text
    /// from: turn of a block: owns x, stores, REST
    /// into: STORES let left = inner(async { REST }); PUSH (moved_into_defer(x), STORES) match left { .. }
    /// ```
    pub(super) fn turn(&self, id: RootId, rest: &Rest, place: In) -> TokenStream {
        let Root { owns, kind: RootKind::Turn(stores), .. } = self.root(id) else {
            return TokenStream::new();
        };
        let at = rest.at;
        let declare = self.declare(stores);
        let left = self.rest(rest, place);
        let owned = owns.iter().map(|owned| self.moved(owned));
        let names = stores.iter().map(|id| names::store(*id, self.stores[id.0].at));
        let push = self.push(id, &quote_spanned!(glue(at)=> (#(#owned,)* #(#names,)*)));
        let ty = self.runtime("Left", at);
        let returned = returned(place.frame, at);
        let resume = self.runtime("resume_inner", at);
        let rebind = self.rebind_result(&rest.lent, place, at);
        let ways = if rebind.is_empty() {
            self.ways_on(rest, place, |pattern| quote_spanned!(glue(at)=> #ty::Done(#pattern)))
        } else {
            // Only here: the slot does not hold what is being returned.
            let ways = self.ways_on(rest, place, |pattern| pattern);
            quote_spanned!(glue(at)=> #ty::Done(__way) => { #rebind match __way { #ways } })
        };
        let (cancel, cancelled) = if rest.awaits == Awaits::Rest {
            let forever = self.runtime("forever", at);
            let gone = self.runtime("gone", at);
            let cancel = quote_spanned! {glue(at)=>
                if let #ty::Cancelled(()) = __left {
                    #gone(__left);
                    match #forever().await {}
                }
            };
            (cancel, quote_spanned!(glue(at)=> #ty::Cancelled(()) => ::core::unreachable!(),))
        } else {
            (TokenStream::new(), TokenStream::new())
        };
        quote_spanned! {glue(at)=>
            #declare
            #left
            #push
            #cancel
            match __left {
                #ways
                #ty::Return(__result) => #returned,
                #ty::Panic(__panic) => #resume(__panic),
                #cancelled
            }
        }
    }

    /// ```text
    /// from: scope: REST, stores
    /// into: STORES let left = inner(async { REST }); let mut turn = Turn::new(); let left = Turn::keep(&mut turn, left);
    ///       RUN if let Some(result) = Turn::leave(&mut turn) { return result } match left { .. }
    /// from: scope in which something is awaited
    /// into: STORES let left = rest(async { REST }).await;
    ///       let (left, leave) = { let mut turn = Turn::new(); .. RUN (left, Turn::leave_unless_cancelled(&mut turn)) };
    ///       if let None = leave { drop(leave); drop(left); match forever().await {} } ..
    /// ```
    pub(super) fn scope(&self, scope: &Scope, place: In) -> TokenStream {
        let Scope { rest, stores, recovers, sees_result, result } = scope;
        let at = rest.at;
        let declare = self.declare(stores);
        let left = self.rest(rest, place);
        let turn = self.runtime("Turn", at);
        let ty = self.typed("Turn", &place.frame.returns, at);
        let some = quote_spanned!(glue(at)=> ::core::option::Option::Some);
        let none = quote_spanned!(glue(at)=> ::core::option::Option::None);
        let new = if *sees_result {
            quote_spanned!(glue(at)=> with_result(&mut __slot))
        } else {
            quote_spanned!(glue(at)=> new())
        };
        let of = rest.exits.len() + 1;
        let returning =
            rest.exits.iter().enumerate().filter(|(_, exit)| exit.is_return).map(|(number, _)| {
                let exit = self.variant(number + 1, of, &quote_spanned!(glue(at)=> ()), at);
                quote_spanned!(glue(at)=> if let #some(#exit) = &__left { #turn::returns(&mut __turn); })
            });
        let rebind = self.rebind_result(result, place, at);
        let state = State {
            keeper: Keeper::Turn,
            is_reference: false,
            open: place.open + 1,
            recovered: Recovered::Nothing,
        };
        let run = self.run_stores(stores, state);
        let returned = returned(place.frame, at);
        let ways = self.ways_on(rest, place, |pattern| quote_spanned!(glue(at)=> #some(#pattern)));
        let recovered = if *recovers {
            let implicit = self.runtime("ImplicitResult", at);
            quote_spanned!(glue(at)=> #implicit::implicit())
        } else {
            quote_spanned!(glue(at)=> ::core::unreachable!())
        };
        let go_on = quote_spanned! {glue(at)=>
            #rebind
            match __left {
                #ways
                #none => #recovered,
            }
        };
        if rest.awaits == Awaits::Nothing {
            let leave = if *sees_result {
                quote_spanned!(glue(at)=> #turn::leave_to(&mut __turn, &mut __slot))
            } else {
                quote_spanned!(glue(at)=> #turn::leave(&mut __turn))
            };
            return quote_spanned! {glue(at)=>
                #declare
                #left
                let mut __turn = #ty::#new;
                let __left = #turn::keep(&mut __turn, __left);
                #(#returning)*
                #run
                if let #some(__result) = #leave {
                    #returned
                }
                #go_on
            };
        }
        let leave = if *sees_result {
            quote_spanned!(glue(at)=> #turn::leave_to_unless_cancelled(&mut __turn, &mut __slot))
        } else {
            quote_spanned!(glue(at)=> #turn::leave_unless_cancelled(&mut __turn))
        };
        let forever = self.runtime("forever", at);
        let gone = self.runtime("gone", at);
        // As behind a segment, the turn is gone before the last await.
        quote_spanned! {glue(at)=>
            #declare
            #left
            let (__left, __leave) = {
                let mut __turn = #ty::#new;
                let __left = #turn::settle(&mut __turn, __left, &__frame);
                #(#returning)*
                #run
                (__left, #leave)
            };
            if let #none = __leave {
                #gone(__leave);
                #gone(__left);
                match #forever().await {}
            }
            if let #some(#some(__result)) = __leave {
                #returned
            }
            #go_on
        }
    }

    /// ```text
    /// from: REST
    /// into: let value = Cell::new(None);
    ///       let left = inner(&value, async { let end = { REST }; Cell::set(&value, Some(end)); match forever().await {} });
    /// from: REST, carries x
    /// into: the same, with `let mut x = x;` at the start of the block and `(end, x)` in the place of `end`
    /// ```
    fn rest(&self, rest: &Rest, place: In) -> TokenStream {
        let at = rest.at;
        let exits = rest.exits.len();
        let carries = rest.carries.as_slice();
        let bind = self.bind_result_in(rest, place);
        let code = self.code(&rest.code, In { rest: Some(rest), open: place.open + 1, ..place });
        let code = names::braces(rest.close, quote!(#bind #code));
        // Where the statements never come to their end, this line is the first that is not reached.
        let ended = handed_back(quote_spanned!(glue(at)=> __end), carries, at);
        let ended = self.variant(0, exits + 1, &ended, at);
        // What is expected there decides about coercions.
        let ty = match &place.frame.returns {
            Returns::Written(ty)
                if rest.is_value && !returns_never(place.frame) && ty.to_string() != "()" =>
            {
                Some(quote_spanned!(glue(at)=> : #ty))
            }
            _ => None,
        };
        let end = quote_spanned! {glue(at)=>
            let __end #ty = #code;
            #[allow(unreachable_code)]
            let __end = #ended;
        };
        let end =
            if exits == 0 { end } else { quote_spanned!(glue(at)=> let __end = 'leave: { #end __end };) };
        let hint = self.hint(place.frame, at);
        // What is assigned first in the rest, nobody reads.
        let hint =
            quote_spanned!(glue(at)=> #(#[allow(unused_assignments)] let mut #carries = #carries;)* #hint);
        let allow = watched(rest.is_watched, rest.at);
        let some = quote_spanned!(glue(at)=> ::core::option::Option::Some);
        let none = quote_spanned!(glue(at)=> ::core::option::Option::None);
        if rest.awaits == Awaits::Rest {
            let state = self.runtime("Frame", at);
            let body = quote_spanned! {glue(at)=>
                #hint
                #end
                __value = #some(__end);
                match #state::end(&__frame).await {}
            };
            let body = self.future(at, &names::braces(at, body));
            let rest = self.runtime("rest", at);
            let left = self.runtime("left", at);
            let number = names::number(place.open + 1, at);
            return quote_spanned! {glue(at)=>
                let __left = {
                    let mut __value = #none;
                    #allow
                    let __way = {
                        let __part = ::core::pin::pin!(#some(#body));
                        let __way = #rest::<#number, _>(&__frame, __part).await;
                        __way
                    };
                    #left(__way, __value)
                };
            };
        }
        let inner = self.runtime("inner", at);
        let forever = self.runtime("forever", at);
        let body = quote_spanned! {glue(at)=>
            #hint
            #end
            ::core::cell::Cell::set(&__value, #some(__end));
            match #forever().await {}
        };
        let body = self.future(at, &names::braces(at, body));
        let run = quote_spanned! {glue(at)=>
            let __value = ::core::cell::Cell::new(#none);
            #allow
            let __left = #inner(&__value, #body);
        };
        if place.frame.is_async {
            // The cell is gone before anything is awaited: it is not `Sync`.
            quote_spanned!(glue(at)=> let __left = { #run __left };)
        } else {
            run
        }
    }

    /// The arms that go on where the rest of a block was left.
    fn ways_on(&self, rest: &Rest, place: In, wrap: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
        let at = rest.at;
        let of = rest.exits.len() + 1;
        let (end, ended) = if rest.diverges {
            (quote_spanned!(glue(at)=> _), quote_spanned!(glue(at)=> ::core::unreachable!()))
        } else {
            (quote_spanned!(glue(at)=> __end), quote_spanned!(glue(at)=> __end))
        };
        // What was carried into the rest goes back to where it was.
        let carries = rest.carries.as_slice();
        let back: Vec<Ident> = (0..carries.len()).map(|number| names::carried(number, at)).collect();
        let restored = |carries: &[Ident], code: TokenStream| {
            if carries.is_empty() {
                return code;
            }
            quote_spanned! {glue(at)=> {
                #[allow(unused_assignments)]
                { #(#carries = #back;)* }
                #code
            }}
        };
        let end = handed_back(end, &back, at);
        let ended = restored(carries, ended);
        let end = wrap(self.variant(0, of, &end, at));
        let exits = rest.exits.iter().enumerate().map(|(number, exit)| {
            let Exit { has_value, carries, jump, .. } = exit;
            let value = if *has_value { quote!(__carried) } else { quote!(()) };
            let value = names::respanned(value, at);
            let value = handed_back(value, &back[..carries.len()], at);
            let pattern = wrap(self.variant(number + 1, of, &value, at));
            let code = self.code(jump, place);
            let jump = match jump.first() {
                None => quote_spanned!(glue(at)=> {}),
                // At the end of a loop clippy calls a `continue` needless, but not one in a `let`.
                Some(Code::Again(keyword)) if keyword == "continue" => quote_spanned! {glue(at)=> {
                    #[allow(clippy::diverging_sub_expression)]
                    let () = #code;
                }},
                Some(_) => code,
            };
            let jump = restored(carries, jump);
            quote_spanned!(glue(at)=> #pattern => #jump,)
        });
        quote_spanned!(glue(at)=> #end => #ended, #(#exits)*)
    }

    /// ```text
    /// from: break 'outer VALUE
    /// into: break 'leave Right(Left(VALUE))
    /// ```
    pub(super) fn leave(
        &self,
        keyword: &Ident,
        exit: usize,
        value: Option<&[Code]>,
        place: In,
    ) -> TokenStream {
        let at = keyword.span();
        let value = match value {
            Some(value) => self.code(value, place),
            None => quote_spanned!(glue(at)=> ()),
        };
        let Some(rest) = place.rest else { return TokenStream::new() };
        let value = handed_back(value, &rest.exits[exit].carries, at);
        let value = self.variant(exit + 1, rest.exits.len() + 1, &value, at);
        quote_spanned!(glue(at)=> break 'leave #value)
    }
}

/// A value, and the variables that the rest of a block hands back with it.
fn handed_back(value: TokenStream, carries: &[Ident], at: Span) -> TokenStream {
    if carries.is_empty() { value } else { quote_spanned!(glue(at)=> (#value, #(#carries,)*)) }
}

/// `return result`, or nothing where nothing can return.
fn returned(frame: &Frame, at: Span) -> TokenStream {
    if returns_never(frame) {
        quote_spanned!(glue(at)=> match __result {})
    } else {
        quote_spanned!(glue(at)=> return __result)
    }
}
