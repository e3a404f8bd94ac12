//! Plan to tokens. Decides nothing.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::names::{self, Facade, glue};
use crate::parse::outline::When;
use crate::plan::{
    Body, Code, Deferral, Deferred, Exit, Frame, Function, Hint, HintParam, Named, Owned, Rest, Returns,
    Root, RootId, RootKind, Scope, Segment, Shape, Site, Slot, Store, StoreId, Take, TakeKind,
};

/// ```text
/// from: fn f() -> R { SEGMENTS }
/// into: fn f() -> R { FRAME }
/// ```
pub(crate) fn function(plan: Function) -> TokenStream {
    let Function { head, krate, frame, stores } = plan;
    let lower = Lower { facade: Facade::new(krate), stores };
    let body = names::braces(frame.body.close, lower.frame(&frame));
    quote!(#head #body)
}

struct Lower {
    facade: Facade,
    stores: Vec<Store>,
}

/// Where a piece of code stands.
#[derive(Clone, Copy)]
struct In<'p> {
    frame: &'p Frame,
    /// How many jumps leave the rest of a block that it stands in.
    exits: usize,
    /// The segment has bound the name of the result.
    binds_result: bool,
    /// How many guards of the frame are open.
    open: usize,
}

/// The variable that knows how a frame or scope is left, while deferred code runs.
#[derive(Clone, Copy)]
struct State<'p> {
    name: &'p str,
    /// It is a reference to where it lives.
    is_reference: bool,
    /// How many guards are open while deferred code runs.
    open: usize,
    /// A panic may have been recovered, so that the frame returns its default.
    recovers: bool,
}

impl State<'_> {
    /// There is none: what a guard has caught is handed through.
    fn by_hand() -> Self {
        State { name: "out", is_reference: false, open: 0, recovers: false }
    }

    fn ident(&self, at: Span) -> Ident {
        Ident::new(self.name, glue(at))
    }

    fn borrowed(&self, at: Span) -> TokenStream {
        let name = self.ident(at);
        if self.is_reference {
            quote_spanned!(glue(at)=> &mut *#name)
        } else {
            quote_spanned!(glue(at)=> &mut #name)
        }
    }
}

impl<'p> In<'p> {
    fn frame(frame: &'p Frame) -> Self {
        Self { frame, exits: 0, binds_result: false, open: 0 }
    }
}

impl Lower {
    fn runtime(&self, name: &str, at: Span) -> TokenStream {
        self.facade.runtime(name, at)
    }

    // Frames.

    /// ```text
    /// from: frame: SLOT, BODY
    /// into: let ty = Ty::new(); let mut slot = Slot::new(EXPR); BODY
    /// from: async frame
    /// into: let frame = Frame::new(); let root = pin!(Some(async { BODY })); Root::new(&frame, root).await
    /// ```
    fn frame(&self, frame: &Frame) -> TokenStream {
        let at = frame.at;
        let ty = self.return_type(&frame.returns, at);
        let slot = frame.slot.as_ref().map(|slot| self.slot(slot, &frame.returns, at));
        let items = self.code(&frame.items, In::frame(frame));
        let body = self.body(&frame.body, In::frame(frame));
        if !frame.is_async {
            return quote!(#items #ty #slot #body);
        }
        let hint = self.hint(frame, at);
        let body = names::braces(frame.body.close, quote!(#hint #slot #body));
        let state = self.runtime("Frame", at);
        let root = self.runtime("Root", at);
        let run = quote_spanned!(glue(at)=> #root::new(&frame, root).await);
        let run = if returns_never(frame) { quote_spanned!(glue(at)=> match #run {}) } else { run };
        quote_spanned! {glue(at)=>
            #items
            #ty
            let frame = #state::new();
            let root = ::core::pin::pin!(::core::option::Option::Some(async #body));
            #run
        }
    }

    /// Tells inference what an async block returns, which nothing else does. One that never returns cannot say `!`.
    fn hint(&self, frame: &Frame, at: Span) -> TokenStream {
        let at = glue(at);
        let unreached = self.runtime("unreached", at);
        let value = match &frame.returns {
            Returns::Written(_) if returns_never(frame) => {
                quote_spanned!(at=> #unreached::<::core::convert::Infallible>())
            }
            Returns::Written(returns) => quote_spanned!(at=> #unreached::<#returns>()),
            Returns::Inferred | Returns::Hinted(_) => quote_spanned!(at=> ty.value()),
            Returns::Unit => TokenStream::new(),
            Returns::Attempt => quote_spanned!(at=> attempt.done()),
        };
        quote_spanned!(at=> if false { return #value; })
    }

    /// Makes the type of the frame known to inference, where it cannot be written.
    fn return_type(&self, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.runtime("Ty", at);
        match returns {
            Returns::Inferred => quote_spanned! {glue(at)=>
                let ty = #ty::new();
                if false {
                    return ty.value();
                }
            },
            Returns::Hinted(Hint { bound, params, args }) => {
                let params = params.iter().map(|HintParam { name, is_behind_reference }| {
                    if *is_behind_reference {
                        quote_spanned!(glue(at)=> #name: ?::core::marker::Sized)
                    } else {
                        quote_spanned!(glue(at)=> #name)
                    }
                });
                quote_spanned! {glue(at)=>
                    let ty = #ty::new();
                    {
                        fn hint<#(#params,)* __R: #bound>(_: #ty<__R>) {}
                        hint::<#(#args,)* _>(ty);
                    }
                }
            }
            Returns::Written(_) | Returns::Unit | Returns::Attempt => TokenStream::new(),
        }
    }

    fn slot(&self, slot: &Slot, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.typed("Slot", returns, at);
        let new = match &slot.named {
            None => quote_spanned!(glue(at)=> empty()),
            Some(Named { initial: Some(initial), .. }) => quote_spanned!(glue(at)=> new(#initial)),
            Some(Named { initial: None, .. }) => {
                quote_spanned!(glue(at)=> new(::core::default::Default::default()))
            }
        };
        quote_spanned!(glue(at)=> let mut slot = #ty::#new;)
    }

    /// A type of the runtime, of the frame's return type if somebody has written it.
    fn typed(&self, name: &str, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.runtime(name, at);
        match returns {
            Returns::Written(returns) => quote_spanned!(glue(at)=> #ty::<#returns>),
            _ => ty,
        }
    }

    /// ```text
    /// from: segment 0, deferral; segment 1, deferral; segment 2
    /// into: SEGMENT0 let out = guard(|| { SEGMENT1 let out = guard(|| { SEGMENT2 }); RUN }); RUN
    /// ```
    fn body(&self, body: &Body, place: In) -> TokenStream {
        let Some((last, before)) = body.segments.split_last() else { return TokenStream::new() };
        let at_segment = |number| In { open: place.open + number, ..place };
        let end = self.last_segment(last, body.close, at_segment(before.len()));
        before.iter().enumerate().rev().fold(end, |rest, (number, segment)| {
            let place = at_segment(number);
            let statements = self.statements(segment, place);
            let register = segment.deferral.iter().map(|deferral| self.register(deferral, place));
            let register: TokenStream = register.collect();
            let allow = watched(segment.is_watched, place.frame.at);
            let guard = self.guard(rest, body.close, place);
            let run = segment.deferral.iter().map(|deferral| self.run(deferral, place));
            let run: TokenStream = run.collect();
            quote!(#statements #register #allow #guard #run)
        })
    }

    fn statements(&self, segment: &Segment, place: In) -> TokenStream {
        let result = match &place.frame.slot {
            Some(Slot { named: Some(named) }) if segment.binds_result => bind_result(named, place.frame.at),
            _ => TokenStream::new(),
        };
        let place = In { binds_result: place.binds_result || segment.binds_result, ..place };
        // The first line uses the `mut` of the variable that is moved.
        let rebinds = segment.rebinds.iter().map(|name| {
            quote_spanned! {glue(name.span())=>
                let _ = &mut #name;
                #[allow(unused_mut)]
                let mut #name = #name;
            }
        });
        let code = self.code(&segment.code, place);
        quote!(#result #(#rebinds)* #code)
    }

    /// A deferred block has no value but the failure that it may return: what its statements leave is dropped.
    fn last_segment(&self, segment: &Segment, close: Span, place: In) -> TokenStream {
        let statements = self.statements(segment, place);
        match place.frame.returns {
            Returns::Written(_) | Returns::Inferred | Returns::Hinted(_) => statements,
            Returns::Unit | Returns::Attempt if statements.is_empty() => done(place.frame),
            Returns::Unit | Returns::Attempt => {
                let statements = names::braces(close, statements);
                let done = done(place.frame);
                quote_spanned!(glue(close)=> #statements; #done)
            }
        }
    }

    /// What happens where a deferral stands: values are taken, stores are made.
    fn register(&self, deferral: &Deferral, place: In) -> TokenStream {
        match deferral {
            Deferral::Direct(sites) => sites
                .iter()
                .map(|site| {
                    let at = glue(site.keyword.span());
                    let attrs = attributes(site);
                    let marker = names::marker(&site.path, &site.keyword);
                    let takes = site.takes.iter().map(|take| self.take(take, place));
                    quote_spanned!(at=> #attrs #marker; #(#attrs #takes)*)
                })
                .collect(),
            Deferral::Nested(stores) => self.declare(stores),
        }
    }

    fn take(&self, take: &Take, place: In) -> TokenStream {
        let at = take.value.at;
        let name = names::taken(take.value);
        let value = self.code(&take.code, place);
        match take.kind {
            TakeKind::Value | TakeKind::Reference => quote_spanned!(glue(at)=> let #name = #value;),
            TakeKind::Callee => quote_spanned!(glue(at)=> #[allow(unused_mut)] let mut #name = #value;),
            TakeKind::Text => {
                let format = self.runtime("format", at);
                quote_spanned!(glue(at)=> let #name = #format!(#value);)
            }
        }
    }

    /// Runs the rest of the frame and catches.
    fn guard(&self, rest: TokenStream, close: Span, place: In) -> TokenStream {
        let frame = place.frame;
        let at = frame.at;
        if frame.is_async {
            let hint = self.hint(frame, at);
            let rest = names::braces(close, quote!(#hint #rest));
            let level = self.level(&quote_spanned!(glue(at)=> async #rest), place.open + 1, at);
            return quote_spanned!(glue(at)=> let out = #level;);
        }
        let rest = names::braces(close, rest);
        let guard = self.runtime("guard", at);
        match &frame.returns {
            Returns::Written(returns) => quote_spanned!(glue(at)=> let out = #guard(|| -> #returns #rest);),
            Returns::Unit => quote_spanned!(glue(at)=> let out = #guard(|| #rest);),
            Returns::Inferred | Returns::Hinted(_) => {
                quote_spanned!(glue(at)=> let out = ty.guard(|| #rest);)
            }
            Returns::Attempt => quote_spanned!(glue(at)=> let out = attempt.guard(|| #rest);),
        }
    }

    /// ```text
    /// from: an async block
    /// into: { let part = pin!(Some(async { .. })); level::<1, _>(&frame, part).await }
    /// ```
    fn level(&self, part: &TokenStream, number: usize, at: Span) -> TokenStream {
        let level = self.runtime("level", at);
        let number = names::number(number, at);
        quote_spanned! {glue(at)=>
            {
                let part = ::core::pin::pin!(::core::option::Option::Some(#part));
                #level::<#number, _>(&frame, part).await
            }
        }
    }

    /// Runs what was deferred, the last first, and leaves the segment.
    fn run(&self, deferral: &Deferral, place: In) -> TokenStream {
        let frame = place.frame;
        let at = frame.at;
        let recovers = matches!(frame.slot, Some(Slot { named: None }));
        let state = State { name: "slot", is_reference: false, open: place.open + 1, recovers };
        let run = match deferral {
            Deferral::Direct(sites) if frame.slot.is_none() && !frame.is_async => {
                return self.run_by_hand(sites, at);
            }
            Deferral::Direct(sites) => {
                let runs = sites.iter().rev().map(|site| self.run_site(site, state, &TokenStream::new()));
                runs.collect()
            }
            Deferral::Nested(stores) => self.run_stores(stores, state),
        };
        let make = match &frame.slot {
            Some(_) => TokenStream::new(),
            None => {
                let ty = self.runtime("Slot", at);
                quote_spanned!(glue(at)=> let mut slot = #ty::empty();)
            }
        };
        let leave = match &frame.slot {
            Some(Slot { named: None }) => quote_spanned!(glue(at)=> slot.leave_or_default()),
            Some(Slot { named: Some(_) }) | None => quote_spanned!(glue(at)=> slot.leave()),
        };
        if !frame.is_async {
            return quote_spanned!(glue(at)=> #make slot.keep(out); #run #leave);
        }
        // What is not `Send` must be gone before the last await.
        let drop = frame.slot.is_none().then(|| quote_spanned!(glue(at)=> ::core::mem::drop(slot);));
        let forever = self.runtime("forever", at);
        quote_spanned! {glue(at)=>
            #make
            slot.settle(out);
            #run
            if slot.is_cancelled() {
                #drop
                match #forever().await {}
            }
            #leave
        }
    }

    /// ```text
    /// from: sites A, B
    /// into: let out = after(out, || B); defer(out, || A)
    /// ```
    fn run_by_hand(&self, sites: &[Site], at: Span) -> TokenStream {
        let mut run = TokenStream::new();
        for (number, site) in sites.iter().enumerate().rev() {
            let leaves = number == 0 && site.attrs.is_empty();
            let name = match (leaves, site.needs_exit()) {
                (true, false) => "defer",
                (true, true) => "defer_with",
                (false, false) => "after",
                (false, true) => "after_with",
            };
            let span = site.keyword.span();
            let function = self.runtime(name, span);
            let parameter = if site.needs_exit() { quote_spanned!(glue(span)=> exit) } else { quote!() };
            let deferred = names::braces(glue(span), self.deferred(site, State::by_hand()));
            let call = quote_spanned!(glue(span)=> #function(out, |#parameter| #deferred));
            let attrs = attributes(site);
            run.extend(if leaves { call } else { quote_spanned!(glue(span)=> #attrs let out = #call;) });
            if number == 0 && !leaves {
                let leave = self.runtime("leave", at);
                run.extend(quote_spanned!(glue(at)=> #leave(out)));
            }
        }
        run
    }

    /// ```text
    /// from: site A
    /// into: slot.run(|exit| { let record = record; A });
    /// from: site A, which awaits
    /// into: let ran = level(async { let exit = &mut slot; let record = record; A }); slot.ran(ran);
    /// ```
    fn run_site(&self, site: &Site, state: State, unpack: &TokenStream) -> TokenStream {
        let at = site.keyword.span();
        let uses_exit = site.needs_exit() || site.deferred.recovers || site.deferred.result.is_some();
        let deferred = self.deferred(site, state);
        let name = state.ident(at);
        let run = if site.deferred.awaits {
            let borrowed = state.borrowed(at);
            let exit = uses_exit.then(|| quote_spanned!(glue(at)=> let exit = #borrowed;));
            let deferred = names::braces(glue(at), quote!(#exit #unpack #deferred));
            let ran = self.level(&quote_spanned!(glue(at)=> async #deferred), state.open, at);
            quote_spanned!(glue(at)=> let ran = #ran; #name.ran(ran);)
        } else {
            let parameter =
                if uses_exit { quote_spanned!(glue(at)=> exit) } else { quote_spanned!(glue(at)=> _) };
            let deferred = names::braces(glue(at), quote!(#unpack #deferred));
            quote_spanned!(glue(at)=> #name.run(|#parameter| #deferred);)
        };
        attributed(site, run)
    }

    /// The inside of the closure that is the deferred code.
    fn deferred(&self, site: &Site, state: State) -> TokenStream {
        let at = site.keyword.span();
        let Deferred { frame, recovers, awaits, result } = &site.deferred;
        let bind = match (recovers, result) {
            (false, None) => TokenStream::new(),
            (true, None) => quote_spanned!(glue(at)=> let mut recover = exit.recover();),
            (false, Some(pattern)) => {
                quote_spanned!(glue(at)=> #[allow(unused_variables)] let #pattern = exit.result();)
            }
            (true, Some(pattern)) => quote_spanned! {glue(at)=>
                #[allow(unused_variables)]
                let (mut recover, #pattern) = exit.recover_and_result();
            },
        };
        let code = self.frame(frame);
        let code = if site.deferred.may_fail() {
            let attempt = if *awaits {
                let hint = self.hint(frame, at);
                let code = names::braces(glue(at), quote!(#hint #code));
                quote_spanned!(glue(at)=> async #code.await)
            } else {
                let code = names::braces(glue(at), code);
                quote_spanned!(glue(at)=> attempt.run(|| #code))
            };
            quote_spanned! {glue(at)=>
                let attempt = exit.attempt();
                #bind
                let failure = #attempt;
                exit.absorb(failure);
            }
        } else {
            quote!(#bind #code)
        };
        let recovered =
            (state.recovers && site.needs_exit()).then(|| quote_spanned!(glue(at)=> exit.recovered();));
        match self.condition(site.when, at) {
            None => quote!(#recovered #code),
            Some(condition) => {
                let code = names::braces(glue(at), code);
                quote_spanned!(glue(at)=> #recovered if #condition #code)
            }
        }
    }

    /// Whether the statement runs, asked when its turn comes.
    fn condition(&self, when: When, at: Span) -> Option<TokenStream> {
        Some(match when {
            When::Always => return None,
            When::Panic => quote_spanned!(glue(at)=> exit.panicked()),
            When::Failure => quote_spanned!(glue(at)=> exit.failed()),
            When::Success => {
                let returning = self.runtime("Returning", at);
                let failing = self.runtime("Failing", at);
                let succeeds = self.runtime("Succeeds", at);
                quote_spanned! {glue(at)=>
                    {
                        use #failing as _;
                        use #succeeds as _;
                        (&#returning(&mut *exit)).succeeds()
                    }
                }
            }
        })
    }

    // Records.

    /// ```text
    /// from: a slot, a stack
    /// into: let mut store0 = None; let mut store1 = Stack::new();
    /// ```
    fn declare(&self, stores: &[StoreId]) -> TokenStream {
        let declarations = stores.iter().map(|id| {
            let Store { shape, at, roots } = &self.stores[id.0];
            let at = glue(*at);
            let name = names::store(*id, at);
            let new = match shape {
                Shape::Slot => quote_spanned!(at=> ::core::option::Option::None),
                Shape::Stack => {
                    let stack = self.runtime("Stack", at);
                    quote_spanned!(at=> #stack::new())
                }
            };
            // The type of a record must be known if none is ever made, too.
            let missing = roots.iter().enumerate().filter_map(|(root, Root { cfg, .. })| {
                let push = self.push(RootId { store: *id, root }, &quote_spanned!(at=> ()));
                cfg.as_ref().map(|cfg| quote_spanned!(at=> #[cfg(not(#cfg))] { if false { #push } }))
            });
            quote_spanned!(at=> let mut #name = #new; #(#missing)*)
        });
        declarations.collect()
    }

    /// Puts a record into its store.
    fn push(&self, RootId { store: id, root }: RootId, record: &TokenStream) -> TokenStream {
        let Store { shape, roots, at } = &self.stores[id.0];
        let at = glue(*at);
        let name = names::store(id, at);
        let record = self.variant(root, roots.len(), record, at);
        match shape {
            Shape::Slot => quote_spanned!(at=> #name = ::core::option::Option::Some(#record);),
            Shape::Stack => quote_spanned!(at=> #name.push(#record);),
        }
    }

    /// One of several kinds: `Left(x)`, `Right(Left(x))`, `Right(Right(x))`.
    fn variant(&self, number: usize, of: usize, inner: &TokenStream, at: Span) -> TokenStream {
        let either = self.runtime("Either", at);
        let first = if number + 1 == of {
            quote_spanned!(at=> #inner)
        } else {
            quote_spanned!(at=> #either::Left(#inner))
        };
        (0..number).fold(first, |inner, _| quote_spanned!(at=> #either::Right(#inner)))
    }

    /// ```text
    /// from: nested site
    /// into: { let taken0 = VALUE; store0 = Some((moved_into_defer(x), taken0)); }
    /// ```
    fn nested_site(&self, id: RootId, place: In) -> TokenStream {
        let Root { owns, kind: RootKind::Site(site), .. } = self.root(id) else { return TokenStream::new() };
        let at = glue(site.keyword.span());
        let marker = names::marker(&site.path, &site.keyword);
        let takes = site.takes.iter().map(|take| self.take(take, place));
        let owned = owns.iter().map(|owned| self.moved(owned));
        let values = site.takes.iter().map(|take| names::taken(take.value));
        let push = self.push(id, &quote_spanned!(at=> (#(#owned,)* #(#values,)*)));
        attributed(site, quote_spanned!(at=> { #marker; #(#takes)* #push }))
    }

    /// A variable that passes to the deferred code.
    fn moved(&self, owned: &Owned) -> TokenStream {
        let name = names::moved(owned);
        let function = self.runtime("moved_into_defer", owned.at);
        quote_spanned!(glue(owned.at)=> #function(#name))
    }

    fn root(&self, RootId { store, root }: RootId) -> &Root {
        &self.stores[store.0].roots[root]
    }

    /// Runs the records of stores, the last first.
    fn run_stores(&self, stores: &[StoreId], state: State) -> TokenStream {
        let runs = stores.iter().rev().map(|id| {
            let Store { shape, roots, at } = &self.stores[id.0];
            let at = glue(*at);
            let name = names::store(*id, at);
            let kinds = roots.iter().enumerate().map(|(number, root)| {
                let pattern = self.variant(number, roots.len(), &quote_spanned!(at=> record), at);
                let run = self.run_root(root, state);
                quote_spanned!(at=> #pattern => { #run })
            });
            let run = match roots.as_slice() {
                [root] => self.run_root(root, state),
                _ => quote_spanned!(at=> match record { #(#kinds)* }),
            };
            let (word, next) = match shape {
                Shape::Slot => (quote_spanned!(at=> if), quote_spanned!(at=> take)),
                Shape::Stack => (quote_spanned!(at=> while), quote_spanned!(at=> pop)),
            };
            quote_spanned! {at=>
                #[allow(unused_variables)]
                #word let ::core::option::Option::Some(record) = #name.#next() { #run }
            }
        });
        runs.collect()
    }

    /// Runs the deferred statements of a record.
    fn run_root(&self, root: &Root, state: State) -> TokenStream {
        let Root { owns, kind, cfg } = root;
        let owned = owns.iter().map(|owned| &owned.name);
        let (at, run) = match kind {
            RootKind::Site(site) => {
                let at = site.keyword.span();
                let taken = site.takes.iter().map(|take| names::taken(take.value));
                let unpack = if owns.is_empty() && site.takes.is_empty() {
                    quote_spanned!(glue(at)=> let () = record;)
                } else {
                    quote_spanned! {glue(at)=>
                        #[allow(unused_mut, unused_variables)]
                        let (#(mut #owned,)* #(mut #taken,)*) = record;
                    }
                };
                (at, self.run_site(site, state, &unpack))
            }
            RootKind::Turn(stores) => {
                let at = owns.first().map_or_else(Span::call_site, |owned| owned.at);
                let names = stores.iter().map(|id| names::store(*id, self.stores[id.0].at));
                let unpack = quote_spanned! {glue(at)=>
                    #[allow(unused_mut, unused_variables)]
                    let (#(mut #owned,)* #(mut #names,)*) = record;
                };
                (at, self.run_turn(stores, state, &unpack, at))
            }
            RootKind::Planned => return TokenStream::new(),
        };
        match cfg {
            None => run,
            Some(cfg) => quote_spanned!(glue(at)=> #[cfg(#cfg)] { #run }),
        }
    }

    /// Runs the deferred statements of a turn, with the variables that they share.
    fn run_turn(&self, stores: &[StoreId], state: State, unpack: &TokenStream, at: Span) -> TokenStream {
        let name = state.ident(at);
        let awaits = stores.iter().any(|id| self.awaits(*id));
        let open = if awaits { state.open + 1 } else { state.open };
        let run = self.run_stores(stores, State { is_reference: true, open, ..state });
        if awaits {
            let borrowed = state.borrowed(at);
            let turn = quote_spanned!(glue(at)=> async { let #name = #borrowed; #unpack #run });
            let ran = self.level(&turn, state.open, at);
            quote_spanned!(glue(at)=> let ran = #ran; #name.ran(ran);)
        } else {
            quote_spanned!(glue(at)=> #name.run(|#name| { #unpack #run });)
        }
    }

    /// Whether deferred code awaits whose records are in the store.
    fn awaits(&self, id: StoreId) -> bool {
        self.stores[id.0].roots.iter().any(|root| match &root.kind {
            RootKind::Site(site) => site.deferred.awaits,
            RootKind::Turn(stores) => stores.iter().any(|id| self.awaits(*id)),
            RootKind::Planned => false,
        })
    }

    // Blocks that can be left in several ways.

    /// ```text
    /// from: turn of a block: owns x, stores, REST
    /// into: STORES let left = inner(async { REST }); store0.push((moved_into_defer(x), STORES)); match left { .. }
    /// ```
    fn turn(&self, id: RootId, rest: &Rest, place: In) -> TokenStream {
        let Root { owns, kind: RootKind::Turn(stores), .. } = self.root(id) else {
            return TokenStream::new();
        };
        let at = glue(rest.at);
        let declare = self.declare(stores);
        let left = self.rest(rest, place);
        let owned = owns.iter().map(|owned| self.moved(owned));
        let names = stores.iter().map(|id| names::store(*id, self.stores[id.0].at));
        let push = self.push(id, &quote_spanned!(at=> (#(#owned,)* #(#names,)*)));
        let ty = self.runtime("Left", at);
        let ways = self.ways_on(rest, place, |pattern| quote_spanned!(at=> #ty::Done(#pattern)));
        let returned = returned(place.frame, at);
        let resume = self.runtime("resume_inner", at);
        let (cancel, cancelled) = if place.frame.is_async {
            let forever = self.runtime("forever", at);
            let cancel = quote_spanned! {at=>
                if left.is_cancelled() {
                    ::core::mem::drop(left);
                    match #forever().await {}
                }
            };
            (cancel, quote_spanned!(at=> #ty::Cancelled(()) => ::core::unreachable!(),))
        } else {
            (TokenStream::new(), TokenStream::new())
        };
        quote_spanned! {at=>
            #declare
            #left
            #push
            #cancel
            match left {
                #ways
                #ty::Return(result) => #returned,
                #ty::Panic(panic) => #resume(panic),
                #cancelled
            }
        }
    }

    /// ```text
    /// from: scope: REST, stores
    /// into: STORES let left = inner(async { REST }); let mut turn = Turn::new(); let left = turn.keep(left);
    ///       RUN if let Some(result) = turn.leave() { return result } match left { .. }
    /// ```
    fn scope(&self, scope: &Scope, place: In) -> TokenStream {
        let Scope { rest, stores, recovers, sees_result } = scope;
        let at = glue(rest.at);
        let declare = self.declare(stores);
        let left = self.rest(rest, place);
        let ty = self.typed("Turn", &place.frame.returns, at);
        let some = quote_spanned!(at=> ::core::option::Option::Some);
        let (new, leave) = if *sees_result {
            (quote_spanned!(at=> with_result(&mut slot)), quote_spanned!(at=> turn.leave_to(&mut slot)))
        } else {
            (quote_spanned!(at=> new()), quote_spanned!(at=> turn.leave()))
        };
        let of = rest.exits.len() + 1;
        let returning =
            rest.exits.iter().enumerate().filter(|(_, exit)| exit.is_return).map(|(number, _)| {
                let exit = self.variant(number + 1, of, &quote_spanned!(at=> ()), at);
                quote_spanned!(at=> if let #some(#exit) = &left { turn.returns(); })
            });
        let rebind = match &place.frame.slot {
            Some(Slot { named: Some(named) }) if *sees_result && place.binds_result => {
                rebind_result(named, rest.at)
            }
            _ => TokenStream::new(),
        };
        let state = State { name: "turn", is_reference: false, open: place.open + 1, recovers: false };
        let run = self.run_stores(stores, state);
        let cancel = place.frame.is_async.then(|| {
            let forever = self.runtime("forever", at);
            let give_back = sees_result.then(|| quote_spanned!(at=> ::core::mem::drop(#leave);));
            quote_spanned! {at=>
                if turn.is_cancelled() {
                    #give_back
                    ::core::mem::drop(turn);
                    ::core::mem::drop(left);
                    match #forever().await {}
                }
            }
        });
        let returned = returned(place.frame, at);
        let ways = self.ways_on(rest, place, |pattern| quote_spanned!(at=> #some(#pattern)));
        let recovered = if *recovers {
            let implicit = self.runtime("ImplicitResult", at);
            quote_spanned!(at=> #implicit::implicit())
        } else {
            quote_spanned!(at=> ::core::unreachable!())
        };
        quote_spanned! {at=>
            #declare
            #left
            let mut turn = #ty::#new;
            let left = turn.keep(left);
            #(#returning)*
            #run
            #cancel
            if let #some(result) = #leave {
                #returned
            }
            #rebind
            match left {
                #ways
                ::core::option::Option::None => #recovered,
            }
        }
    }

    /// ```text
    /// from: REST
    /// into: let value = Cell::new(None);
    ///       let left = inner(&value, async { let end = { REST }; value.set(Some(end)); match forever().await {} });
    /// ```
    fn rest(&self, rest: &Rest, place: In) -> TokenStream {
        let at = glue(rest.at);
        let exits = rest.exits.len();
        let code = self.code(&rest.code, In { exits, open: place.open + 1, ..place });
        let code = names::braces(rest.close, code);
        // Where the statements never come to their end, this line is the first that is not reached.
        let ended = self.variant(0, exits + 1, &quote_spanned!(at=> end), at);
        let end = quote_spanned! {at=>
            let end = #code;
            #[allow(unreachable_code)]
            let end = #ended;
        };
        let end = if exits == 0 { end } else { quote_spanned!(at=> let end = 'leave: { #end end };) };
        let hint = self.hint(place.frame, at);
        let allow = watched(rest.is_watched, rest.at);
        let some = quote_spanned!(at=> ::core::option::Option::Some);
        let none = quote_spanned!(at=> ::core::option::Option::None);
        if place.frame.is_async {
            let body = quote_spanned! {at=>
                #hint
                #end
                value = #some(end);
                match ended.reached().await {}
            };
            let body = names::braces(at, body);
            let ended = self.runtime("End", at);
            let rest = self.runtime("rest", at);
            let left = self.runtime("left", at);
            let number = names::number(place.open + 1, at);
            return quote_spanned! {at=>
                let mut value = #none;
                let ended = #ended::new();
                #allow
                let left = {
                    let part = ::core::pin::pin!(#some(async #body));
                    #rest::<#number, _>(&frame, &ended, part).await
                };
                let left = #left(left, value);
            };
        }
        let inner = self.runtime("inner", at);
        let forever = self.runtime("forever", at);
        let body = quote_spanned! {at=>
            #hint
            #end
            value.set(#some(end));
            match #forever().await {}
        };
        let body = names::braces(at, body);
        quote_spanned! {at=>
            let value = ::core::cell::Cell::new(#none);
            #allow
            let left = #inner(&value, async #body);
        }
    }

    /// The arms that go on where the rest of a block was left.
    fn ways_on(&self, rest: &Rest, place: In, wrap: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
        let at = glue(rest.at);
        let of = rest.exits.len() + 1;
        let end = if rest.diverges { quote_spanned!(at=> _) } else { quote_spanned!(at=> end) };
        let end = wrap(self.variant(0, of, &end, at));
        let exits = rest.exits.iter().enumerate().map(|(number, Exit { has_value, jump, .. })| {
            let carried = if *has_value { quote_spanned!(at=> carried) } else { quote_spanned!(at=> ()) };
            let pattern = wrap(self.variant(number + 1, of, &carried, at));
            let jump = self.code(jump, place);
            quote_spanned!(at=> #pattern => #jump,)
        });
        let ended = if rest.diverges {
            quote_spanned!(at=> ::core::unreachable!())
        } else {
            quote_spanned!(at=> end)
        };
        quote_spanned!(at=> #end => #ended, #(#exits)*)
    }

    // Code.

    fn code(&self, code: &[Code], place: In) -> TokenStream {
        let mut tokens = TokenStream::new();
        for code in code {
            match code {
                Code::Token(token) => token.to_tokens(&mut tokens),
                Code::Group(group, code) => {
                    names::refilled(group, self.code(code, place)).to_tokens(&mut tokens);
                }
                Code::Braces(close, code) => {
                    names::braces(*close, self.code(code, place)).to_tokens(&mut tokens);
                }
                Code::Branch(group, code) => {
                    names::branch(group, self.code(code, place)).to_tokens(&mut tokens);
                }
                Code::Body(body) => names::braces(body.close, self.body(body, place)).to_tokens(&mut tokens),
                Code::Frame(head, frame) => {
                    tokens.extend(head.iter().cloned());
                    names::braces(frame.body.close, self.frame(frame)).to_tokens(&mut tokens);
                }
                Code::Taken(value) => names::taken(*value).to_tokens(&mut tokens),
                // Through a function: clippy finds a closure redundant that is called where it stands.
                Code::Callee(at, code) => {
                    let callee = self.runtime("callee", *at);
                    let code = self.code(code, place);
                    tokens.extend(quote_spanned!(glue(*at)=> #callee(#code)));
                }
                Code::Recover(path, keyword) => tokens.extend(recover(path, keyword)),
                Code::Done(keyword) => {
                    let done = done(place.frame);
                    tokens.extend(quote!(#keyword #done));
                }
                Code::ReturnResult(keyword) => {
                    tokens.extend(quote_spanned!(glue(keyword.span())=> #keyword slot.take()));
                }
                Code::Site(id) => tokens.extend(self.nested_site(*id, place)),
                Code::Turn(id, rest) => tokens.extend(self.turn(*id, rest, place)),
                Code::Scope(scope) => tokens.extend(self.scope(scope, place)),
                Code::Leave { keyword, exit, value } => {
                    let at = glue(keyword.span());
                    let value = match value {
                        Some(value) => self.code(value, place),
                        None => quote_spanned!(at=> ()),
                    };
                    let value = self.variant(exit + 1, place.exits + 1, &value, at);
                    tokens.extend(quote_spanned!(at=> break 'leave #value));
                }
                Code::Carried(at) => tokens.extend(quote_spanned!(glue(*at)=> carried)),
            }
        }
        tokens
    }
}

/// What a deferred block returns when nothing in it failed.
fn done(frame: &Frame) -> TokenStream {
    match frame.returns {
        Returns::Attempt => quote_spanned!(glue(frame.at)=> attempt.done()),
        _ => TokenStream::new(),
    }
}

/// ```text
/// from: the name of the result
/// into: let result = slot.result();
/// ```
fn bind_result(named: &Named, at: Span) -> TokenStream {
    let Named { pattern, names, is_lent, .. } = named;
    let bind = quote_spanned!(glue(at)=> #[allow(unused_variables)] let #pattern = slot.result(););
    if !is_lent {
        return bind;
    }
    quote_spanned! {glue(at)=>
        #[allow(unused_mut, unused_variables)]
        let (#(mut #names,)*) = { #bind (#(#names,)*) };
    }
}

/// ```text
/// from: the end of a scope, to which the slot has lent the result
/// into: { (result,) = { let result = slot.result(); (result,) }; }
/// ```
fn rebind_result(named: &Named, at: Span) -> TokenStream {
    let Named { pattern, names, .. } = named;
    quote_spanned! {glue(at)=>
        #[allow(unused_assignments)]
        {
            (#(#names,)*) = { let #pattern = slot.result(); (#(#names,)*) };
        }
    }
}

/// `return result`, or nothing where nothing can return.
fn returned(frame: &Frame, at: Span) -> TokenStream {
    if returns_never(frame) {
        quote_spanned!(at=> match result {})
    } else {
        quote_spanned!(at=> return result)
    }
}

fn returns_never(frame: &Frame) -> bool {
    matches!(&frame.returns, Returns::Written(returns) if returns.to_string() == "!")
}

fn attributes(site: &Site) -> TokenStream {
    site.attrs.iter().cloned().collect()
}

/// The compiler does not see that deferred code may read what an assignment stored before the next one.
fn watched(is_watched: bool, at: Span) -> TokenStream {
    if is_watched { quote_spanned!(glue(at)=> #[allow(unused_assignments)]) } else { TokenStream::new() }
}

/// A statement with the attributes of the deferred one.
fn attributed(site: &Site, statement: TokenStream) -> TokenStream {
    if site.attrs.is_empty() {
        return statement;
    }
    let attrs = attributes(site);
    quote_spanned!(glue(site.keyword.span())=> #attrs { #statement })
}

/// ```text
/// from: recover!()
/// into: { recover!(this_recover_is_not_from_with_defer); recover.take() }
/// ```
fn recover(path: &[TokenTree], keyword: &Ident) -> TokenStream {
    let at = glue(keyword.span());
    let marker = names::marker(path, keyword);
    quote_spanned!(at=> { #marker; recover.take() })
}
