//! Plan to tokens. Decides nothing.
//!
//! Here are frames and their segments; `run` has what happens when a segment is left, `nested` the stores of records and
//! the blocks that can be left in several ways. Glue calls the runtime by paths, never as methods: a trait of the user's
//! could have a method of that name on every type. Its variables begin with two underscores: a constant of the user's
//! would turn a variable of the same name into a pattern.

mod nested;
mod run;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::names::{self, Facade, Heads, glue};
use crate::plan::{
    Attributes, Awaits, Body, Code, Deferral, Frame, Function, Hint, HintParam, Named, Rest, Returns,
    Segment, Slot, Store, Take, TakeKind,
};

/// ```text
/// from: fn f() -> R { SEGMENTS }
/// into: fn f() -> R { FRAME }
/// ```
pub(crate) fn function(plan: Function) -> TokenStream {
    let Function { head, krate, frame, stores } = plan;
    let lower = Lower { facade: Facade::new(krate), heads: Heads::new(), stores };
    let body = names::braces(frame.body.close, lower.frame(&frame));
    quote!(#head #body)
}

/// ```text
/// from: impl T { MEMBERS }
/// into: impl T { MEMBERS }
/// ```
pub(crate) fn members(head: &TokenStream, braces: &Group, members: TokenStream) -> TokenStream {
    let body = names::refilled(braces, members);
    quote!(#head #body)
}

struct Lower {
    facade: Facade,
    heads: Heads,
    stores: Vec<Store>,
}

/// Where a piece of code stands.
#[derive(Clone, Copy)]
struct In<'p> {
    frame: &'p Frame,
    /// The rest of a block that it stands in.
    rest: Option<&'p Rest>,
    /// The segment has bound the name of the result.
    binds_result: bool,
    /// How many guards of the frame are open.
    open: usize,
}

impl<'p> In<'p> {
    /// The result, if the segment has bound its name.
    fn bound_result(self) -> Option<&'p Named> {
        let named = self.frame.slot.as_ref()?.named.as_ref()?;
        self.binds_result.then_some(named)
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
    /// into: let frame = Frame::new(); let root = pin!(async { BODY }); Root::new(&frame, root).await
    /// ```
    fn frame(&self, frame: &Frame) -> TokenStream {
        let at = frame.at;
        let place = In { frame, rest: None, binds_result: false, open: 0 };
        let items = self.code(&frame.items, place);
        let ty = self.return_type(&frame.returns, at);
        let slot = frame.slot.as_ref().map(|slot| self.slot(slot, &frame.returns, at));
        let body = self.body(&frame.body, place);
        if !frame.is_async {
            return quote!(#items #ty #slot #body);
        }
        let hint = self.hint(frame, at);
        let body = names::braces(frame.body.close, quote!(#hint #slot #body));
        let body = self.future(at, &body);
        let state = self.runtime("Frame", at);
        let root = self.runtime("Root", at);
        let run = quote_spanned!(glue(at)=> #root::new(&__frame, __root).await);
        let run = if returns_never(frame) {
            quote_spanned!(glue(at)=> match #run {})
        } else {
            // A variable, because in a final expression the edition decides when its temporaries are dropped.
            quote_spanned!(glue(at)=> let __result = #run; __result)
        };
        quote_spanned! {glue(at)=>
            #items
            #ty
            let __frame = #state::new();
            let __root = ::core::pin::pin!(#body);
            #run
        }
    }

    /// An async block around the user's code.
    fn future(&self, at: Span, body: &TokenTree) -> TokenStream {
        let head = self.heads.asynchronous(at);
        quote!(#head #body)
    }

    /// Tells inference what an async block returns, which nothing else does. One that never returns cannot say `!`.
    fn hint(&self, frame: &Frame, at: Span) -> TokenStream {
        let unreached = self.runtime("unreached", at);
        let value = match &frame.returns {
            Returns::Written(_) if returns_never(frame) => {
                quote_spanned!(glue(at)=> #unreached::<::core::convert::Infallible>())
            }
            Returns::Written(returns) => quote_spanned!(glue(at)=> #unreached::<#returns>()),
            Returns::Inferred | Returns::Hinted(_) => self.unreached_value(at),
            Returns::Unit => TokenStream::new(),
            Returns::Attempt => self.done(frame),
        };
        quote_spanned!(glue(at)=> if false { return #value; })
    }

    /// clippy finds a closure without `return` redundant where it is called at once, and the user's are in the rest.
    fn closure_hint(&self, frame: &Frame) -> Option<TokenStream> {
        let is_written = matches!(frame.returns, Returns::Written(_)) && !returns_never(frame);
        (is_written && !frame.is_async).then(|| self.hint(frame, frame.at))
    }

    fn unreached_value(&self, at: Span) -> TokenStream {
        let ty = self.runtime("Ty", at);
        quote_spanned!(glue(at)=> #ty::value(__ty))
    }

    /// Makes the type of the frame known to inference, where it cannot be written.
    fn return_type(&self, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.runtime("Ty", at);
        match returns {
            Returns::Inferred => {
                let value = self.unreached_value(at);
                quote_spanned!(glue(at)=> let __ty = #ty::new(); if false { return #value; })
            }
            Returns::Hinted(Hint { bound, params, args }) => {
                let params = params.iter().map(|HintParam { name, is_behind_reference }| {
                    if *is_behind_reference {
                        quote_spanned!(glue(at)=> #name: ?::core::marker::Sized)
                    } else {
                        quote_spanned!(glue(at)=> #name)
                    }
                });
                quote_spanned! {glue(at)=>
                    let __ty = #ty::new();
                    {
                        fn __hint<#(#params,)* __R: #bound>(_: #ty<__R>) {}
                        __hint::<#(#args,)* _>(__ty);
                    }
                }
            }
            Returns::Written(_) | Returns::Unit | Returns::Attempt => TokenStream::new(),
        }
    }

    fn slot(&self, slot: &Slot, returns: &Returns, at: Span) -> TokenStream {
        let Some(Named { pattern, initial, .. }) = &slot.named else {
            let ty = self.typed("Slot", returns, at);
            return quote_spanned!(glue(at)=> let mut __slot = #ty::empty(););
        };
        // A variable of its own: a wrong type is reported at the expression and at the return type, not at a call.
        let annotation = match returns {
            Returns::Written(returns) => quote_spanned!(glue(at)=> : #returns),
            _ => TokenStream::new(),
        };
        let initial = initial.clone().unwrap_or_else(|| {
            let at = pattern.clone().into_iter().next().map_or(at, |token| token.span());
            quote_spanned!(glue(at)=> ::core::default::Default::default())
        });
        let ty = self.runtime("Slot", at);
        quote_spanned!(glue(at)=> let __initial #annotation = #initial; let mut __slot = #ty::new(__initial);)
    }

    /// A type of the runtime, of the frame's return type if somebody has written it.
    fn typed(&self, name: &str, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.runtime(name, at);
        match returns {
            Returns::Written(returns) => quote_spanned!(glue(at)=> #ty::<#returns>),
            _ => ty,
        }
    }

    // Segments.

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
            let slot =
                segment.deferral.iter().map(|deferral| self.own_slot(deferral, segment.awaits, place.frame));
            let slot: TokenStream = slot.collect();
            let guard = self.guard(rest, body.close, segment.awaits, place);
            let run = segment.deferral.iter().map(|deferral| self.run(deferral, segment.awaits, place));
            let run: TokenStream = run.collect();
            // Made before the guard, the optimizer can always tell on which path nothing has panicked.
            let slot = if segment.awaits == Awaits::Nothing { slot } else { TokenStream::new() };
            quote!(#statements #register #slot #allow #guard #run)
        })
    }

    fn statements(&self, segment: &Segment, place: In) -> TokenStream {
        let result = match &place.frame.slot {
            Some(Slot { named: Some(named) }) if segment.binds_result => {
                self.bind_result(named, &named.names, place.frame.at)
            }
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
        // What is moved in code that never runs is still captured as a whole.
        let owns = segment.owns.iter().map(|name| {
            let own = self.runtime("own", name.span());
            quote_spanned!(glue(name.span())=> if false { #own(#name); })
        });
        let code = self.code(&segment.code, place);
        quote!(#result #(#rebinds)* #(#owns)* #code)
    }

    /// A deferred block has no value but the failure that it may return: what its statements leave is dropped.
    fn last_segment(&self, segment: &Segment, close: Span, place: In) -> TokenStream {
        let statements = self.statements(segment, place);
        match place.frame.returns {
            Returns::Written(_) | Returns::Inferred | Returns::Hinted(_) => statements,
            Returns::Unit | Returns::Attempt if statements.is_empty() => self.done(place.frame),
            Returns::Unit | Returns::Attempt => {
                let statements = names::braces(close, statements);
                let done = self.done(place.frame);
                quote_spanned!(glue(close)=> #statements; #done)
            }
        }
    }

    /// What a deferred block returns when nothing in it failed.
    fn done(&self, frame: &Frame) -> TokenStream {
        match frame.returns {
            Returns::Attempt => {
                let done = self.runtime("attempt_done", frame.at);
                quote_spanned!(glue(frame.at)=> #done(__attempt))
            }
            _ => TokenStream::new(),
        }
    }

    /// What happens where a deferral stands: values are taken, stores are made.
    fn register(&self, deferral: &Deferral, place: In) -> TokenStream {
        match deferral {
            Deferral::Direct(sites) => sites
                .iter()
                .map(|site| {
                    let at = glue(site.at());
                    let Attributes { cfg, .. } = &site.attrs;
                    let now = site.attrs.on_evaluation();
                    let marker = names::marker(&site.path, &site.keyword);
                    let takes = site.takes.iter().map(|take| self.take(take, place));
                    quote_spanned!(at=> #cfg #marker; #(#now #takes)*)
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
    fn guard(&self, rest: TokenStream, close: Span, awaits: Awaits, place: In) -> TokenStream {
        let frame = place.frame;
        let at = frame.at;
        if awaits == Awaits::Rest {
            let hint = self.hint(frame, at);
            let rest = names::braces(close, quote!(#hint #rest));
            let level = self.level(&self.future(at, &rest), place.open + 1, at);
            return quote_spanned!(glue(at)=> let __out = #level;);
        }
        let rest = names::braces(close, rest);
        let pipes = self.heads.pipes(at, None);
        let guard = match &frame.returns {
            Returns::Written(returns) => {
                let guard = self.runtime("guard", at);
                quote_spanned!(glue(at)=> #guard(#pipes -> #returns #rest))
            }
            Returns::Unit => {
                let guard = self.runtime("guard", at);
                quote_spanned!(glue(at)=> #guard(#pipes #rest))
            }
            Returns::Inferred | Returns::Hinted(_) => {
                let ty = self.runtime("Ty", at);
                quote_spanned!(glue(at)=> #ty::guard(__ty, #pipes #rest))
            }
            Returns::Attempt => {
                let guard = self.runtime("attempt_guard", at);
                quote_spanned!(glue(at)=> #guard(__attempt, #pipes #rest))
            }
        };
        if awaits == Awaits::Deferred {
            let way = self.runtime("way", at);
            if returns_never(frame) {
                // The slot is not one of `!`, which cannot be written as the result of an async block.
                return quote_spanned! {glue(at)=>
                    let ::core::result::Result::Err(__panic) = #guard;
                    let __out = #way(::core::result::Result::Err(__panic));
                };
            }
            return quote_spanned!(glue(at)=> let __out = #way(#guard););
        }
        quote_spanned!(glue(at)=> let __out = #guard;)
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
                let __part = ::core::pin::pin!(::core::option::Option::Some(#part));
                let __way = #level::<#number, _>(&__frame, __part).await;
                __way
            }
        }
    }

    // The named result.

    /// ```text
    /// from: the name of the result
    /// into: let result = Slot::result(&mut slot);
    /// ```
    fn bind_result(&self, result: &Named, names: &[Ident], at: Span) -> TokenStream {
        let Named { pattern, is_lent, .. } = result;
        let slot = self.runtime("Slot", at);
        let bind = quote_spanned! {glue(at)=>
            #[allow(unused_variables)]
            let #pattern = #slot::result(&mut __slot);
        };
        if !is_lent {
            return bind;
        }
        quote_spanned! {glue(at)=>
            #[allow(unused_mut, unused_variables)]
            let (#(mut #names,)*) = { #bind (#(#names,)*) };
        }
    }

    /// The name of the result, in the rest of a block that lends it to scopes.
    fn bind_result_in(&self, rest: &Rest, place: In) -> TokenStream {
        match place.bound_result() {
            Some(named) if !rest.lent.is_empty() => self.bind_result(named, &rest.lent, rest.at),
            _ => TokenStream::new(),
        }
    }

    /// ```text
    /// from: the end of a scope, to which the slot has lent the result
    /// into: { (result,) = { let result = Slot::result(&mut slot); (result,) }; }
    /// ```
    fn rebind_result(&self, names: &[Ident], place: In, at: Span) -> TokenStream {
        let Some(Named { pattern, .. }) = place.bound_result().filter(|_| !names.is_empty()) else {
            return TokenStream::new();
        };
        let slot = self.runtime("Slot", at);
        quote_spanned! {glue(at)=>
            #[allow(unused_assignments)]
            {
                (#(#names,)*) = { let #pattern = #slot::result(&mut __slot); (#(#names,)*) };
            }
        }
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
                Code::Body(group, body) => {
                    names::branch(group, self.body(body, place)).to_tokens(&mut tokens);
                }
                Code::Frame(head, frame) => {
                    tokens.extend(head.iter().cloned());
                    let hint = self.closure_hint(frame);
                    let frame_code = self.frame(frame);
                    names::braces(frame.body.close, quote!(#hint #frame_code)).to_tokens(&mut tokens);
                }
                Code::Taken(value) => names::taken(*value).to_tokens(&mut tokens),
                // Through a function: clippy finds a closure redundant that is called where it stands.
                Code::Callee(at, code) => {
                    let callee = self.runtime("callee", *at);
                    let code = self.code(code, place);
                    tokens.extend(quote_spanned!(glue(*at)=> #callee(#code)));
                }
                Code::Closure(at, code) if matches!(place.frame.returns, Returns::Hinted(_)) => {
                    let ty = self.runtime("Ty", *at);
                    let code = self.code(code, place);
                    tokens.extend(quote_spanned!(glue(*at)=> #ty::given(__ty, #code)));
                }
                Code::Closure(_, code) => tokens.extend(self.code(code, place)),
                Code::Recover(path, keyword) => tokens.extend(self.recover(path, keyword)),
                Code::Done(keyword) => {
                    let done = self.done(place.frame);
                    tokens.extend(quote!(#keyword #done));
                }
                Code::ReturnResult(keyword) => {
                    let at = keyword.span();
                    let slot = self.runtime("Slot", at);
                    tokens.extend(quote_spanned!(glue(at)=> #keyword #slot::take(&mut __slot)));
                }
                Code::Dead { path, keyword, needs_semi } => {
                    let marker = names::marker(path, keyword);
                    let semi = needs_semi.then(|| quote!(;));
                    tokens.extend(quote_spanned!(glue(keyword.span())=> { #marker; } #semi));
                }
                Code::Site(id) => tokens.extend(self.nested_site(*id, place)),
                Code::Semi(at) => tokens.extend(quote_spanned!(glue(*at)=> ;)),
                Code::Turn(id, rest) => tokens.extend(self.turn(*id, rest, place)),
                Code::Scope(scope) => tokens.extend(self.scope(scope, place)),
                Code::Leave { keyword, exit, value } => {
                    tokens.extend(self.leave(keyword, *exit, value.as_deref(), place));
                }
                Code::Again(keyword) => names::again(keyword).to_tokens(&mut tokens),
                Code::Carried(at) => tokens.extend(quote_spanned!(glue(*at)=> __carried)),
            }
        }
        tokens
    }

    /// ```text
    /// from: recover!()
    /// into: ({ recover!(this_recover_is_not_from_with_defer); Recover::take(&mut recover) })
    /// ```
    fn recover(&self, path: &[TokenTree], keyword: &Ident) -> TokenStream {
        let at = keyword.span();
        let marker = names::marker(path, keyword);
        let recover = self.runtime("Recover", at);
        quote_spanned!(glue(at)=> ({ #marker; #recover::take(&mut __recover) }))
    }
}

fn returns_never(frame: &Frame) -> bool {
    matches!(&frame.returns, Returns::Written(returns) if returns.to_string() == "!")
}

/// The compiler does not see that deferred code may read what an assignment stored before the next one.
fn watched(is_watched: bool, at: Span) -> TokenStream {
    if is_watched { quote_spanned!(glue(at)=> #[allow(unused_assignments)]) } else { TokenStream::new() }
}
