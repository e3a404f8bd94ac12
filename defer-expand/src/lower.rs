//! Plan to tokens. Decides nothing.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::names::{self, Facade, glue};
use crate::parse::outline::When;
use crate::plan::{
    Body, Code, Deferred, Frame, Function, Hint, Named, Returns, Segment, Site, Slot, Take, TakeKind,
};

/// ```text
/// from: fn f() -> R { SEGMENTS }
/// into: fn f() -> R { FRAME }
/// ```
pub(crate) fn function(plan: Function) -> TokenStream {
    let Function { head, krate, frame } = plan;
    let lower = Lower { facade: Facade::new(krate) };
    let body = names::braces(frame.body.close, lower.frame(&frame));
    quote!(#head #body)
}

struct Lower {
    facade: Facade,
}

impl Lower {
    /// ```text
    /// from: frame: SLOT, BODY
    /// into: let ty = Ty::new(); let mut slot = Slot::new(EXPR); BODY
    /// ```
    fn frame(&self, frame: &Frame) -> TokenStream {
        let ty = self.return_type(&frame.returns, frame.at);
        let slot = frame.slot.as_ref().map(|slot| self.slot(slot, &frame.returns, frame.at));
        let body = self.body(&frame.body, frame);
        quote!(#ty #slot #body)
    }

    /// Makes the type of the frame known to inference, where it cannot be written.
    fn return_type(&self, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.facade.runtime("Ty", at);
        match returns {
            Returns::Inferred => quote_spanned! {glue(at)=>
                let ty = #ty::new();
                if false {
                    return ty.value();
                }
            },
            Returns::Hinted(Hint { bound, params, args }) => quote_spanned! {glue(at)=>
                let ty = #ty::new();
                {
                    fn hint<#(#params: ?::core::marker::Sized,)* __R: #bound>(_: #ty<__R>) {}
                    hint::<#(#args,)* _>(ty);
                }
            },
            Returns::Written(_) | Returns::Unit | Returns::Attempt => TokenStream::new(),
        }
    }

    fn slot(&self, slot: &Slot, returns: &Returns, at: Span) -> TokenStream {
        let ty = self.facade.runtime("Slot", at);
        let ty = match returns {
            Returns::Written(returns) => quote_spanned!(glue(at)=> #ty::<#returns>),
            _ => ty,
        };
        let new = match &slot.named {
            None => quote_spanned!(glue(at)=> empty()),
            Some(Named { initial: Some(initial), .. }) => quote_spanned!(glue(at)=> new(#initial)),
            Some(Named { initial: None, .. }) => {
                quote_spanned!(glue(at)=> new(::core::default::Default::default()))
            }
        };
        quote_spanned!(glue(at)=> let mut slot = #ty::#new;)
    }

    /// ```text
    /// from: segment 0, sites; segment 1, sites; segment 2
    /// into: SEGMENT0 let out = guard(|| { SEGMENT1 let out = guard(|| { SEGMENT2 }); RUN }); RUN
    /// ```
    fn body(&self, body: &Body, frame: &Frame) -> TokenStream {
        let Some((last, before)) = body.segments.split_last() else { return TokenStream::new() };
        let end = self.last_segment(last, body.close, frame);
        before.iter().rev().fold(end, |rest, segment| {
            let statements = self.statements(segment, frame);
            let register: TokenStream = segment.sites.iter().map(|site| self.register(site, frame)).collect();
            let guard = self.guard(&names::braces(body.close, rest), frame);
            let run = self.run(&segment.sites, frame);
            quote!(#statements #register #guard #run)
        })
    }

    fn statements(&self, segment: &Segment, frame: &Frame) -> TokenStream {
        let result = match &frame.slot {
            Some(Slot { named: Some(named) }) if segment.binds_result => {
                let pattern = &named.pattern;
                quote_spanned!(glue(frame.at)=> #[allow(unused_variables)] let #pattern = slot.result();)
            }
            _ => TokenStream::new(),
        };
        // The first line uses the `mut` of the variable that is moved.
        let rebinds = segment.rebinds.iter().map(|name| {
            quote_spanned! {glue(name.span())=>
                let _ = &mut #name;
                #[allow(unused_mut)]
                let mut #name = #name;
            }
        });
        let code = self.code(&segment.code, frame);
        quote!(#result #(#rebinds)* #code)
    }

    /// A deferred block has no value but the failure that it may return: what its statements leave is dropped.
    fn last_segment(&self, segment: &Segment, close: Span, frame: &Frame) -> TokenStream {
        let statements = self.statements(segment, frame);
        match frame.returns {
            Returns::Written(_) | Returns::Inferred | Returns::Hinted(_) => statements,
            Returns::Unit | Returns::Attempt if statements.is_empty() => self.done(frame),
            Returns::Unit | Returns::Attempt => {
                let statements = names::braces(close, statements);
                let done = self.done(frame);
                quote_spanned!(glue(close)=> #statements; #done)
            }
        }
    }

    /// What a deferred block returns when nothing in it failed.
    fn done(&self, frame: &Frame) -> TokenStream {
        match frame.returns {
            Returns::Attempt => quote_spanned!(glue(frame.at)=> attempt.done()),
            _ => TokenStream::new(),
        }
    }

    /// What is evaluated at the statement itself.
    fn register(&self, site: &Site, frame: &Frame) -> TokenStream {
        let Site { attrs, path, keyword, takes, .. } = site;
        let attrs: TokenStream = attrs.iter().cloned().collect();
        let marker = names::marker(path, keyword);
        let takes = takes.iter().map(|take| self.take(take, frame));
        quote_spanned!(glue(keyword.span())=> #attrs #marker; #(#attrs #takes)*)
    }

    fn take(&self, take: &Take, frame: &Frame) -> TokenStream {
        let at = take.value.at;
        let name = names::taken(take.value);
        let value = self.code(&take.code, frame);
        match take.kind {
            TakeKind::Value | TakeKind::Reference => quote_spanned!(glue(at)=> let #name = #value;),
            TakeKind::Callee => quote_spanned!(glue(at)=> #[allow(unused_mut)] let mut #name = #value;),
            TakeKind::Text => {
                let format = self.facade.runtime("format", at);
                quote_spanned!(glue(at)=> let #name = #format!(#value);)
            }
        }
    }

    /// Runs the rest of the frame and catches.
    fn guard(&self, rest: &TokenTree, frame: &Frame) -> TokenStream {
        let at = frame.at;
        match &frame.returns {
            Returns::Written(returns) => {
                let guard = self.facade.runtime("guard", at);
                quote_spanned!(glue(at)=> let out = #guard(|| -> #returns #rest);)
            }
            Returns::Unit => {
                let guard = self.facade.runtime("guard", at);
                quote_spanned!(glue(at)=> let out = #guard(|| #rest);)
            }
            Returns::Inferred | Returns::Hinted(_) => {
                quote_spanned!(glue(at)=> let out = ty.guard(|| #rest);)
            }
            Returns::Attempt => quote_spanned!(glue(at)=> let out = attempt.guard(|| #rest);),
        }
    }

    /// Runs the deferred statements that share a guard, the last one first, and leaves.
    fn run(&self, sites: &[Site], frame: &Frame) -> TokenStream {
        match &frame.slot {
            Some(slot) => self.run_in_slot(sites, slot, frame.at),
            None => self.run_by_hand(sites, frame.at),
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
            let (name, parameter) = match (leaves, site.needs_exit()) {
                (true, false) => ("defer", quote!()),
                (true, true) => ("defer_with", quote!(exit)),
                (false, false) => ("after", quote!()),
                (false, true) => ("after_with", quote!(exit)),
            };
            let span = site.keyword.span();
            let function = self.facade.runtime(name, span);
            let parameter = respan(parameter, span);
            let deferred = self.deferred(site);
            let call = quote_spanned!(glue(span)=> #function(out, |#parameter| #deferred));
            let attrs: TokenStream = site.attrs.iter().cloned().collect();
            run.extend(if leaves { call } else { quote_spanned!(glue(span)=> #attrs let out = #call;) });
            if number == 0 && !leaves {
                let leave = self.facade.runtime("leave", at);
                run.extend(quote_spanned!(glue(at)=> #leave(out)));
            }
        }
        run
    }

    /// ```text
    /// from: sites A, B
    /// into: slot.keep(out); slot.run(|exit| B); slot.run(|exit| A); slot.leave()
    /// ```
    fn run_in_slot(&self, sites: &[Site], slot: &Slot, at: Span) -> TokenStream {
        let runs = sites.iter().rev().map(|site| {
            let attrs: TokenStream = site.attrs.iter().cloned().collect();
            let parameter = if site.needs_exit() || site.deferred.recovers || site.deferred.result.is_some() {
                quote!(exit)
            } else {
                quote!(_)
            };
            let parameter = respan(parameter, site.keyword.span());
            let deferred = self.deferred(site);
            quote_spanned!(glue(site.keyword.span())=> #attrs slot.run(|#parameter| #deferred);)
        });
        let leave = match slot.named {
            Some(_) => quote_spanned!(glue(at)=> slot.leave()),
            None => quote_spanned!(glue(at)=> slot.leave_or_default()),
        };
        quote_spanned!(glue(at)=> slot.keep(out); #(#runs)* #leave)
    }

    /// The body of the closure that is the deferred code, in braces.
    fn deferred(&self, site: &Site) -> TokenTree {
        let at = site.keyword.span();
        let Deferred { frame, recovers, result } = &site.deferred;
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
            let code = names::braces(glue(at), code);
            quote_spanned! {glue(at)=>
                let attempt = exit.attempt();
                #bind
                let failure = attempt.run(|| #code);
                exit.absorb(failure);
            }
        } else {
            quote!(#bind #code)
        };
        let code = match self.condition(site.when, at) {
            None => code,
            Some(condition) => {
                let code = names::braces(glue(at), code);
                quote_spanned!(glue(at)=> if #condition #code)
            }
        };
        names::braces(glue(at), code)
    }

    /// Whether the statement runs, asked when its turn comes.
    fn condition(&self, when: When, at: Span) -> Option<TokenStream> {
        Some(match when {
            When::Always => return None,
            When::Panic => quote_spanned!(glue(at)=> exit.panicked()),
            When::Failure => quote_spanned!(glue(at)=> exit.failed()),
            When::Success => {
                let returning = self.facade.runtime("Returning", at);
                let failing = self.facade.runtime("Failing", at);
                let succeeds = self.facade.runtime("Succeeds", at);
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

    fn code(&self, code: &[Code], frame: &Frame) -> TokenStream {
        let mut tokens = TokenStream::new();
        for code in code {
            match code {
                Code::Token(token) => token.to_tokens(&mut tokens),
                Code::Group(group, code) => {
                    names::refilled(group, self.code(code, frame)).to_tokens(&mut tokens);
                }
                Code::Body(body) => names::braces(body.close, self.body(body, frame)).to_tokens(&mut tokens),
                Code::Frame(head, frame) => {
                    tokens.extend(head.iter().cloned());
                    names::braces(frame.body.close, self.frame(frame)).to_tokens(&mut tokens);
                }
                Code::Taken(value) => names::taken(*value).to_tokens(&mut tokens),
                Code::Recover(path, keyword) => tokens.extend(recover(path, keyword)),
                Code::Done(keyword) => {
                    let done = self.done(frame);
                    tokens.extend(quote!(#keyword #done));
                }
                Code::ReturnResult(keyword) => {
                    tokens.extend(quote_spanned!(glue(keyword.span())=> #keyword slot.take()));
                }
            }
        }
        tokens
    }
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

fn respan(tokens: TokenStream, at: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(glue(at));
            token
        })
        .collect()
}
