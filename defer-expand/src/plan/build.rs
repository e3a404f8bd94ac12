//! Outline to plan: frames, their segments, and deferred statements. Every rule about what a deferred statement means
//! is applied here, in `nested` (inner blocks) and in `call` (the call form).

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Signature;

use super::awaits::may_await_in_macro;
use super::call::PlannedCall;
use super::mentions::Mentions;
use super::nested::{Home, RestFacts, Target, cfg_predicates, dead};
use super::order::{Step, arrange};
use super::signature::{cursors, is_parameter, references, returns, written};
use super::variables::{Bound, bound};
use super::{
    Attributes, Awaits, Body, Code, Deferral, Deferred, Form, Frame, Function, Named, Returns, SeenResult,
    Segment, Site, Slot, Store, Take, Taken,
};
use crate::errors::{self, Errors};
use crate::parse::call::{self, Other};
use crate::parse::outline::{self, Block, Node, Role, Stmt, StmtKind};
use crate::parse::{self, NamedResult, Options, statements};

/// How many segments one frame may have. Each is a closure in the one before, and rustc recurses on them.
const SEGMENTS: usize = 400;

/// Plans a function.
pub(crate) fn function(function: parse::Function, options: Options, errors: &mut Errors) -> Function {
    let signature = &function.signature;
    let mut planner = Planner::new(errors);
    planner.variables = bound(&function.body, signature);
    planner.words = Words::of(&function.body);
    let named = options.result.map(|result| planner.name_result(result, signature));
    planner.cx.cursors = cursors(signature);
    planner.cx.references = references(signature);
    let is_async = signature.asyncness.is_some();
    planner.cx.is_async = is_async;
    let (items, stmts) = planner.leading_items(&function.body.stmts, Region::Function);
    let body = planner.body(stmts, function.body.close, Region::Function);
    if let (Some(named), 0, true) = (&named, planner.cx.sites, planner.frame_uses_result) {
        planner.errors.push(errors::result_of_a_frame(&named.pattern));
    }
    let slot = match named {
        Some(named) => {
            let is_lent = planner.cx.lends_result;
            Some(Slot { named: Some(Named { is_lent, ..named }) })
        }
        None => (planner.cx.recoveries > 0).then_some(Slot { named: None }),
    };
    let at = signature.fn_token.span;
    let is_async = planner.cx.awaited.deferring;
    // Nobody needs to be told the type where nothing is guarded.
    let returns = match returns(signature) {
        Returns::Hinted(_) if planner.cx.sites == 0 => Returns::Written(quote!(_)),
        returns => returns,
    };
    let frame = Frame { returns, is_async, slot, items, body, at };
    Function { head: function.head, krate: options.krate, frame, stores: planner.stores }
}

/// Where a piece of code stands, as far as its meaning depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// The body of the function.
    Function,
    /// A closure or async block in a body.
    Closure,
    /// Deferred code.
    Deferred,
    /// A closure literal that is called by the deferred statement: it is the deferred code.
    Callee,
    /// The body of that closure.
    CalleeBody,
    /// Any other closure in deferred code.
    DeferredClosure,
}

impl Region {
    /// The region of a closure or async block that stands in this one.
    fn closure(self) -> Self {
        match self {
            Region::Function | Region::Closure => Region::Closure,
            Region::Callee => Region::CalleeBody,
            Region::Deferred | Region::CalleeBody | Region::DeferredClosure => Region::DeferredClosure,
        }
    }
}

/// What the planner knows and learns about the frame or deferred code that it is in.
#[derive(Default)]
pub(super) struct Context {
    /// The names that the attribute gives to the function's result,
    result: Vec<Ident>,
    /// and the pattern that they stand in.
    pattern: Option<TokenStream>,
    /// Those of the names that variables of the body hide here.
    pub(super) hidden: Vec<Ident>,
    /// Parameters that are references, and that a body may move along: `mut buf: &mut [u8]`.
    pub(super) cursors: Vec<Ident>,
    /// The other ones.
    references: Vec<Ident>,
    /// The code can await.
    pub(super) is_async: bool,
    /// What is awaited in it.
    pub(super) awaited: Awaited,
    /// Deferred statements of the frame.
    pub(super) sites: usize,
    /// How many of them recover.
    pub(super) recoveries: usize,
    /// A scope may see the function's named result.
    pub(super) lends_result: bool,
    /// Blocks of the frame so far.
    pub(super) blocks: usize,
    /// Those that come to their end behind a part of theirs, which a jump ends: by a `continue`, or when a panic of
    /// that part was recovered.
    pub(super) ended_behind: Vec<usize>,
    /// What this deferred code does.
    deferred: DeferredFacts,
    /// Nothing here is ever reached.
    pub(super) is_dead: bool,
    /// How many `unsafe` blocks the code is in.
    pub(super) unsafes: usize,
    /// Where nested statements put their records.
    pub(super) home: Home,
    /// The predicates of the `#[cfg]`s that the code is under.
    pub(super) cfg: Vec<TokenStream>,
    /// What a `break` or `continue` can be for.
    pub(super) targets: Vec<Target>,
    /// The rests of blocks that surround the code.
    pub(super) rests: Vec<RestFacts>,
}

/// What is awaited.
#[derive(Default)]
pub(super) struct Awaited {
    /// Something in the piece of code that is being planned,
    pub(super) here: bool,
    /// or something behind a deferred statement of the frame, or by one.
    pub(super) deferring: bool,
}

/// What deferred code does.
#[derive(Default)]
struct DeferredFacts {
    /// There is a `?` in it,
    tries: bool,
    /// an `.await`,
    awaits: bool,
    /// or a `recover!()`.
    recovers: bool,
}

impl Context {
    /// Whether the frame's result has a name.
    pub(super) fn names_result(&self) -> bool {
        !self.result.is_empty()
    }

    /// The names of the result that mean it here.
    pub(super) fn result_names(&self) -> impl Iterator<Item = &Ident> {
        self.result.iter().filter(|name| !self.hidden.contains(name))
    }
}

pub(super) struct Planner<'e> {
    pub(super) errors: &'e mut Errors,
    pub(super) cx: Context,
    /// The contexts around this one.
    outer: Vec<Context>,
    /// The code is evaluated now, for a deferred call.
    in_argument: bool,
    /// The body uses the result's name for a parameter.
    result_is_parameter: bool,
    /// The names of the function's result,
    result: Vec<Ident>,
    /// and whether a statement that is deferred in a closure or async block uses one.
    frame_uses_result: bool,
    taken: usize,
    pub(super) stores: Vec<Store>,
    /// The words of the function that may be variables,
    pub(super) variables: Bound,
    /// and all of them.
    pub(super) words: Words,
    /// Items that have been moved out of inner blocks.
    pub(super) hoisted: HashSet<*const Stmt>,
    /// Blocks whose value is that of their frame.
    pub(super) values: HashSet<*const Block>,
}

impl<'e> Planner<'e> {
    fn new(errors: &'e mut Errors) -> Self {
        Self {
            errors,
            cx: Context::default(),
            outer: Vec::new(),
            in_argument: false,
            result_is_parameter: false,
            result: Vec::new(),
            frame_uses_result: false,
            taken: 0,
            stores: Vec::new(),
            variables: Bound::default(),
            words: Words::default(),
            hoisted: HashSet::new(),
            values: HashSet::new(),
        }
    }

    /// Gives the result its name, unless a parameter has it.
    fn name_result(&mut self, result: NamedResult, signature: &Signature) -> Named {
        let NamedResult { pattern, initial } = result;
        let names = parse::bindings(pattern.clone());
        for parameter in names.iter().filter(|name| is_parameter(signature, name)) {
            self.errors.push(errors::result_is_parameter(parameter));
            self.result_is_parameter = true;
        }
        self.cx.result.clone_from(&names);
        self.result.clone_from(&names);
        self.cx.pattern = Some(pattern.clone());
        Named { pattern, names, is_lent: false, initial }
    }

    /// Some variables are declared: from here on they hide the result's names.
    pub(super) fn hide(&mut self, variables: &[Ident]) {
        let hidden = &mut self.cx.hidden;
        hidden.extend(self.result.iter().filter(|name| variables.contains(name)).cloned());
    }

    /// Whether a callee that is one word may be a variable, which is taken; items need not be.
    pub(super) fn may_be_variable(&self, callee: &[TokenTree]) -> bool {
        match callee {
            [TokenTree::Ident(word)] => self.variables.may_be_variable(word),
            _ => true,
        }
    }

    /// Plans something in a context of its own, and returns what was learned about it.
    fn within<T>(&mut self, is_async: bool, plan: impl FnOnce(&mut Self) -> T) -> (T, Context) {
        let inner = Context { is_async, hidden: self.cx.hidden.clone(), ..Context::default() };
        self.outer.push(std::mem::replace(&mut self.cx, inner));
        let planned = plan(self);
        let outer = self.outer.pop().unwrap_or_default();
        (planned, std::mem::replace(&mut self.cx, outer))
    }

    /// Plans a part of a deferred call that is evaluated now, in the context of the statement.
    pub(super) fn argument(&mut self, nodes: &[Node], region: Region) -> Vec<Code> {
        let outer = self.outer.pop().unwrap_or_default();
        let inner = std::mem::replace(&mut self.cx, outer);
        let in_argument = std::mem::replace(&mut self.in_argument, true);
        let code = self.nodes(nodes, region);
        self.in_argument = in_argument;
        self.outer.push(std::mem::replace(&mut self.cx, inner));
        code
    }

    /// Plans a piece of code, and says whether it awaits.
    pub(super) fn awaiting<T>(&mut self, plan: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let outer = std::mem::take(&mut self.cx.awaited.here);
        let planned = plan(self);
        let awaits = self.cx.awaited.here;
        self.cx.awaited.here |= outer;
        (planned, awaits)
    }

    /// A name for a value that is taken at a statement.
    pub(super) fn taken(&mut self, at: Span) -> Taken {
        let number = self.taken;
        self.taken += 1;
        Taken { number, at }
    }

    /// Whether a word in a deferred call is the name that the attribute gives to the result.
    pub(super) fn names_result(&self, word: &Ident) -> bool {
        self.outer.last().is_some_and(|statement| statement.result_names().any(|name| name == word))
    }

    /// There is an `.await` around a deferred call.
    pub(super) fn note_await(&mut self) {
        self.cx.deferred.awaits = true;
    }

    /// There is a `?` around a deferred call.
    pub(super) fn note_try(&mut self) {
        self.cx.deferred.tries = true;
    }

    /// What an error has been reported about already: nothing else in it is.
    pub(super) fn code_of_error(&mut self, tokens: &[TokenTree]) -> Vec<Code> {
        let reported = std::mem::take(self.errors);
        let code = self.code_at_exit(tokens);
        drop(std::mem::replace(self.errors, reported).into_tokens());
        code
    }

    /// A part of a deferred call that is evaluated at exit.
    pub(super) fn code_at_exit(&mut self, tokens: &[TokenTree]) -> Vec<Code> {
        self.nodes(&parse::expression(tokens), Region::Deferred)
    }

    /// A closure literal as the callee of a deferred call.
    pub(super) fn callee_closure(&mut self, tokens: &[TokenTree]) -> Vec<Code> {
        self.nodes(&parse::expression(tokens), Region::Callee)
    }

    // Frames.

    /// The items that a frame starts with, and the rest of its statements.
    fn leading_items<'s>(&mut self, stmts: &'s [Stmt], region: Region) -> (Vec<Code>, &'s [Stmt]) {
        let is_item = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Item { .. });
        let (items, stmts) = stmts.split_at(stmts.iter().take_while(|stmt| is_item(stmt)).count());
        (items.iter().flat_map(|item| self.nodes(&item.nodes, region)).collect(), stmts)
    }

    /// The statements of a frame.
    fn body(&mut self, stmts: &[Stmt], close: Span, region: Region) -> Body {
        // What a deferred block returns is not what its last statement leaves, but whether something in it failed.
        let last = if region == Region::Deferred { None } else { stmts.last() };
        self.statements(stmts, close, region, last)
    }

    /// Statements that end when the frame does; `last` is the one that gives it its value.
    fn statements(&mut self, stmts: &[Stmt], close: Span, region: Region, last: Option<&Stmt>) -> Body {
        let binding =
            last.and_then(|_| Binding::at_the_end(stmts)).filter(|it| !self.cx.result.contains(it.name));
        let tails = if last.is_some() { tails(stmts) } else { &[] };
        let mut segments = Segments::default();
        // The first segment behind a `let` that takes the result's name for itself.
        let mut shadowed = if self.result_is_parameter { 0 } else { usize::MAX };
        let was_dead = self.cx.is_dead;
        let hidden = self.cx.hidden.len();
        for step in arrange(stmts) {
            let Step { stmt, .. } = step;
            if binding.as_ref().is_some_and(|binding| std::ptr::eq(binding.value, stmt)) {
                continue;
            }
            match stmt.site() {
                Some(site) if !self.cx.is_dead => {
                    if segments.is_full() {
                        segments.overflow(&site.keyword, self.errors);
                    }
                    let (site, awaits) =
                        self.awaiting(|planner| planner.site(site, &stmt.attrs, Nesting::Direct, region));
                    segments.site(site, awaits);
                    continue;
                }
                Some(site) if !stmt.semi => {
                    segments.statement(stmt, vec![dead(site, true)], false);
                    continue;
                }
                _ => {}
            }
            let home = std::mem::take(&mut self.cx.home);
            let items = self.hoist(stmt, region);
            let is_tail = tails.iter().any(|tail| std::ptr::eq(tail, stmt));
            let (code, awaits) = self.awaiting(|planner| {
                planner.under_cfg(&stmt.attrs, |planner| match &binding {
                    Some(binding) if std::ptr::eq(binding.stmt, stmt) => planner.binding(binding, region),
                    _ if is_tail => planner.tail(stmt, region),
                    _ => planner.nodes(&stmt.nodes, region),
                })
            });
            let home = std::mem::replace(&mut self.cx.home, home);
            segments.items(items);
            if !home.stores.is_empty() {
                if segments.is_full() {
                    segments.overflow(&stmt_keyword(stmt), self.errors);
                }
                segments.end(Deferral::Nested(home.stores));
            }
            for late in &step.late {
                let code = self.nodes(&late.nodes, region);
                segments.statement(late, code, false);
            }
            let at = segments.statement(stmt, code, awaits);
            if stmt.binds_any(&self.cx.result) {
                shadowed = shadowed.min(at + 1);
            }
            step.stmts().for_each(|stmt| self.hide(stmt.binds()));
            self.cx.is_dead |= stmt.never_ends();
        }
        self.cx.is_dead = was_dead;
        self.cx.hidden.truncate(hidden);
        let Segments { list: mut segments, facts, .. } = segments.finish();
        let mut rest_awaits = false;
        for (segment, facts) in segments.iter_mut().zip(&facts).rev() {
            let deferred_awaits = match &segment.deferral {
                Some(Deferral::Direct(sites)) => sites.iter().any(|site| site.deferred.awaits),
                Some(Deferral::Nested(stores)) => self.any_awaits(stores),
                None => false,
            };
            if segment.deferral.is_some() {
                segment.awaits = Awaits::of(rest_awaits, deferred_awaits);
                self.cx.awaited.deferring |= segment.awaits != Awaits::Nothing;
            }
            rest_awaits |= facts.awaits || deferred_awaits;
        }
        // A block at the end of a frame is a part of the statement that it stands in.
        self.cx.awaited.here |= rest_awaits;
        for at in 0..segments.len() {
            let watches = |site: &Site| {
                facts[at + 1..].iter().any(|rest| rest.mentions.assigns_any(&site.mentions_at_exit))
            };
            segments[at].is_watched = match &segments[at].deferral {
                Some(Deferral::Direct(sites)) => sites.iter().any(watches),
                Some(Deferral::Nested(stores)) => self.sites_in(stores).iter().any(|site| watches(site)),
                None => false,
            };
        }
        if region == Region::Function {
            for (at, segment) in segments.iter_mut().enumerate() {
                segment.binds_result =
                    at < shadowed && self.cx.result.iter().any(|name| facts[at].mentions.has(name));
            }
            self.own_references(&mut segments, &facts);
        }
        Body { segments, close }
    }

    /// A reference that the rest of a function moves along (`buf = &mut buf[n..]`) must be owned by the rest: a
    /// closure that only borrows it could not store into it what is borrowed from it. Nor could it return what a pattern
    /// borrows from it (`match self { … }`): a closure borrows the variable that a pattern looks into.
    fn own_references(&self, segments: &mut [Segment], facts: &[SegmentFacts]) {
        let deferred = |cursor: &Ident| {
            let direct = segments.iter().flat_map(Segment::sites);
            let nested = self.stores.iter().flat_map(Store::sites);
            direct.chain(nested).any(|site| site.mentions_at_exit.has(cursor))
        };
        let undeferred = |names: &[Ident]| names.iter().filter(|name| !deferred(name)).cloned().collect();
        let cursors: Vec<Ident> = undeferred(&self.cx.cursors);
        let references: Vec<Ident> = undeferred(&self.cx.references);
        // The first segment of an async frame stands in a block too.
        for (at, segment) in segments.iter_mut().enumerate().skip(usize::from(!self.cx.awaited.deferring)) {
            let rest = &facts[at..];
            let moved = |cursor: &&Ident| rest.iter().any(|facts| facts.mentions.assigns(cursor));
            let matched = |name: &&Ident| rest.iter().any(|facts| facts.mentions.matches(name));
            segment.rebinds = cursors.iter().filter(moved).cloned().collect();
            segment.owns = references.iter().filter(matched).cloned().collect();
        }
    }

    /// The blocks that a statement takes its value from, which is that of the frame.
    fn mark_values(&mut self, stmt: &Stmt) {
        let nodes = &stmt.nodes[stmt.attrs.len()..];
        let nodes = match nodes {
            [Node::Token(TokenTree::Ident(word)), .., Node::Group(arms, nodes)]
                if word == "match" && arms.delimiter() == Delimiter::Brace =>
            {
                nodes
            }
            [.., last] if is_block(last) => nodes,
            _ => return,
        };
        for node in nodes {
            let Node::Block(block) = node else { continue };
            if block.role != Role::Loop && block.label.is_none() {
                self.values.insert(std::ptr::from_ref(block));
                if let Some(last) = block.stmts.last().filter(|last| last.is_value()) {
                    self.mark_values(last);
                }
            }
        }
    }

    /// The statement that gives a frame its value: a block there, or a branch of an `if`, ends when the frame does,
    /// so what is deferred in it needs no record.
    fn tail(&mut self, stmt: &Stmt, region: Region) -> Vec<Code> {
        self.mark_values(stmt);
        let nodes = &stmt.nodes[stmt.attrs.len()..];
        let roles: &[Role] = match nodes {
            [Node::Block(_)] => &[Role::Plain],
            [Node::Token(_), Node::Block(block)] if block.role == Role::Unsafe => &[Role::Unsafe],
            [Node::Token(TokenTree::Ident(word)), .., last] if word == "if" && is_block(last) => {
                &[Role::Branch]
            }
            _ => {
                let code = self.nodes(&stmt.nodes, region);
                let may_be_hinted = region == Region::Function && self.cx.is_async && stmt.attrs.is_empty();
                if may_be_hinted && starts_with_closure(nodes) {
                    let at = stmt.tokens.first().map_or_else(Span::call_site, TokenTree::span);
                    return vec![Code::Closure(at, code)];
                }
                return code;
            }
        };
        let ends_frame =
            |block: &Block| roles.contains(&block.role) && block.label.is_none() && block.scope.is_none();
        self.note_macros(&stmt.nodes, region);
        let mut code = Vec::new();
        for node in &stmt.nodes {
            match node {
                Node::Block(block) if ends_frame(block) && block.has_own_site() => {
                    let hidden = self.cx.hidden.len();
                    self.hide(&block.binds);
                    let body = self.body(&block.stmts, block.close, region);
                    self.cx.hidden.truncate(hidden);
                    code.extend(block.group.clone().map(|group| Code::Body(group, body)));
                }
                node => self.node(node, region, &mut code),
            }
        }
        code
    }

    /// `let x: T = { … }; x` at the end of a frame, as `#[async_trait]` writes it: the block ends when the frame does. Its
    /// last statements keep the `let`, which says what type they have.
    fn binding(&mut self, binding: &Binding, region: Region) -> Vec<Code> {
        let Binding { head, is_unsafe, block, value, .. } = binding;
        let mut body = self.statements(&block.stmts, block.close, region, None);
        if let (Some(last), Some(group)) = (body.segments.last_mut(), &block.group) {
            let head = head.iter().cloned().map(Code::Token);
            let statements = Code::Group(group.clone(), std::mem::take(&mut last.code));
            let semi = TokenTree::Punct(Punct::new(';', Spacing::Alone));
            let value = value.tokens.iter().cloned().map(Code::Token);
            last.code = head.chain([statements, Code::Token(semi)]).chain(value).collect();
        }
        let keyword = is_unsafe.map(|keyword| Code::Token(keyword.clone()));
        keyword.into_iter().chain(block.group.clone().map(|group| Code::Body(group, body))).collect()
    }

    /// A closure, or an async block.
    fn frame(&mut self, frame: &outline::Frame, region: Region, code: &mut Vec<Code>) {
        let is_callee = region == Region::Callee;
        let region = region.closure();
        let ((items, body), facts) = self.within(frame.is_async, |planner| {
            planner.hide(&parse::parameters(&frame.head));
            let (items, stmts) = planner.leading_items(&frame.body.stmts, region);
            (items, planner.body(stmts, frame.body.close, region))
        });
        if facts.sites == 0 {
            code.extend(frame.head.iter().cloned().map(Code::Token));
            let statements = body.segments.into_iter().flat_map(|segment| segment.code);
            let inner: Vec<Code> = items.into_iter().chain(statements).collect();
            match &frame.body.group {
                Some(group) => code.push(regroup(group, inner)),
                None => code.extend(inner),
            }
            // A closure literal that is the deferred callee is the deferred code.
            self.cx.deferred.recovers |= facts.deferred.recovers;
            return;
        }
        let at = frame.head.first().map_or(frame.body.close, TokenTree::span);
        let returns = match &frame.output {
            Some(output) => written(output.clone()),
            // Nobody looks at its value; one that never ends would be inferred to return `!`.
            None if is_callee && frame.body.has_no_value() => Returns::Written(quote!(())),
            None => Returns::Inferred,
        };
        let slot = (facts.recoveries > 0).then_some(Slot { named: None });
        self.cx.deferred.recovers |= facts.deferred.recovers;
        code.push(Code::Frame(
            frame.head.clone(),
            Box::new(Frame { returns, is_async: facts.awaited.deferring, slot, items, body, at }),
        ));
    }

    // Sites.

    /// A deferred statement.
    pub(super) fn site(
        &mut self,
        site: &outline::Site,
        attrs: &[TokenTree],
        nesting: Nesting,
        region: Region,
    ) -> Site {
        self.cx.sites += 1;
        if let Some(operator) = &site.operator {
            self.errors.push(errors::statement_without_value(&site.keyword, operator));
        }
        let is_async = self.cx.is_async;
        let ((form, takes, body), facts) =
            self.within(is_async, |planner| planner.form(site, nesting, region));
        self.cx.recoveries += usize::from(facts.deferred.recovers);
        // A failure of what is deferred in deferred code is a failure of the latter.
        self.cx.deferred.tries |= facts.deferred.tries && region == Region::Deferred;
        let awaits = facts.deferred.awaits && is_async;
        self.cx.deferred.awaits |= awaits && region == Region::Deferred;
        let returns = if facts.deferred.tries { Returns::Attempt } else { Returns::Unit };
        let slot = (facts.recoveries > 0).then_some(Slot { named: None });
        let mentions = Mentions::of(site.group.stream());
        let is_seen = |name: &Ident| !self.cx.hidden.contains(name) && mentions.has(name);
        self.frame_uses_result |= region == Region::Closure && self.result.iter().any(is_seen);
        let result = if region == Region::Function { self.seen_result(&mentions) } else { None };
        Site {
            when: site.when,
            form,
            path: site.path.clone(),
            keyword: site.keyword.clone(),
            attrs: Attributes::of(attrs),
            takes,
            mentions,
            mentions_at_exit: Mentions::of(call::at_exit(&site.group)),
            deferred: Deferred {
                frame: Frame {
                    returns,
                    is_async: facts.awaited.deferring,
                    slot,
                    items: Vec::new(),
                    body,
                    at: site.at(),
                },
                recovers: facts.deferred.recovers,
                awaits,
                is_unsafe: self.cx.unsafes > 0,
                result,
            },
        }
    }

    /// The result, if deferred code names it.
    fn seen_result(&self, mentions: &Mentions) -> Option<SeenResult> {
        let pattern = self.cx.pattern.clone()?;
        let names: Vec<Ident> = self.cx.result_names().cloned().collect();
        let is_seen = names.iter().any(|name| mentions.has(name));
        let some = (names.len() < self.cx.result.len()).then_some(names);
        is_seen.then_some(SeenResult { pattern, some })
    }

    fn form(&mut self, site: &outline::Site, nesting: Nesting, region: Region) -> (Form, Vec<Take>, Body) {
        let keyword = &site.keyword;
        let close = site.group.span_close();
        let tokens = site.group.stream();
        let PlannedCall { takes, code } = match call::form(&site.group) {
            call::Form::Block(group) => {
                let body =
                    self.body(&statements(block_content(&group)), group.span_close(), Region::Deferred);
                return (Form::Block, Vec::new(), body);
            }
            call::Form::Call(call) => self.call(site, call, nesting, region),
            call::Form::Print { path, group } => self.print(path, group, region),
            call::Form::Empty => {
                self.errors.push(errors::empty(keyword));
                PlannedCall::empty()
            }
            call::Form::Other(other) => {
                let is_one = !matches!(other, Other::Several);
                let is_field = matches!(other, Other::Field);
                self.errors.push(match other {
                    Other::Macro(name) => errors::macro_in_call_form(keyword, &name, &tokens),
                    Other::Closure => errors::closure_not_called(keyword, &tokens),
                    Other::Field | Other::Expr | Other::Several => errors::not_a_call(keyword, &tokens),
                });
                let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
                if is_field {
                    tokens.truncate(tokens.len().saturating_sub(2));
                }
                if is_one { PlannedCall::unused(self.code_of_error(&tokens)) } else { PlannedCall::empty() }
            }
            call::Form::Unparsable => PlannedCall::raw(tokens),
        };
        let segment = Segment { code, ..Segment::default() };
        (Form::Call, takes, Body { segments: vec![segment], close })
    }

    // Code.

    pub(super) fn nodes(&mut self, nodes: &[Node], region: Region) -> Vec<Code> {
        self.note_macros(nodes, region);
        let mut code = Vec::new();
        // Of an assignment the right side is evaluated first: the order of its records is known only then.
        let is_repeated = defers_on_both_sides(nodes) || defers_in_a_guard(nodes);
        if is_repeated {
            self.cx.home.enter_loop();
        }
        // The head of a `while` is evaluated in each turn of the loop.
        let mut heads = 0;
        for node in nodes {
            if matches!(node, Node::Token(TokenTree::Ident(word)) if word == "while") {
                heads += 1;
                self.cx.home.enter_loop();
            }
            self.node(node, region, &mut code);
            if heads > 0 && matches!(node, Node::Block(block) if block.role == Role::Loop) {
                heads -= 1;
                self.cx.home.leave_loop();
            }
        }
        for _ in 0..heads + usize::from(is_repeated) {
            self.cx.home.leave_loop();
        }
        code
    }

    /// Nobody sees what other people's macros await. In deferred code they should not, because it need not be async.
    fn note_macros(&mut self, nodes: &[Node], region: Region) {
        let is_async = self.cx.is_async && region != Region::Deferred;
        self.cx.awaited.here |= is_async && may_await_in_macro(nodes);
    }

    fn node(&mut self, node: &Node, region: Region, code: &mut Vec<Code>) {
        match node {
            Node::Token(token) => code.push(Code::Token(token.clone())),
            Node::Group(group, nodes) => {
                let inner = self.nodes(nodes, region);
                code.push(regroup(group, inner));
            }
            Node::Block(block) => self.block(block, region, code),
            Node::Frame(frame) => self.frame(frame, region, code),
            Node::Site(site) => {
                let deferred = self.nested_site(site, &[], Vec::new(), region);
                code.push(deferred);
            }
            Node::Macro(invocation) => {
                let awaits = invocation.hides_await && self.cx.is_async;
                self.cx.deferred.awaits |= awaits && region == Region::Deferred;
                self.cx.awaited.here |= awaits;
                let inner = self.nodes(&invocation.nodes, region);
                code.extend(invocation.path.iter().cloned().map(Code::Token));
                code.push(regroup(&invocation.group, inner));
            }
            Node::Recover(recover) => self.recover(recover, region, code),
            Node::Try(mark) => {
                self.cx.deferred.tries |= region == Region::Deferred;
                code.push(Code::Token(mark.clone()));
            }
            Node::Await(word) => {
                // What stands behind a nested statement becomes an async block, and would accept it.
                if !self.cx.is_async && !self.cx.rests.is_empty() {
                    self.errors.push(errors::await_outside_async(word));
                }
                self.cx.deferred.awaits |= region == Region::Deferred;
                self.cx.awaited.here |= self.cx.is_async;
                code.push(Code::Token(word.clone().into()));
            }
            Node::Jump(jump) => self.jump(jump, region, code),
            Node::StrayScope(span) => self.errors.push(errors::stray_scope(*span)),
        }
    }

    fn recover(&mut self, recover: &outline::Recover, region: Region, code: &mut Vec<Code>) {
        match region {
            Region::Deferred | Region::Callee | Region::CalleeBody => {
                if !recover.group.stream().is_empty() {
                    self.errors.push(errors::recover_with_arguments(&recover.group.stream()));
                }
                self.cx.deferred.recovers = true;
            }
            Region::DeferredClosure => self.errors.push(errors::recover_in_frame(&recover.keyword)),
            Region::Function | Region::Closure if self.in_argument => {
                self.errors.push(errors::recover_in_argument(&recover.keyword));
            }
            // The macro itself says that it is in the wrong place.
            Region::Function | Region::Closure => {
                code.extend(recover.path.iter().cloned().map(Code::Token));
                code.push(Code::Token(recover.group.clone().into()));
                return;
            }
        }
        code.push(Code::Recover(recover.path.clone(), recover.keyword.clone()));
    }
}

/// The segments of a body, as they grow.
struct Segments {
    list: Vec<Segment>,
    /// What is known of each.
    facts: Vec<SegmentFacts>,
    overflowed: bool,
}

#[derive(Default)]
struct SegmentFacts {
    /// The words in it.
    mentions: Mentions,
    /// It awaits.
    awaits: bool,
}

impl Default for Segments {
    fn default() -> Self {
        Self { list: vec![Segment::default()], facts: vec![SegmentFacts::default()], overflowed: false }
    }
}

impl Segments {
    fn is_full(&self) -> bool {
        self.list.len() >= SEGMENTS
    }

    /// Says that there are too many, once.
    fn overflow(&mut self, keyword: &Ident, errors: &mut Errors) {
        if !std::mem::replace(&mut self.overflowed, true) {
            errors.push(errors::too_many_statements(keyword, SEGMENTS));
        }
    }

    fn last(&mut self) -> (&mut Segment, &mut SegmentFacts) {
        if self.list.is_empty() || self.list.last().is_some_and(|segment| segment.deferral.is_some()) {
            self.list.push(Segment::default());
            self.facts.push(SegmentFacts::default());
        }
        let at = self.list.len() - 1;
        (&mut self.list[at], &mut self.facts[at])
    }

    /// Adds a direct site. Neighbours share a segment's guard, unless something can happen between them.
    fn site(&mut self, site: Site, awaits: bool) {
        if self.overflowed {
            return;
        }
        if let (Some(segment), Some(facts)) = (self.list.last_mut(), self.facts.last_mut()) {
            if let Some(Deferral::Direct(sites)) = &mut segment.deferral {
                if site.takes.iter().all(Take::is_a_move) {
                    if !site.takes.is_empty() {
                        facts.mentions.merge(&site.mentions);
                    }
                    sites.push(site);
                    return;
                }
            }
        }
        let (segment, facts) = self.last();
        if !site.takes.is_empty() {
            facts.mentions.merge(&site.mentions);
        }
        facts.awaits |= awaits;
        segment.deferral = Some(Deferral::Direct(vec![site]));
    }

    fn end(&mut self, deferral: Deferral) {
        if !self.overflowed {
            self.last().0.deferral = Some(deferral);
        }
    }

    /// Adds items that have been moved out of the next statement.
    fn items(&mut self, items: Vec<Code>) {
        if !items.is_empty() {
            self.last().0.code.extend(items);
        }
    }

    /// Adds a statement, and says to which segment.
    fn statement(&mut self, stmt: &Stmt, code: Vec<Code>, awaits: bool) -> usize {
        let (segment, facts) = self.last();
        segment.code.extend(code);
        facts.mentions.add(stmt.tokens.iter().cloned());
        facts.awaits |= awaits;
        self.list.len() - 1
    }

    /// The last segment ends with the frame.
    fn finish(mut self) -> Self {
        self.last();
        self
    }
}

/// Whether something is deferred in a guard of these arms. It is evaluated for each alternative of the pattern.
fn defers_in_a_guard(nodes: &[Node]) -> bool {
    let is_body = |node: &Node| matches!(node, Node::Block(block) if block.role == Role::Arm);
    let mut pairs = nodes.iter().zip(nodes.iter().skip(1));
    pairs.any(|(equals, arrow)| is_punct(equals, '=') && is_punct(arrow, '>'))
        && nodes.iter().any(|node| node.has_own_site() && !is_body(node))
}

fn is_punct(node: &Node, char: char) -> bool {
    matches!(node, Node::Token(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// Whether deferred statements stand on both sides of a `=`.
fn defers_on_both_sides(nodes: &[Node]) -> bool {
    let starts_with_let = matches!(nodes.first(), Some(Node::Token(TokenTree::Ident(word))) if word == "let");
    match nodes.iter().position(|node| is_punct(node, '=')) {
        Some(at) if !starts_with_let => {
            let (left, right) = nodes.split_at(at);
            left.iter().any(Node::has_own_site) && right.iter().any(Node::has_own_site)
        }
        _ => false,
    }
}

/// The first deferred statement in a statement.
fn stmt_keyword(stmt: &Stmt) -> Ident {
    fn find(nodes: &[Node]) -> Option<Ident> {
        nodes.iter().find_map(|node| match node {
            Node::Site(site) => Some(site.keyword.clone()),
            Node::Group(_, nodes) => find(nodes),
            Node::Jump(jump) => find(&jump.value),
            Node::Block(block) => block.stmts.iter().find_map(|stmt| find(&stmt.nodes)),
            _ => None,
        })
    }
    find(&stmt.nodes).unwrap_or_else(|| Ident::new("defer", Span::call_site()))
}

/// What is in a deferred block. Inner attributes must come first in their braces, where glue may be.
fn block_content(group: &Group) -> TokenStream {
    let mut tokens = group.stream().into_iter();
    let mut starts_with =
        |char| matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    if starts_with('#') && starts_with('!') { quote!(#group) } else { group.stream() }
}

/// The statements of which one is the value: several, if a `#[cfg]` chooses between them.
fn tails(stmts: &[Stmt]) -> &[Stmt] {
    let is_choice = |stmt: &&Stmt| stmt.is_value() && cfg_predicates(&stmt.attrs).next().is_some();
    let choices = stmts.iter().rev().take_while(is_choice).count();
    let count = choices.max(usize::from(stmts.last().is_some_and(Stmt::is_value)));
    &stmts[stmts.len() - count..]
}

/// Not the arguments in `if a { … } else { … }.map(f)`.
fn is_block(node: &Node) -> bool {
    match node {
        Node::Block(_) => true,
        Node::Token(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

fn starts_with_closure(nodes: &[Node]) -> bool {
    match nodes.first() {
        Some(Node::Frame(_)) => true,
        Some(Node::Token(TokenTree::Ident(word))) => word == "move",
        Some(Node::Token(TokenTree::Punct(bar))) => bar.as_char() == '|',
        _ => false,
    }
}

/// `let x: T = { … }; x`
struct Binding<'s> {
    stmt: &'s Stmt,
    name: &'s Ident,
    /// Up to the `=`.
    head: Vec<TokenTree>,
    is_unsafe: Option<&'s TokenTree>,
    block: &'s Block,
    /// The `x`, with its attributes.
    value: &'s Stmt,
}

impl<'s> Binding<'s> {
    /// The last two statements, if they are one, and something is deferred in it.
    fn at_the_end(stmts: &'s [Stmt]) -> Option<Self> {
        let [.., stmt, value] = stmts else { return None };
        let (StmtKind::Let { binds, init: true }, true) = (&stmt.kind, stmt.attrs.is_empty()) else {
            return None;
        };
        let ([name], [Node::Token(TokenTree::Ident(used))]) = (&binds[..], &value.nodes[value.attrs.len()..])
        else {
            return None;
        };
        let (head, is_unsafe, block) = match stmt.nodes.as_slice() {
            [head @ .., Node::Block(block), Node::Token(_)] if block.role == Role::Plain => {
                (head, None, block)
            }
            [head @ .., Node::Token(keyword), Node::Block(block), Node::Token(_)]
                if block.role == Role::Unsafe =>
            {
                (head, Some(keyword), block)
            }
            _ => return None,
        };
        let is_sign =
            |node: &Node| matches!(node, Node::Token(TokenTree::Punct(sign)) if sign.as_char() == '=');
        let is_plain_name =
            matches!(head.get(1), Some(Node::Token(TokenTree::Ident(first))) if first == name);
        let is_cfg = |token: &TokenTree| token.to_string().contains("cfg");
        let counts = name == used
            && is_plain_name
            && value.is_value()
            && head.last().is_some_and(is_sign)
            && block.label.is_none()
            && block.scope.is_none()
            && block.has_own_site()
            && !value.attrs.iter().any(is_cfg);
        let tokens = |node: &Node| match node {
            Node::Token(token) => Some(token.clone()),
            _ => None,
        };
        let head = head.iter().map(tokens).collect::<Option<_>>()?;
        counts.then_some(Self { stmt, name, head, is_unsafe, block, value })
    }
}

/// Where a deferred statement stands in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting {
    /// At the top level: what it takes is there until the frame's end.
    Direct,
    /// In an inner block: its record owns what it takes.
    Nested,
}

impl PlannedCall {
    fn empty() -> Self {
        Self { takes: Vec::new(), code: Vec::new() }
    }

    /// What does not parse goes through as it is, and rustc says what is wrong with it.
    fn raw(tokens: TokenStream) -> Self {
        Self { takes: Vec::new(), code: tokens.into_iter().map(Code::Token).collect() }
    }

    /// What is an error already must not cause others.
    fn unused(unused: Vec<Code>) -> Self {
        let mut code: Vec<Code> = quote::quote!(let _ =).into_iter().map(Code::Token).collect();
        code.extend(unused);
        code.extend(quote::quote!(;).into_iter().map(Code::Token));
        Self { takes: Vec::new(), code }
    }
}

/// The group as it was, if nothing in it has changed: its tokens keep the spans of both delimiters.
pub(super) fn regroup(group: &Group, code: Vec<Code>) -> Code {
    if code.iter().all(|code| matches!(code, Code::Token(_))) {
        Code::Token(group.clone().into())
    } else {
        Code::Group(group.clone(), code)
    }
}

impl Stmt {
    /// What it binds, if it is a `let`.
    pub(super) fn binds(&self) -> &[Ident] {
        match &self.kind {
            StmtKind::Let { binds, .. } => binds,
            _ => &[],
        }
    }

    /// Whether it is a `let` that binds one of the names.
    fn binds_any(&self, names: &[Ident]) -> bool {
        self.binds().iter().any(|bind| names.contains(bind))
    }
}

/// The words of a function, and how often each occurs.
#[derive(Default)]
pub(super) struct Words {
    counts: HashMap<String, usize>,
}

impl Words {
    pub(super) fn of(block: &Block) -> Self {
        let mut words = Self::default();
        if let Some(group) = &block.group {
            words.add(group.stream());
        }
        words
    }

    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Ident(word) => *self.counts.entry(Mentions::plain(&word)).or_default() += 1,
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    pub(super) fn count(&self, word: &str) -> usize {
        self.counts.get(word).copied().unwrap_or_default()
    }
}
