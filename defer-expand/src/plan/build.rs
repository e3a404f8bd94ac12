//! Outline to plan: every rule about what a deferred statement means is applied here.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{FnArg, Pat, ReturnType, Signature, Type, TypeParamBound};

use super::call::PlannedCall;
use super::mentions::Mentions;
use super::{Body, Code, Deferred, Form, Frame, Function, Hint, Named, Returns, Segment, Site, Slot, Taken};
use crate::errors::{self, Errors};
use crate::parse::call::{self, Other};
use crate::parse::outline::{self, Block, Node, Role, Stmt, StmtKind};
use crate::parse::{self, NamedResult, Options, statements};

/// How many segments one frame may have. Each is a closure in the one before, and rustc recurses on them.
const SEGMENTS: usize = 400;

/// Plans a function.
pub(crate) fn function(function: parse::Function, options: Options, errors: &mut Errors) -> Function {
    let signature = &function.signature;
    if let Some(asyncness) = &signature.asyncness {
        errors.push(errors::not_supported_yet("`async fn`", asyncness.span));
    }
    let mut planner = Planner::new(errors, options.result.as_ref());
    planner.cursors = cursors(signature);
    let body = planner.body(&function.body.stmts, function.body.close, Region::Function);
    let slot = match options.result {
        Some(NamedResult { pattern, initial }) => Some(Slot { named: Some(Named { pattern, initial }) }),
        None => planner.frame.recovers.then_some(Slot { named: None }),
    };
    let frame = Frame { returns: returns(&signature.output), slot, body, at: signature.ident.span() };
    Function { head: function.head, krate: options.krate, frame }
}

/// Where a piece of code stands, as far as its meaning depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// The body of the function.
    Function,
    /// A closure or async block in a body.
    Closure,
    /// A part of the call form that is evaluated now.
    Argument,
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
            Region::Argument => Region::Argument,
            Region::Callee => Region::CalleeBody,
            Region::Deferred | Region::CalleeBody | Region::DeferredClosure => Region::DeferredClosure,
        }
    }
}

/// What the planner has learned about the frame that it is in.
#[derive(Default)]
pub(super) struct FrameFacts {
    sites: usize,
    recovers: bool,
}

/// What the planner has learned about the deferred code that it is in.
#[derive(Default)]
struct DeferredFacts {
    tries: bool,
    recovers: bool,
    loops: usize,
    labels: Vec<String>,
}

pub(super) struct Planner<'e> {
    pub(super) errors: &'e mut Errors,
    /// The names that the attribute gives to the function's result,
    result: Vec<Ident>,
    /// and the pattern that they stand in.
    pattern: Option<TokenStream>,
    /// Parameters that are references, and that a body may move along: `mut buf: &mut [u8]`.
    cursors: Vec<Ident>,
    taken: usize,
    frame: FrameFacts,
    deferred: DeferredFacts,
}

impl<'e> Planner<'e> {
    fn new(errors: &'e mut Errors, named: Option<&NamedResult>) -> Self {
        let result = named.map(|named| parse::bindings(named.pattern.clone())).unwrap_or_default();
        Self {
            errors,
            result,
            pattern: named.map(|named| named.pattern.clone()),
            cursors: Vec::new(),
            taken: 0,
            frame: FrameFacts::default(),
            deferred: DeferredFacts::default(),
        }
    }

    /// A name for a value that is taken at a statement.
    pub(super) fn taken(&mut self, at: Span) -> Taken {
        let number = self.taken;
        self.taken += 1;
        Taken { number, at }
    }

    /// There is a `?` around a deferred call.
    pub(super) fn note_try(&mut self) {
        self.deferred.tries = true;
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

    /// The statements of a frame.
    fn body(&mut self, stmts: &[Stmt], close: Span, region: Region) -> Body {
        let steps = arrange(stmts);
        let mut segments = vec![Segment::default()];
        let mut mentioned = vec![Mentions::default()];
        // The first segment behind a `let` that takes the result's name for itself.
        let mut shadowed = usize::MAX;
        let last = stmts.last();
        for stmt in steps {
            let mut current = segments.len() - 1;
            if let Some(site) = stmt.site() {
                let site = self.site(site, &stmt.attrs, region);
                let fresh = segments[current].sites.is_empty();
                if !fresh && !site.takes.iter().all(super::Take::is_a_move) {
                    segments.push(Segment::default());
                    mentioned.push(Mentions::default());
                    current += 1;
                }
                mentioned[current].merge(&site.mentions);
                if segments.len() > SEGMENTS {
                    if segments.len() == SEGMENTS + 1 && fresh {
                        self.errors.push(errors::too_many_statements(&site.keyword, SEGMENTS));
                    }
                } else {
                    segments[current].sites.push(site);
                }
                continue;
            }
            if !segments[current].sites.is_empty() {
                segments.push(Segment::default());
                mentioned.push(Mentions::default());
                current += 1;
            }
            mentioned[current].add(stmt.tokens.iter().cloned());
            if stmt.binds_any(&self.result) {
                shadowed = shadowed.min(current + 1);
            }
            let is_tail = last.is_some_and(|last| std::ptr::eq(last, stmt)) && stmt.is_value();
            let code = if is_tail { self.tail(stmt, region) } else { self.nodes(&stmt.nodes, region) };
            segments[current].code.extend(code);
        }
        if segments.last().is_some_and(|segment| !segment.sites.is_empty()) {
            segments.push(Segment::default());
            mentioned.push(Mentions::default());
        }
        if region == Region::Function {
            for (at, segment) in segments.iter_mut().enumerate() {
                segment.binds_result =
                    at < shadowed && self.result.iter().any(|name| mentioned[at].has(name));
            }
            self.rebind_cursors(&mut segments, &mentioned);
        }
        Body { segments, close }
    }

    /// A reference that the rest of a function moves along (`buf = &mut buf[n..]`) must be owned by the rest: a
    /// closure that only borrows it could not store into it what is borrowed from it.
    fn rebind_cursors(&self, segments: &mut [Segment], mentioned: &[Mentions]) {
        let deferred = |cursor: &Ident| {
            let mut sites = segments.iter().flat_map(|segment| &segment.sites);
            sites.any(|site| site.mentions.has(cursor))
        };
        let cursors: Vec<Ident> = self.cursors.iter().filter(|cursor| !deferred(cursor)).cloned().collect();
        for (at, segment) in segments.iter_mut().enumerate().skip(1) {
            let used = |cursor: &&Ident| mentioned[at..].iter().any(|mentions| mentions.assigns(cursor));
            segment.rebinds = cursors.iter().filter(used).cloned().collect();
        }
    }

    /// The statement that gives a frame its value: a block there, or a branch of an `if`, ends when the frame does,
    /// so what is deferred in it needs no record.
    fn tail(&mut self, stmt: &Stmt, region: Region) -> Vec<Code> {
        let nodes = &stmt.nodes[stmt.attrs.len()..];
        let is_tail = match nodes {
            [Node::Block(block)] => block.role == Role::Plain && block.label.is_none(),
            [Node::Token(_), Node::Block(block)] if block.role == Role::Unsafe => true,
            [.., Node::Block(block)] => block.role == Role::Branch || block.role == Role::Arm,
            [.., Node::Token(TokenTree::Group(group))] => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        let mut code = Vec::new();
        for node in &stmt.nodes {
            match node {
                Node::Block(block)
                    if is_tail && block.scope.is_none() && block.is_tail() && block.has_site() =>
                {
                    code.push(Code::Body(self.body(&block.stmts, block.close, region)));
                }
                node => self.node(node, region, &mut code),
            }
        }
        code
    }

    /// A closure, or an async block.
    fn frame(&mut self, frame: &outline::Frame, region: Region, code: &mut Vec<Code>) {
        let region = region.closure();
        let result = std::mem::take(&mut self.result);
        let cursors = std::mem::take(&mut self.cursors);
        let outer = std::mem::take(&mut self.frame);
        let body = self.body(&frame.body.stmts, frame.body.close, region);
        let facts = std::mem::replace(&mut self.frame, outer);
        self.result = result;
        self.cursors = cursors;
        if facts.sites == 0 {
            code.extend(frame.head.iter().cloned().map(Code::Token));
            let inner: Vec<Code> = body.segments.into_iter().flat_map(|segment| segment.code).collect();
            match &frame.body.group {
                Some(group) => code.push(regroup(group, inner)),
                None => code.extend(inner),
            }
            return;
        }
        let at = frame.head.first().map_or(frame.body.close, TokenTree::span);
        if frame.is_async {
            self.errors.push(errors::not_supported_yet("a deferred statement in async code", at));
        }
        let returns = match &frame.output {
            Some(output) => written(output.clone()),
            None => Returns::Inferred,
        };
        let slot = facts.recovers.then_some(Slot { named: None });
        code.push(Code::Frame(frame.head.clone(), Box::new(Frame { returns, slot, body, at })));
    }

    // Sites.

    fn site(&mut self, site: &outline::Site, attrs: &[TokenTree], region: Region) -> Site {
        self.frame.sites += 1;
        // The deferred code is a frame of its own, but it sees the function's result.
        let outer = std::mem::take(&mut self.deferred);
        let frame = std::mem::take(&mut self.frame);
        let (form, takes, body) = self.form(site);
        let inner = std::mem::replace(&mut self.frame, frame);
        let facts = std::mem::replace(&mut self.deferred, outer);
        self.frame.recovers |= facts.recovers;
        let returns = if facts.tries { Returns::Attempt } else { Returns::Unit };
        let slot = inner.recovers.then_some(Slot { named: None });
        let mentions = Mentions::of(site.group.stream());
        let names_result = region == Region::Function && self.result.iter().any(|name| mentions.has(name));
        let result = if names_result { self.pattern.clone() } else { None };
        Site {
            when: site.when,
            form,
            path: site.path.clone(),
            keyword: site.keyword.clone(),
            attrs: attrs.to_vec(),
            conditional: is_conditional(attrs),
            takes,
            mentions,
            deferred: Deferred {
                frame: Frame { returns, slot, body, at: site.keyword.span() },
                recovers: facts.recovers,
                result,
            },
        }
    }

    fn form(&mut self, site: &outline::Site) -> (Form, Vec<super::Take>, Body) {
        let keyword = &site.keyword;
        let close = site.group.span_close();
        let tokens = site.group.stream();
        let PlannedCall { takes, code } = match call::form(&site.group) {
            call::Form::Block(group) => {
                let body = self.body(&statements(group.stream()), group.span_close(), Region::Deferred);
                return (Form::Block, Vec::new(), body);
            }
            call::Form::Call(call) => self.call(site, call),
            call::Form::Print { path, group } => self.print(path, group),
            call::Form::Empty => {
                self.errors.push(errors::empty(keyword));
                PlannedCall::empty()
            }
            call::Form::Other(other) => {
                self.errors.push(match other {
                    Other::Macro(name) => errors::macro_in_call_form(keyword, &name, &tokens),
                    Other::Closure => errors::closure_not_called(keyword, &tokens),
                    Other::Expr => errors::not_a_call(keyword, &tokens),
                });
                PlannedCall::unused(tokens)
            }
            call::Form::Unparsable => PlannedCall::raw(tokens),
        };
        let segment = Segment { code, ..Segment::default() };
        (Form::Call, takes, Body { segments: vec![segment], close })
    }

    // Code.

    pub(super) fn nodes(&mut self, nodes: &[Node], region: Region) -> Vec<Code> {
        let mut code = Vec::new();
        for node in nodes {
            self.node(node, region, &mut code);
        }
        code
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
                self.frame.sites += 1;
                self.errors.push(errors::not_supported_yet(
                    "a deferred statement in an inner block or expression",
                    site.keyword.span(),
                ));
                let path = site.path.iter().cloned().map(Code::Token);
                code.extend(path);
                code.push(Code::Token(site.group.clone().into()));
            }
            Node::Macro(invocation) => {
                let inner = self.nodes(&invocation.nodes, region);
                code.extend(invocation.path.iter().cloned().map(Code::Token));
                code.push(regroup(&invocation.group, inner));
            }
            Node::Recover(recover) => self.recover(recover, region, code),
            Node::Try(mark) => {
                self.deferred.tries |= region == Region::Deferred;
                code.push(Code::Token(mark.clone()));
            }
            Node::Await(word) => code.push(Code::Token(word.clone().into())),
            Node::Jump(jump) => self.jump(jump, region, code),
            Node::StrayScope(span) => self.errors.push(errors::stray_scope(*span)),
        }
    }

    /// A block that is not a frame.
    fn block(&mut self, block: &Block, region: Region, code: &mut Vec<Code>) {
        if let Some(span) = block.scope {
            self.errors.push(errors::not_supported_yet("`#[defer_scope]`", span));
        }
        let is_loop = usize::from(block.role == Role::Loop);
        self.deferred.loops += is_loop;
        let labels = self.deferred.labels.len();
        self.deferred.labels.extend(block.label.iter().map(ToString::to_string));
        let inner: Vec<Code> = block.stmts.iter().flat_map(|stmt| self.nodes(&stmt.nodes, region)).collect();
        self.deferred.labels.truncate(labels);
        self.deferred.loops -= is_loop;
        match &block.group {
            Some(group) => code.push(regroup(group, inner)),
            None => code.extend(inner),
        }
    }

    fn recover(&mut self, recover: &outline::Recover, region: Region, code: &mut Vec<Code>) {
        match region {
            Region::Deferred | Region::Callee | Region::CalleeBody => {
                if !recover.group.stream().is_empty() {
                    self.errors.push(errors::recover_with_arguments(&recover.group.stream()));
                }
                self.deferred.recovers = true;
                code.push(Code::Recover(recover.path.clone(), recover.keyword.clone()));
                return;
            }
            Region::Argument => self.errors.push(errors::recover_in_argument(&recover.keyword)),
            Region::DeferredClosure => self.errors.push(errors::recover_in_frame(&recover.keyword)),
            // The macro itself says that it is in the wrong place.
            Region::Function | Region::Closure => {
                code.extend(recover.path.iter().cloned().map(Code::Token));
                code.push(Code::Token(recover.group.clone().into()));
                return;
            }
        }
        code.push(Code::Recover(recover.path.clone(), recover.keyword.clone()));
    }

    fn jump(&mut self, jump: &outline::Jump, region: Region, code: &mut Vec<Code>) {
        let value = self.nodes(&jump.value, region);
        let is_return = jump.keyword == "return";
        match region {
            Region::Deferred if is_return => {
                if !value.is_empty() {
                    self.errors.push(errors::return_value(&jump.keyword));
                }
                code.push(Code::Done(jump.keyword.clone()));
                return;
            }
            Region::Deferred => {
                let label = jump.label.as_ref().map(|(_, name)| name);
                let stays = match label {
                    Some(label) => self.deferred.labels.iter().any(|inside| label == inside),
                    None => self.deferred.loops > 0,
                };
                if !stays {
                    self.errors.push(errors::leaves_deferred(&jump.keyword, label));
                    code.push(Code::Done(jump.keyword.clone()));
                    return;
                }
            }
            Region::Function if is_return && value.is_empty() && !self.result.is_empty() => {
                code.push(Code::ReturnResult(jump.keyword.clone()));
                return;
            }
            _ => {}
        }
        code.push(Code::Token(jump.keyword.clone().into()));
        if let Some((quote, name)) = &jump.label {
            code.push(Code::Token(quote.clone()));
            code.push(Code::Token(name.clone().into()));
        }
        code.extend(value);
    }
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
    fn unused(tokens: TokenStream) -> Self {
        let mut code: Vec<TokenTree> = quote::quote!(let _ =).into_iter().collect();
        code.extend(tokens);
        code.extend(quote::quote!(;));
        Self { takes: Vec::new(), code: code.into_iter().map(Code::Token).collect() }
    }
}

/// The group as it was, if nothing in it has changed: its tokens keep the spans of both delimiters.
fn regroup(group: &Group, code: Vec<Code>) -> Code {
    if code.iter().all(|code| matches!(code, Code::Token(_))) {
        Code::Token(group.clone().into())
    } else {
        Code::Group(group.clone(), code)
    }
}

impl Stmt {
    /// Whether it is a `let` that binds one of the names.
    fn binds_any(&self, names: &[Ident]) -> bool {
        match &self.kind {
            StmtKind::Let { binds, .. } => binds.iter().any(|bind| names.contains(bind)),
            _ => false,
        }
    }
}

impl Block {
    /// A block that ends a frame when it stands at its end.
    fn is_tail(&self) -> bool {
        self.label.is_none() && matches!(self.role, Role::Plain | Role::Unsafe | Role::Branch)
    }
}

/// `#[cfg]`, so that the statement may not be there.
fn is_conditional(attrs: &[TokenTree]) -> bool {
    attrs.iter().any(|token| match token {
        TokenTree::Group(group) => matches!(group.stream().into_iter().next(),
            Some(TokenTree::Ident(word)) if word == "cfg" || word == "cfg_attr"),
        _ => false,
    })
}

/// Brings statements into the order in which they are lowered, where a guard comes between them: items that stand
/// behind a deferred statement stay visible before it, and a `let x;` that is assigned behind it moves there.
fn arrange(stmts: &[Stmt]) -> Vec<&Stmt> {
    let Some(first) = stmts.iter().position(|stmt| stmt.site().is_some()) else {
        return stmts.iter().collect();
    };
    let (before, after) = stmts.split_at(first);
    // Behind a `macro_rules!` an item may use it.
    let fence = after
        .iter()
        .position(|stmt| matches!(stmt.kind, StmtKind::Item { macro_rules: true }))
        .unwrap_or(after.len());
    let is_hoisted = |at: usize, stmt: &Stmt| at < fence && matches!(stmt.kind, StmtKind::Item { .. });
    let hoisted = after.iter().enumerate().filter(|(at, stmt)| is_hoisted(*at, stmt)).map(|(_, stmt)| stmt);
    let rest = after.iter().enumerate().filter(|(at, stmt)| !is_hoisted(*at, stmt)).map(|(_, stmt)| stmt);
    let mut order: Vec<&Stmt> = before.iter().chain(hoisted).chain(rest).collect();
    for stmt in stmts {
        if let StmtKind::Let { binds, init: false } = &stmt.kind {
            sink(&mut order, stmt, binds);
        }
    }
    order
}

/// Moves a `let x;` in front of the first statement that mentions `x`, if a site stands between.
fn sink<'s>(order: &mut Vec<&'s Stmt>, stmt: &'s Stmt, binds: &[Ident]) {
    let Some(from) = order.iter().position(|other| std::ptr::eq(*other, stmt)) else { return };
    let rest = &order[from + 1..];
    let names = |other: &Stmt| {
        // An item sees no variables.
        if matches!(other.kind, StmtKind::Item { macro_rules: false }) {
            return false;
        }
        let mentions = Mentions::of(other.tokens.iter().cloned());
        binds.iter().any(|name| mentions.has(name))
    };
    let used = rest.iter().position(|other| names(other)).unwrap_or(0);
    if rest[..used].iter().any(|other| other.site().is_some()) {
        order.remove(from);
        order.insert(from + used, stmt);
    }
}

// Signatures.

/// Parameters that are `mut` references.
fn cursors(signature: &Signature) -> Vec<Ident> {
    let cursor = |arg: &FnArg| match arg {
        FnArg::Typed(arg) => match (&*arg.pat, &*arg.ty) {
            (Pat::Ident(name), Type::Reference(_)) if name.mutability.is_some() => Some(name.ident.clone()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    signature.inputs.iter().filter_map(cursor).collect()
}

fn returns(output: &ReturnType) -> Returns {
    match output {
        ReturnType::Default => Returns::Written(quote::quote!(())),
        ReturnType::Type(_, ty) => written(ty.to_token_stream()),
    }
}

/// A written return type. `impl Trait` cannot stand in a closure's, and is inferred.
fn written(output: TokenStream) -> Returns {
    if !Mentions::of(output.clone()).has("impl") {
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
            *ty = syn::parse_quote!(_);
        } else {
            syn::visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// The hint of `impl Fn(…) -> …`. Leaves other types as they are.
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
    let mut generalise = Generalise { args: Vec::new(), params: Vec::new() };
    generalise.visit_trait_bound_mut(bound);
    let Generalise { args, params } = generalise;
    Some(Hint { bound: bound.to_token_stream(), params, args })
}

/// Puts a type parameter in place of each type that names no lifetime: a local `fn` cannot name the generics of the
/// function around it.
struct Generalise {
    args: Vec<TokenStream>,
    params: Vec<Ident>,
}

impl VisitMut for Generalise {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(path) if !names_lifetime(path.to_token_stream()) => {
                let param = quote::format_ident!("T{}", self.params.len(), span = Span::mixed_site());
                self.args.push(path.to_token_stream());
                self.params.push(param.clone());
                *ty = syn::parse_quote!(#param);
            }
            ty => syn::visit_mut::visit_type_mut(self, ty),
        }
    }
}

fn names_lifetime(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'' || punct.as_char() == '&',
        TokenTree::Group(group) => names_lifetime(group.stream()),
        _ => false,
    })
}
