//! What happens when a segment is left: its deferred statements run, the last first, and the frame goes on leaving.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{In, Lower};
use crate::names::{self, glue};
use crate::parse::outline::When;
use crate::plan::{
    Awaits, Deferral, Deferred, Frame, Returns, Root, RootKind, SeenResult, Shape, Site, Slot, Store, StoreId,
};

/// What knows how a frame or scope is left, while deferred code runs.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) keeper: Keeper,
    /// Its variable is a reference to where it lives.
    pub(super) is_reference: bool,
    /// How many guards are open while deferred code runs.
    pub(super) open: usize,
    /// What a frame without a named result returns when a panic has been recovered before anything was stored.
    pub(super) recovered: Recovered,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovered {
    /// No panic is recovered, or the result has a name.
    Nothing,
    /// Its default,
    Default,
    /// or, of a deferred block with `?`, that it is done.
    Done,
}

impl Recovered {
    fn of(frame: &Frame) -> Self {
        match (&frame.slot, &frame.returns) {
            (Some(Slot { named: None }), Returns::Attempt) => Recovered::Done,
            (Some(Slot { named: None }), _) => Recovered::Default,
            (Some(Slot { named: Some(_) }) | None, _) => Recovered::Nothing,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeper {
    /// Nothing: what a guard has caught is handed through.
    Exit,
    /// The slot of a frame,
    Slot,
    /// or of a turn of a scope.
    Turn,
}

impl Keeper {
    fn ty(self) -> &'static str {
        match self {
            Keeper::Exit => "Exit",
            Keeper::Slot => "Slot",
            Keeper::Turn => "Turn",
        }
    }

    fn variable(self, at: Span) -> Ident {
        let name = match self {
            Keeper::Exit => "__exit",
            Keeper::Slot => "__slot",
            Keeper::Turn => "__turn",
        };
        Ident::new(name, glue(at))
    }
}

impl State {
    fn borrowed(self, at: Span) -> TokenStream {
        let name = self.keeper.variable(at);
        if self.is_reference {
            quote_spanned!(glue(at)=> &mut *#name)
        } else {
            quote_spanned!(glue(at)=> &mut #name)
        }
    }
}

impl Lower {
    /// Runs what was deferred, the last first, and leaves the segment.
    pub(super) fn run(&self, deferral: &Deferral, awaits: Awaits, place: In) -> TokenStream {
        let frame = place.frame;
        let at = frame.at;
        let recovered = Recovered::of(frame);
        let state = State { keeper: Keeper::Slot, is_reference: false, open: place.open + 1, recovered };
        let run = match deferral {
            Deferral::Direct(sites) => match alone(sites, awaits, frame) {
                Some(site) => return self.run_by_hand(site),
                None => {
                    sites.iter().rev().map(|site| self.run_site(site, state, &TokenStream::new())).collect()
                }
            },
            Deferral::Nested(stores) => self.run_stores(stores, state),
        };
        let slot = self.runtime("Slot", at);
        if awaits == Awaits::Nothing {
            let leave = self.leave_segment(frame);
            return quote_spanned!(glue(at)=> #slot::keep(&mut __slot, __out); #run #leave);
        }
        let forever = self.runtime("forever", at);
        let gone = self.runtime("gone", at);
        if frame.slot.is_some() {
            let leave = self.leave_segment(frame);
            return quote_spanned! {glue(at)=>
                #slot::settle(&mut __slot, __out, &__frame);
                #run
                if #slot::is_cancelled(&__slot) {
                    match #forever().await {}
                }
                #leave
            };
        }
        // The slot is gone before the last await: it may not be `Send`, and takes no room beside the part that has ended.
        let make = self.own_slot(deferral, awaits, frame);
        let returned = self.runtime("returned", at);
        quote_spanned! {glue(at)=>
            let __left = {
                #make
                #slot::settle(&mut __slot, __out, &__frame);
                #run
                #slot::leave_unless_cancelled(&mut __slot)
            };
            if let ::core::option::Option::None = __left {
                #gone(__left);
                match #forever().await {}
            }
            #returned(__left)
        }
    }

    /// The end of a segment, behind its deferred statements.
    fn leave_segment(&self, frame: &Frame) -> TokenStream {
        let at = match (&frame.slot, &frame.returns) {
            // A return type that has no default is reported where it is written.
            (Some(Slot { named: None }), Returns::Written(returns)) => {
                returns.clone().into_iter().next().map_or(frame.at, |token| token.span())
            }
            _ => frame.at,
        };
        let slot = self.runtime("Slot", at);
        match &frame.slot {
            Some(Slot { named: None }) if Recovered::of(frame) == Recovered::Done => {
                let done = self.runtime("attempt_done", at);
                quote_spanned!(glue(at)=> #slot::leave_or(&mut __slot, || #done(__attempt)))
            }
            Some(Slot { named: None }) => quote_spanned!(glue(at)=> #slot::leave_or_default(&mut __slot)),
            Some(Slot { named: Some(_) }) => quote_spanned!(glue(at)=> #slot::leave(&mut __slot)),
            None => quote_spanned!(glue(at)=> #slot::hand_through(__slot)),
        }
    }

    /// The slot of a frame whose deferred code does not see the result: one behind each guard that needs it.
    pub(super) fn own_slot(&self, deferral: &Deferral, awaits: Awaits, frame: &Frame) -> TokenStream {
        let needs_none = match deferral {
            Deferral::Direct(sites) => alone(sites, awaits, frame).is_some(),
            Deferral::Nested(_) => false,
        };
        if needs_none || frame.slot.is_some() {
            return TokenStream::new();
        }
        let slot = self.runtime("Slot", frame.at);
        quote_spanned!(glue(frame.at)=> let mut __slot = #slot::handing_through();)
    }

    /// ```text
    /// from: site A
    /// into: defer(out, || A)
    /// from: site A, which asks how the frame is left
    /// into: defer_with(out, |exit| A)
    /// ```
    fn run_by_hand(&self, site: &Site) -> TokenStream {
        let at = site.at();
        let state =
            State { keeper: Keeper::Exit, is_reference: true, open: 0, recovered: Recovered::Nothing };
        let needs_exit = site.needs_exit();
        let defer = self.runtime(if needs_exit { "defer_with" } else { "defer" }, at);
        let pipes = self.heads.pipes(site.keyword.span(), needs_exit.then_some("__exit"));
        let deferred = names::braces(at, self.deferred(site, state));
        quote_spanned!(glue(at)=> #defer(__out, #pipes #deferred))
    }

    /// ```text
    /// from: site A
    /// into: Slot::run(&mut slot, |exit| { let record = record; A });
    /// from: site A, which awaits
    /// into: let ran = level(async { let exit = &mut slot; let record = record; A }); Slot::ran(&mut slot, ran);
    /// ```
    fn run_site(&self, site: &Site, state: State, unpack: &TokenStream) -> TokenStream {
        let at = site.at();
        let uses_exit = site.needs_exit() || site.deferred.recovers || site.deferred.result.is_some();
        let deferred = self.deferred(site, state);
        let borrowed = state.borrowed(at);
        let keeper = self.runtime(state.keeper.ty(), at);
        let run = if site.deferred.awaits {
            let exit = uses_exit.then(|| quote_spanned!(glue(at)=> let __exit = #borrowed;));
            let deferred = names::braces(glue(at), quote!(#exit #unpack #deferred));
            let ran = self.level(&self.future(site.keyword.span(), &deferred), state.open, at);
            quote_spanned!(glue(at)=> let __ran = #ran; #keeper::ran(#borrowed, __ran, &__frame);)
        } else {
            let pipes = self.heads.pipes(site.keyword.span(), Some(if uses_exit { "__exit" } else { "_" }));
            let deferred = names::braces(at, quote!(#unpack #deferred));
            quote_spanned!(glue(at)=> #keeper::run(#borrowed, #pipes #deferred);)
        };
        let attrs = site.attrs.all();
        if attrs.is_empty() { run } else { quote_spanned!(glue(at)=> #attrs { #run }) }
    }

    /// The inside of the closure that is the deferred code.
    fn deferred(&self, site: &Site, state: State) -> TokenStream {
        let at = site.at();
        // If the function's type has no failure the compiler says so at the keyword.
        let word = site.keyword.span();
        let seen = self.runtime(state.keeper.ty(), word);
        let Deferred { frame, recovers, awaits, is_unsafe, result } = &site.deferred;
        let keeper = self.runtime(state.keeper.ty(), at);
        let bind = match (recovers, result) {
            (false, None) => TokenStream::new(),
            (true, None) => quote_spanned!(glue(at)=> let mut __recover = #keeper::recover(__exit);),
            (recovers, Some(SeenResult { pattern, some })) => {
                let (pattern, value) = if *recovers {
                    (
                        quote_spanned!(glue(at)=> (mut __recover, #pattern)),
                        quote_spanned!(glue(at)=> #keeper::recover_and_result(__exit)),
                    )
                } else {
                    (pattern.clone(), quote_spanned!(glue(at)=> #keeper::result(__exit)))
                };
                match some {
                    None => quote_spanned! {glue(at)=>
                        #[allow(unused_variables)]
                        let #pattern = #value;
                    },
                    Some(names) => {
                        let recover = recovers.then(|| quote_spanned!(glue(at)=> __recover)).into_iter();
                        let taken = recover.clone();
                        quote_spanned! {glue(at)=>
                            #[allow(unused_mut, unused_variables)]
                            let (#(mut #recover,)* #(#names,)*) = { let #pattern = #value; (#(#taken,)* #(#names,)*) };
                        }
                    }
                }
            }
        };
        let code = self.frame(frame);
        let code = if *is_unsafe {
            let code = names::braces(glue(at), code);
            quote_spanned!(glue(at)=> #[allow(unused_unsafe)] let __done = unsafe #code; __done)
        } else {
            code
        };
        let code = if site.deferred.may_fail() {
            let attempt = if *awaits {
                let hint = self.hint(frame, at);
                let code = names::braces(glue(at), quote!(#hint #code));
                let code = self.future(word, &code);
                quote_spanned!(glue(at)=> #code.await)
            } else {
                let attempt = self.runtime("attempt", at);
                let pipes = self.heads.pipes(word, None);
                let code = names::braces(at, code);
                quote_spanned!(glue(at)=> #attempt(__attempt, #pipes #code))
            };
            let begin = quote_spanned!(glue(word)=> let __attempt = #seen::attempt(__exit););
            quote_spanned! {glue(at)=>
                #begin
                #bind
                let __failure = #attempt;
                #keeper::absorb(__exit, __failure);
            }
        } else {
            quote!(#bind #code)
        };
        let recovered = match state.recovered {
            Recovered::Default if site.needs_exit() => quote_spanned!(glue(at)=> #keeper::recovered(__exit);),
            Recovered::Done if site.needs_exit() => {
                let done = self.runtime("attempt_done", at);
                quote_spanned!(glue(at)=> #keeper::recovered_or(__exit, || #done(__attempt));)
            }
            _ => TokenStream::new(),
        };
        match self.condition(site.when, &seen, word) {
            None => quote!(#recovered #code),
            Some(condition) => {
                let code = names::braces(glue(at), code);
                quote_spanned!(glue(at)=> #recovered if #condition #code)
            }
        }
    }

    /// Whether the statement runs, asked when its turn comes.
    fn condition(&self, when: When, keeper: &TokenStream, at: Span) -> Option<TokenStream> {
        Some(match when {
            When::Always => return None,
            When::Panic => quote_spanned!(glue(at)=> #keeper::panicked(__exit)),
            When::Failure => quote_spanned!(glue(at)=> #keeper::failed(__exit)),
            When::Success => {
                let returning = self.runtime("Returning", at);
                let failing = self.runtime("Failing", at);
                let succeeds = self.runtime("Succeeds", at);
                quote_spanned! {glue(at)=>
                    {
                        use #failing as _;
                        use #succeeds as _;
                        (&#returning(&mut *__exit)).__with_defer_succeeds()
                    }
                }
            }
        })
    }

    // Records.

    /// Runs the records of stores, the last first.
    pub(super) fn run_stores(&self, stores: &[StoreId], state: State) -> TokenStream {
        let runs = stores.iter().rev().map(|id| {
            let Store { shape, roots, at } = &self.stores[id.0];
            let span = glue(*at);
            let name = names::store(*id, *at);
            let record = quote_spanned!(span=> __record);
            let kinds = roots.iter().enumerate().map(|(number, root)| {
                let pattern = self.variant(number, roots.len(), &record, *at);
                let run = self.run_root(root, state);
                quote_spanned!(span=> #pattern => { #run })
            });
            let run = match roots.as_slice() {
                [root] => self.run_root(root, state),
                _ => quote_spanned!(span=> match #record { #(#kinds)* }),
            };
            let (word, next) = match shape {
                Shape::Slot => (quote!(if), quote_spanned!(span=> ::core::option::Option::take(&mut #name))),
                Shape::Stack => {
                    let stack = self.runtime("Stack", *at);
                    (quote!(while), quote_spanned!(span=> #stack::pop(&mut #name)))
                }
            };
            let word = names::respanned(word, *at);
            quote_spanned! {span=>
                #[allow(unused_variables)]
                #word let ::core::option::Option::Some(#record) = #next { #run }
            }
        });
        runs.collect()
    }

    /// Runs the deferred statements of a record.
    fn run_root(&self, root: &Root, state: State) -> TokenStream {
        let Root { owns, kind, cfg } = root;
        let owned = owns.iter().map(names::unpacked);
        let (at, run) = match kind {
            RootKind::Site(site) => {
                let at = site.at();
                let taken = site.takes.iter().map(|take| names::taken(take.value));
                let unpack = if owns.is_empty() && site.takes.is_empty() {
                    quote_spanned!(glue(at)=> let () = __record;)
                } else {
                    quote_spanned! {glue(at)=>
                        #[allow(unused_mut, unused_variables)]
                        let (#(#owned,)* #(mut #taken,)*) = __record;
                    }
                };
                (at, self.run_site(site, state, &unpack))
            }
            RootKind::Turn(stores) => {
                let at = owns.first().map_or_else(Span::call_site, |owned| owned.at);
                let names = stores.iter().map(|id| names::store(*id, self.stores[id.0].at));
                let unpack = quote_spanned! {glue(at)=>
                    #[allow(unused_mut, unused_variables)]
                    let (#(#owned,)* #(mut #names,)*) = __record;
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
        let name = state.keeper.variable(at);
        let keeper = self.runtime(state.keeper.ty(), at);
        let borrowed = state.borrowed(at);
        let awaits = stores.iter().any(|id| self.awaits(*id));
        let open = if awaits { state.open + 1 } else { state.open };
        let run = self.run_stores(stores, State { is_reference: true, open, ..state });
        if awaits {
            let turn = quote_spanned!(glue(at)=> async { let #name = #borrowed; #unpack #run });
            let ran = self.level(&turn, state.open, at);
            quote_spanned!(glue(at)=> let __ran = #ran; #keeper::ran(#borrowed, __ran, &__frame);)
        } else {
            quote_spanned!(glue(at)=> #keeper::run(#borrowed, |#name| { #unpack #run });)
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
}

/// The statement that needs no slot: it is the only one behind its guard, and the frame hands its result through.
fn alone<'p>(sites: &'p [Site], awaits: Awaits, frame: &Frame) -> Option<&'p Site> {
    match sites {
        [site] if frame.slot.is_none() && awaits == Awaits::Nothing && site.attrs.all().is_empty() => {
            Some(site)
        }
        _ => None,
    }
}
