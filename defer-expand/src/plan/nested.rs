//! Deferred statements in inner blocks.
//!
//! Execution may reach them or not, once or many times, so each time it does it puts a **record** into a **store**; the
//! deferred code stands once, behind the guard. A record owns the values that were taken, and those variables of inner
//! blocks that the deferred code names. Such a variable stays usable in its block, and passes to the record when the
//! block is left, in whatever way; statements that share it share the record: it belongs to the **turn** of the block.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::build::{Nesting, Planner, Region, arrange, regroup};
use super::mentions::Mentions;
use super::variables::wanted;
use super::{Code, Exit, Owned, Rest, Root, RootId, RootKind, Scope, Shape, Site, Store, StoreId};
use crate::errors;
use crate::parse::outline::{self, Block, Jump, Role, Stmt, StmtKind};

/// Where records go: the stores of a top-level statement, of a turn or of a scope, from first to last.
#[derive(Default)]
pub(super) struct Home {
    pub(super) stores: Vec<StoreId>,
    /// How many loops of it the code is in,
    loops: usize,
    /// and the stack that all of them share, so that their records run in the reverse of the order of their making.
    stack: Option<StoreId>,
}

impl Home {
    pub(super) fn enter_loop(&mut self) {
        self.loops += 1;
    }

    pub(super) fn leave_loop(&mut self) {
        self.loops -= 1;
        if self.loops == 0 {
            self.stack = None;
        }
    }
}

/// A loop or labelled block that a jump can be for.
pub(super) struct Target {
    label: Option<String>,
    is_loop: bool,
}

/// What the planner learns about the rest of a block.
pub(super) struct RestFacts {
    /// How many targets are outside of it.
    outside: usize,
    /// The jumps that leave it.
    exits: Vec<LeavingJump>,
}

struct LeavingJump {
    keyword: Ident,
    label: Option<(TokenTree, Ident)>,
    has_value: bool,
}

/// The block that statements belong to.
#[derive(Clone, Copy)]
struct Place {
    close: Span,
    /// It never comes to its end.
    diverges: bool,
    region: Region,
}

impl Planner<'_> {
    /// A block that is not a frame.
    pub(super) fn block(&mut self, block: &Block, region: Region, code: &mut Vec<Code>) {
        let is_loop = block.role == Role::Loop;
        let is_target = is_loop || block.label.is_some();
        if is_target {
            let label = block.label.as_ref().map(Mentions::plain);
            self.cx.targets.push(Target { label, is_loop });
        }
        let stmts: Vec<&Stmt> =
            if block.has_own_site() { arrange(&block.stmts) } else { block.stmts.iter().collect() };
        let place = Place { close: block.close, diverges: block.role == Role::LetElse, region };
        let inner = self.under_cfg(&block.attrs, |planner| match block.scope {
            Some(at) => {
                planner.cx.sites += 1;
                planner.scope(&stmts, at, place)
            }
            None => {
                if is_loop {
                    planner.cx.home.enter_loop();
                }
                let inner = planner.rest_of_block(&stmts, block.binds.clone(), place);
                if is_loop {
                    planner.cx.home.leave_loop();
                }
                inner
            }
        });
        if is_target {
            self.cx.targets.pop();
        }
        code.push(match &block.group {
            None => Code::Braces(block.close, inner),
            Some(group) => match regroup(group, inner) {
                Code::Group(group, inner) if matches!(block.role, Role::Branch | Role::Arm) => {
                    Code::Branch(group, inner)
                }
                code => code,
            },
        });
    }

    /// Statements of an inner block; `declared` are the variables of the block that stand before them.
    fn rest_of_block(&mut self, stmts: &[&Stmt], mut declared: Vec<Ident>, place: Place) -> Vec<Code> {
        let mut code = Vec::new();
        for (at, stmt) in stmts.iter().enumerate() {
            let owns = if stmt.has_own_site() { owned(stmt, &declared) } else { Vec::new() };
            // Behind a deferred statement at the end nothing uses the variables.
            let ends_with_site = at + 1 == stmts.len() && stmt.site().is_some();
            if !owns.is_empty() && !ends_with_site {
                code.push(self.turn(&stmts[at..], owns, place));
                return code;
            }
            code.extend(self.statement(stmt, owns, place.region));
            if let StmtKind::Let { binds, .. } = &stmt.kind {
                declared.retain(|name| !binds.contains(name));
                declared.extend(binds.iter().cloned());
            }
        }
        code
    }

    fn statement(&mut self, stmt: &Stmt, owns: Vec<Owned>, region: Region) -> Vec<Code> {
        self.under_cfg(&stmt.attrs, |planner| match stmt.site() {
            Some(site) => vec![planner.nested_site(site, &stmt.attrs, owns, region)],
            None => planner.nodes(&stmt.nodes, region),
        })
    }

    /// Plans code that stands behind attributes.
    pub(super) fn under_cfg<T>(&mut self, attrs: &[TokenTree], plan: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.cx.cfg.len();
        self.cx.cfg.extend(cfg_predicates(attrs));
        let planned = plan(self);
        self.cx.cfg.truncate(outer);
        planned
    }

    /// A deferred statement in an inner block or expression.
    pub(super) fn nested_site(
        &mut self,
        site: &outline::Site,
        attrs: &[TokenTree],
        owns: Vec<Owned>,
        region: Region,
    ) -> Code {
        let root = self.root(site.keyword.span());
        let site = self.site(site, attrs, Nesting::Nested, region);
        self.fill(root, owns, RootKind::Site(Box::new(site)));
        Code::Site(root)
    }

    /// The rest of a block, with variables that deferred statements in it need.
    fn turn(&mut self, stmts: &[&Stmt], owns: Vec<Owned>, place: Place) -> Code {
        let at = owns.first().map_or(place.close, |owned| owned.at);
        let root = self.root(at);
        let (rest, stores) = self.rest(at, place, |planner| planner.rest_of_block(stmts, Vec::new(), place));
        self.fill(root, owns, RootKind::Turn(stores));
        Code::Turn(root, Box::new(rest))
    }

    /// Statements of a block, or of the body of a loop, with `#[defer_scope]`.
    ///
    /// What stands before a deferred statement is still there when that runs, as in a frame: so the rest of the scope
    /// behind the next one is a scope of its own.
    fn scope(&mut self, stmts: &[&Stmt], at: Span, place: Place) -> Vec<Code> {
        let Place { region, .. } = place;
        let defers = |stmt: &&Stmt| stmt.has_own_site();
        let first = stmts.iter().position(defers).unwrap_or(stmts.len());
        let (before, stmts) = stmts.split_at(first);
        let mut code: Vec<Code> =
            before.iter().flat_map(|stmt| self.statement(stmt, Vec::new(), region)).collect();
        if stmts.is_empty() {
            return code;
        }
        let neighbours = stmts.iter().position(|stmt| !defers(stmt)).unwrap_or(stmts.len());
        let (neighbours, after) = stmts.split_at(neighbours);
        let outer = std::mem::take(&mut self.cx.recovers);
        let (mut rest, stores) = self.rest(at, place, |planner| {
            let mut code: Vec<Code> =
                neighbours.iter().flat_map(|stmt| planner.statement(stmt, Vec::new(), region)).collect();
            let recovers = std::mem::take(&mut planner.cx.recovers);
            code.extend(planner.scope(after, at, place));
            planner.cx.recovers = recovers;
            code
        });
        let recovers = std::mem::replace(&mut self.cx.recovers, outer);
        let mentions = Mentions::of(stmts.iter().flat_map(|stmt| stmt.tokens.iter().cloned()));
        rest.is_watched =
            self.sites_in(&stores).iter().any(|site| mentions.assigns_any(&site.mentions_at_exit));
        let sees_result = region == Region::Function && self.cx.names_result();
        self.cx.lends_result |= sees_result;
        code.push(Code::Scope(Box::new(Scope { rest, stores, recovers, sees_result })));
        code
    }

    /// Statements that are run so that one can tell how they were left, and the stores that they fill.
    fn rest(
        &mut self,
        at: Span,
        place: Place,
        plan: impl FnOnce(&mut Self) -> Vec<Code>,
    ) -> (Rest, Vec<StoreId>) {
        let home = std::mem::take(&mut self.cx.home);
        self.cx.rests.push(RestFacts { outside: self.cx.targets.len(), exits: Vec::new() });
        let code = plan(self);
        let exits = self.cx.rests.pop().map(|rest| rest.exits).unwrap_or_default();
        let home = std::mem::replace(&mut self.cx.home, home);
        let exits = exits
            .into_iter()
            .map(|LeavingJump { keyword, label, has_value }| {
                let value = has_value.then(|| vec![Code::Carried(keyword.span())]);
                let mut jump = Vec::new();
                let is_return = keyword == "return";
                if is_return {
                    self.return_result(&keyword, &mut jump);
                } else {
                    self.leave(&keyword, label.as_ref(), value, &mut jump);
                }
                Exit { has_value, is_return, jump }
            })
            .collect();
        let Place { close, diverges, .. } = place;
        (Rest { code, close, exits, diverges, is_watched: false, at }, home.stores)
    }

    /// A place for a kind of records.
    fn root(&mut self, at: Span) -> RootId {
        let shape = if self.cx.home.loops > 0 { Shape::Stack } else { Shape::Slot };
        let shared = self.cx.home.stack.filter(|_| shape == Shape::Stack);
        let store = shared.unwrap_or_else(|| {
            let store = StoreId(self.stores.len());
            self.stores.push(Store { shape, roots: Vec::new(), at });
            self.cx.home.stores.push(store);
            if shape == Shape::Stack {
                self.cx.home.stack = Some(store);
            }
            store
        });
        let cfg = match self.cx.cfg.as_slice() {
            [] => None,
            [predicate] => Some(predicate.clone()),
            predicates => Some(quote!(all(#(#predicates),*))),
        };
        let roots = &mut self.stores[store.0].roots;
        roots.push(Root { owns: Vec::new(), kind: RootKind::Planned, cfg });
        RootId { store, root: roots.len() - 1 }
    }

    /// The sites whose records end up in some stores.
    pub(super) fn sites_in(&self, stores: &[StoreId]) -> Vec<&Site> {
        let roots = stores.iter().flat_map(|id| &self.stores[id.0].roots);
        roots
            .flat_map(|root| match &root.kind {
                RootKind::Site(site) => vec![&**site],
                RootKind::Turn(stores) => self.sites_in(stores),
                RootKind::Planned => Vec::new(),
            })
            .collect()
    }

    fn fill(&mut self, RootId { store, root }: RootId, owns: Vec<Owned>, kind: RootKind) {
        let root = &mut self.stores[store.0].roots[root];
        root.owns = owns;
        root.kind = kind;
    }

    // Jumps.

    pub(super) fn jump(&mut self, jump: &Jump, region: Region, code: &mut Vec<Code>) {
        let value = self.nodes(&jump.value, region);
        let keyword = &jump.keyword;
        if keyword == "return" {
            match region {
                Region::Deferred => {
                    if !value.is_empty() {
                        self.errors.push(errors::return_value(keyword));
                    }
                    code.push(Code::Done(keyword.clone()));
                }
                Region::Function if value.is_empty() && self.cx.names_result() => {
                    self.return_result(keyword, code);
                }
                _ => {
                    code.push(Code::Token(keyword.clone().into()));
                    code.extend(value);
                }
            }
            return;
        }
        let label = jump.label.as_ref();
        if region == Region::Deferred && self.target(label.map(|(_, name)| name)).is_none() {
            self.errors.push(errors::leaves_deferred(keyword, label.map(|(_, name)| name)));
            code.push(Code::Done(keyword.clone()));
            return;
        }
        let value = (!value.is_empty()).then_some(value);
        self.leave(keyword, label, value, code);
    }

    /// `return;` in a function with a named result. The rest of a block may hold the result and so cannot use the slot,
    /// but what surrounds it can.
    fn return_result(&mut self, keyword: &Ident, code: &mut Vec<Code>) {
        match self.cx.rests.last_mut() {
            Some(rest) => {
                let exit = rest.exit(keyword, None, false);
                code.push(Code::Leave { keyword: keyword.clone(), exit, value: None });
            }
            None => code.push(Code::ReturnResult(keyword.clone())),
        }
    }

    /// A `break` or `continue`. One that leaves the rest of a block first says so to what surrounds the rest.
    fn leave(
        &mut self,
        keyword: &Ident,
        label: Option<&(TokenTree, Ident)>,
        value: Option<Vec<Code>>,
        code: &mut Vec<Code>,
    ) {
        let target = self.target(label.map(|(_, name)| name));
        if let (Some(rest), Some(target)) = (self.cx.rests.last_mut(), target) {
            if target < rest.outside {
                let exit = rest.exit(keyword, label, value.is_some());
                code.push(Code::Leave { keyword: keyword.clone(), exit, value });
                return;
            }
        }
        code.push(Code::Token(keyword.clone().into()));
        if let Some((quote, name)) = label {
            code.push(Code::Token(quote.clone()));
            code.push(Code::Token(name.clone().into()));
        }
        code.extend(value.into_iter().flatten());
    }

    /// What a jump is for, as far as the frame knows.
    fn target(&self, label: Option<&Ident>) -> Option<usize> {
        let label = label.map(Mentions::plain);
        self.cx.targets.iter().rposition(|target| match &label {
            Some(label) => target.label.as_ref() == Some(label),
            None => target.is_loop,
        })
    }
}

impl RestFacts {
    /// The number of a jump that leaves the rest.
    fn exit(&mut self, keyword: &Ident, label: Option<&(TokenTree, Ident)>, has_value: bool) -> usize {
        let name = |label: Option<&(TokenTree, Ident)>| label.map(|(_, name)| Mentions::plain(name));
        let same = |exit: &LeavingJump| {
            exit.keyword == *keyword
                && name(exit.label.as_ref()) == name(label)
                && exit.has_value == has_value
        };
        self.exits.iter().position(same).unwrap_or_else(|| {
            let (keyword, label) = (keyword.clone(), label.cloned());
            self.exits.push(LeavingJump { keyword, label, has_value });
            self.exits.len() - 1
        })
    }
}

/// The variables among those declared that the deferred statements in a statement need.
fn owned(stmt: &Stmt, declared: &[Ident]) -> Vec<Owned> {
    if declared.is_empty() {
        return Vec::new();
    }
    let wanted = wanted(stmt);
    let mut owns: Vec<Owned> = Vec::new();
    for name in declared {
        let plain = Mentions::plain(name);
        if let Some(wanted) = wanted.iter().find(|wanted| wanted.name == plain) {
            owns.retain(|owned| Mentions::plain(&owned.name) != plain);
            owns.push(Owned { name: name.clone(), at: wanted.at });
        }
    }
    owns
}

/// The predicates of the `#[cfg]`s among attributes.
fn cfg_predicates(attrs: &[TokenTree]) -> impl Iterator<Item = TokenStream> + '_ {
    attrs.iter().filter_map(|token| {
        let TokenTree::Group(attribute) = token else { return None };
        let mut tokens = attribute.stream().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(word)), Some(TokenTree::Group(predicate))) if word == "cfg" => {
                Some(predicate.stream())
            }
            _ => None,
        }
    })
}
