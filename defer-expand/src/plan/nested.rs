//! Deferred statements in inner blocks.
//!
//! Execution may reach them or not, once or many times, so each time it does it puts a **record** into a **store**; the
//! deferred code stands once, behind the guard. A record owns the values that were taken, and those variables of inner
//! blocks that the deferred code names. Such a variable stays usable in its block, and passes to the record when the
//! block is left, in whatever way; statements that share it share the record: it belongs to the **turn** of the block.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use super::build::{Nesting, Planner, Region, Words, regroup};
use super::mentions::Mentions;
use super::order::{Step, arrange};
use super::variables::{self, item_names, wanted};
use super::{
    Attributes, Awaits, Code, Exit, Owned, Rest, Root, RootId, RootKind, Scope, Shape, Site, Store, StoreId,
};
use crate::errors;
use crate::parse::outline::{self, Block, Jump, Node, Role, Stmt, StmtKind};

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
    /// How many `unsafe` blocks are.
    unsafes: usize,
    /// The names that it declares, or that pass to deferred code behind it; `None` if a value must be made in it.
    inside: Option<HashSet<String>>,
    /// The jumps that leave it.
    exits: Vec<LeavingJump>,
    /// A scope in it is lent the named result.
    lends_result: bool,
}

struct LeavingJump {
    keyword: Ident,
    label: Option<(TokenTree, Ident)>,
    has_value: bool,
    /// The jump itself, if its value is made behind the rest.
    later: Option<Jump>,
}

/// The block that statements belong to.
#[derive(Clone, Copy)]
struct Place {
    /// Which block of the frame it is.
    number: usize,
    close: Span,
    /// It never comes to its end.
    diverges: bool,
    /// The loop whose body it is: to come to its end is to go on with the next turn.
    loop_body: Option<usize>,
    /// Its value is that of the frame.
    is_value: bool,
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
        let is_unsafe = usize::from(block.role == Role::Unsafe);
        self.cx.unsafes += is_unsafe;
        let never_ends = block.stmts.last().is_some_and(Stmt::never_ends);
        let diverges = block.role == Role::LetElse || never_ends;
        let loop_body = if is_loop { self.cx.targets.len().checked_sub(1) } else { None };
        let is_value = self.values.contains(&std::ptr::from_ref(block));
        self.cx.blocks += 1;
        let place =
            Place { number: self.cx.blocks, close: block.close, diverges, loop_body, is_value, region };
        let hidden = self.cx.hidden.len();
        self.hide(&block.binds);
        let steps = arrange(&block.stmts);
        let inner = self.under_cfg(&block.attrs, |planner| match block.scope {
            Some(at) if !planner.cx.is_dead => {
                planner.cx.sites += 1;
                planner.scope(&steps, at, place)
            }
            _ => {
                if is_loop {
                    planner.cx.home.enter_loop();
                }
                let inner = planner.rest_of_block(&steps, block.binds.clone(), place);
                if is_loop {
                    planner.cx.home.leave_loop();
                }
                inner
            }
        });
        self.cx.hidden.truncate(hidden);
        self.cx.unsafes -= is_unsafe;
        if is_target {
            self.cx.targets.pop();
        }
        code.push(match &block.group {
            None => Code::Braces(block.close, inner),
            // The attribute goes, if nothing is deferred in the block.
            Some(group) if block.scope.is_some() => Code::Group(group.clone(), inner),
            Some(group) => match regroup(group, inner) {
                Code::Group(group, inner) if matches!(block.role, Role::Branch | Role::Arm) => {
                    Code::Branch(group, inner)
                }
                code => code,
            },
        });
    }

    /// Statements of an inner block; `declared` are the variables of the block that stand before them.
    fn rest_of_block(&mut self, steps: &[Step], mut declared: Vec<Ident>, place: Place) -> Vec<Code> {
        let mut code = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let stmt = step.stmt;
            let is_owner = stmt.has_own_site() && !self.cx.is_dead;
            let owns = if is_owner { self.owned(stmt, &declared) } else { Vec::new() };
            // Behind a deferred statement at the end nothing uses the variables.
            let ends_with_site = at + 1 == steps.len() && stmt.site().is_some();
            if !owns.is_empty() && !ends_with_site {
                declared.retain(|name| !owns.iter().any(|owned| owned.name == *name));
                code.push(self.turn(&steps[at..], owns, declared, place));
                return code;
            }
            for stmt in &step.late {
                code.extend(self.statement(stmt, Vec::new(), place.region));
            }
            code.extend(self.statement(stmt, owns, place.region));
            for stmt in step.stmts() {
                if let StmtKind::Let { binds, .. } = &stmt.kind {
                    declared.retain(|name| !binds.contains(name));
                    declared.extend(binds.iter().cloned());
                }
            }
        }
        code
    }

    fn statement(&mut self, stmt: &Stmt, owns: Vec<Owned>, region: Region) -> Vec<Code> {
        if self.hoisted.contains(&std::ptr::from_ref(stmt)) {
            return Vec::new();
        }
        let code = self.under_cfg(&stmt.attrs, |planner| match stmt.site() {
            Some(site) => {
                let at = site.at();
                vec![planner.nested_site(site, &stmt.attrs, owns, region), Code::Semi(at)]
            }
            None => planner.nodes(&stmt.nodes, region),
        });
        self.hide(stmt.binds());
        code
    }

    /// The variables among those declared that the deferred statements in a statement need.
    fn owned(&self, stmt: &Stmt, declared: &[Ident]) -> Vec<Owned> {
        if declared.is_empty() {
            return Vec::new();
        }
        let wanted = wanted(stmt);
        let mut owns: Vec<Owned> = Vec::new();
        for name in declared {
            let plain = Mentions::plain(name);
            if let Some(wanted) = wanted.iter().find(|wanted| wanted.name == plain) {
                owns.retain(|owned| Mentions::plain(&owned.name) != plain);
                let is_mut = self.variables.is_mut(name);
                owns.push(Owned { name: name.clone(), at: wanted.at, is_mut });
            }
        }
        owns
    }

    /// Moves the items of inner blocks of a statement out of it that deferred code in the block names, because that code
    /// runs outside of the block. They move only if their names mean nothing else in the function.
    pub(super) fn hoist(&mut self, stmt: &Stmt, region: Region) -> Vec<Code> {
        if stmt.site().is_some() || self.cx.is_dead {
            return Vec::new();
        }
        let mut items = Vec::new();
        self.find_hoistable(&stmt.nodes, &under(&TokenStream::new(), &stmt.attrs), &mut items);
        items
            .into_iter()
            .flat_map(|(cfg, item)| {
                let mut code: Vec<Code> = cfg.into_iter().map(Code::Token).collect();
                code.extend(self.nodes(&item.nodes, region));
                self.hoisted.insert(std::ptr::from_ref(item));
                code
            })
            .collect()
    }

    /// The items, and the `#[cfg]`s of what is around them.
    fn find_hoistable<'s>(
        &self,
        nodes: &'s [Node],
        cfg: &TokenStream,
        items: &mut Vec<(TokenStream, &'s Stmt)>,
    ) {
        for node in nodes {
            match node {
                Node::Group(_, nodes) => self.find_hoistable(nodes, cfg, items),
                Node::Jump(jump) => self.find_hoistable(&jump.value, cfg, items),
                Node::Block(block) if block.scope.is_none() && block.has_own_site() => {
                    let cfg = under(cfg, &block.attrs);
                    if self.may_hoist(block) {
                        let moved = block.stmts.iter().filter(|stmt| is_item(stmt));
                        items.extend(moved.map(|item| (cfg.clone(), item)));
                    }
                    for stmt in &block.stmts {
                        self.find_hoistable(&stmt.nodes, &under(&cfg, &stmt.attrs), items);
                    }
                }
                _ => {}
            }
        }
    }

    fn may_hoist(&self, block: &Block) -> bool {
        let names: Vec<String> =
            block.stmts.iter().filter(|stmt| is_item(stmt)).flat_map(item_names).collect();
        let here = Words::of(block);
        let mut deferred = Mentions::default();
        for stmt in &block.stmts {
            mention_sites(&stmt.nodes, &mut deferred);
        }
        names.iter().any(|name| deferred.has_word(name))
            && names.iter().all(|name| name != "*" && here.count(name) == self.words.count(name))
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
        if self.cx.is_dead {
            return dead(site, false);
        }
        let root = self.root(site.at());
        let site = self.site(site, attrs, Nesting::Nested, region);
        self.fill(root, owns, RootKind::Site(Box::new(site)));
        Code::Site(root)
    }

    /// The rest of a block, with variables that deferred statements in it need.
    fn turn(&mut self, steps: &[Step], owns: Vec<Owned>, declared: Vec<Ident>, place: Place) -> Code {
        let at = owns.first().map_or(place.close, |owned| owned.at);
        let root = self.root(at);
        let tokens = steps.iter().flat_map(Step::stmts).map(|stmt| stmt.tokens.iter().cloned().collect());
        let mut inside = variables::declared(tokens);
        inside.extend(owns.iter().map(|owned| Mentions::plain(&owned.name)));
        let is_carried = |name: &Ident| {
            !place.diverges && !inside.contains(&Mentions::plain(name)) && self.variables.may_be_carried(name)
        };
        let flow = Flow::of(steps);
        let mut carries: Vec<Ident> = Vec::new();
        for name in flow.assigned.into_iter().filter(is_carried) {
            let moves = flow.moved.contains(&name) || self.cx.cursors.contains(&name);
            if moves && !carries.contains(&name) {
                carries.push(name);
            }
        }
        let plan = |planner: &mut Self| planner.rest_of_block(steps, declared, place);
        let (mut rest, stores) = self.rest(at, Some(inside), carries, place, plan);
        let mentions = mentions(steps);
        rest.is_watched = owns.iter().any(|owned| mentions.assigns(&owned.name));
        self.fill(root, owns, RootKind::Turn(stores));
        Code::Turn(root, Box::new(rest))
    }

    /// Statements of a block, or of the body of a loop, with `#[defer_scope]`.
    ///
    /// What stands before a deferred statement is still there when that runs, as in a frame: so the rest of the scope
    /// behind the next one is a scope of its own.
    fn scope(&mut self, steps: &[Step], at: Span, place: Place) -> Vec<Code> {
        let Place { region, .. } = place;
        let defers = |step: &Step| step.stmt.has_own_site();
        let first = steps.iter().position(defers).unwrap_or(steps.len());
        let (before, steps) = steps.split_at(first);
        let mut code: Vec<Code> =
            before.iter().flat_map(|step| self.statement(step.stmt, Vec::new(), region)).collect();
        if steps.is_empty() {
            return code;
        }
        // What declares a variable is the last, so that those behind it can name that.
        let is_last = |step: &Step| !step.late.is_empty() || matches!(step.stmt.kind, StmtKind::Let { .. });
        let mut neighbours = steps.iter().take_while(|step| defers(step)).count();
        if let Some(last) = steps[..neighbours].iter().position(is_last) {
            neighbours = last + 1;
        }
        let (neighbours, after) = steps.split_at(neighbours);
        for step in neighbours {
            code.extend(self.hoist(step.stmt, region));
        }
        let result = self.visible_result(place);
        let outer = std::mem::take(&mut self.cx.recoveries);
        let (mut rest, stores) = self.rest(at, None, Vec::new(), place, |planner| {
            let stmts = neighbours.iter().flat_map(Step::stmts);
            let mut code: Vec<Code> =
                stmts.flat_map(|stmt| planner.statement(stmt, Vec::new(), region)).collect();
            let recoveries = std::mem::take(&mut planner.cx.recoveries);
            code.extend(planner.scope(after, at, place));
            planner.cx.recoveries = recoveries;
            code
        });
        let recovers = std::mem::replace(&mut self.cx.recoveries, outer) > 0;
        if recovers {
            self.cx.ended_behind.push(place.number);
        }
        let mentions = mentions(steps);
        rest.is_watched =
            self.sites_in(&stores).iter().any(|site| mentions.assigns_any(&site.mentions_at_exit));
        rest.awaits = Awaits::of(rest.awaits == Awaits::Rest, self.any_awaits(&stores));
        self.cx.awaited.here |= rest.awaits != Awaits::Nothing;
        self.cx.awaited.deferring |= rest.awaits != Awaits::Nothing;
        // Behind a `return;` the value of the result is returned, whatever hides its name.
        let sees_result = !result.is_empty() || rest.exits.iter().any(|exit| exit.is_return);
        self.cx.lends_result |= sees_result;
        self.cx.rests.iter_mut().for_each(|rest| rest.lends_result |= sees_result);
        code.push(Code::Scope(Box::new(Scope { rest, stores, recovers, sees_result, result })));
        code
    }

    /// The names of the frame's result that mean it in a block.
    fn visible_result(&self, place: Place) -> Vec<Ident> {
        if place.region == Region::Function { self.cx.result_names().cloned().collect() } else { Vec::new() }
    }

    /// Statements that are run so that one can tell how they were left, and the stores that they fill.
    fn rest(
        &mut self,
        at: Span,
        inside: Option<HashSet<String>>,
        carries: Vec<Ident>,
        place: Place,
        plan: impl FnOnce(&mut Self) -> Vec<Code>,
    ) -> (Rest, Vec<StoreId>) {
        let home = std::mem::take(&mut self.cx.home);
        let names = self.visible_result(place);
        let (outside, unsafes) = (self.cx.targets.len(), self.cx.unsafes);
        self.cx.rests.push(RestFacts { outside, unsafes, inside, exits: Vec::new(), lends_result: false });
        let (code, awaits) = self.awaiting(plan);
        self.cx.awaited.deferring |= awaits;
        let facts = self.cx.rests.pop();
        let (exits, lends_result) = facts.map(|rest| (rest.exits, rest.lends_result)).unwrap_or_default();
        let lent = if lends_result { names } else { Vec::new() };
        let home = std::mem::replace(&mut self.cx.home, home);
        let Place { number, close, diverges, is_value, .. } = place;
        let diverges = diverges && !self.cx.ended_behind.contains(&number);
        let exits = exits
            .into_iter()
            .map(|LeavingJump { keyword, label, has_value, later }| {
                let value = has_value.then(|| vec![Code::Carried(keyword.span())]);
                let mut jump = Vec::new();
                let is_return = keyword == "return";
                // One with a label is written, or the label would be unused.
                let is_continue = keyword == "continue" && label.is_none();
                let is_later = later.is_some();
                let needed = |name: &&Ident| match &later {
                    _ if !is_return => true,
                    Some(Jump { value, .. }) => words(value).is_some_and(|words| words.has(name)),
                    None => false,
                };
                let carries = carries.iter().filter(needed).cloned().collect();
                let target = self.target(label.as_ref().map(|(_, name)| name));
                if let Some(later) = later {
                    self.jump(&later, place.region, &mut jump);
                } else if is_continue && target.is_some() && target == place.loop_body {
                    // The end of the body.
                    self.cx.ended_behind.push(place.number);
                } else if is_return {
                    self.return_result(&keyword, &mut jump);
                } else {
                    self.leave(&keyword, label.as_ref(), value, &mut jump);
                }
                if let Some(Code::Token(_)) = jump.first() {
                    jump[0] = Code::Again(keyword);
                }
                Exit { has_value, is_return: is_return && !is_later, carries, jump }
            })
            .collect();
        let awaits = Awaits::of(awaits, false);
        let rest =
            Rest { code, close, exits, diverges, is_value, carries, is_watched: false, awaits, lent, at };
        (rest, home.stores)
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

    /// Whether deferred code awaits whose records end up in some stores.
    pub(super) fn any_awaits(&self, stores: &[StoreId]) -> bool {
        self.sites_in(stores).iter().any(|site| site.deferred.awaits)
    }

    fn fill(&mut self, RootId { store, root }: RootId, owns: Vec<Owned>, kind: RootKind) {
        let root = &mut self.stores[store.0].roots[root];
        root.owns = owns;
        root.kind = kind;
    }

    // Jumps.

    pub(super) fn jump(&mut self, jump: &Jump, region: Region, code: &mut Vec<Code>) {
        let keyword = &jump.keyword;
        if let Some(exit) = self.leave_before_value(jump, region) {
            code.push(Code::Leave { keyword: keyword.clone(), exit, value: None });
            return;
        }
        let value = self.nodes(&jump.value, region);
        if keyword == "return" {
            match region {
                Region::Deferred => {
                    let done = Code::Done(keyword.clone());
                    if value.is_empty() {
                        code.push(done);
                    } else {
                        self.errors.push(errors::return_value(keyword));
                        code.push(without_value(keyword, done));
                    }
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
            let done = Code::Done(Ident::new("return", keyword.span()));
            code.push(without_value(keyword, done));
            return;
        }
        let value = (!value.is_empty()).then_some(value);
        self.leave(keyword, label, value, code);
    }

    /// A `return` or `break` with a value that is made of variables outside of the rest is better made there: made in the
    /// rest, it would move them into it, and out of the next turn of a loop.
    fn leave_before_value(&mut self, jump: &Jump, region: Region) -> Option<usize> {
        let label = jump.label.as_ref().map(|(_, name)| name);
        let is_return = jump.keyword == "return";
        let target = self.target(label);
        let variables = &self.variables;
        let rest = self.cx.rests.last_mut()?;
        // Where it needs `unsafe`, it has to be made there.
        let is_unsafe = self.cx.unsafes > rest.unsafes;
        let leaves = is_return || target.is_some_and(|target| target < rest.outside);
        let inside = rest.inside.as_ref()?;
        let mentions = words(&jump.value)?;
        let moves = mentions.words().any(|word| variables.binds(word));
        let is_outside = mentions.words().all(|word| !inside.contains(word));
        if region == Region::Deferred || is_unsafe || !leaves || !moves || !is_outside {
            return None;
        }
        rest.exits.push(LeavingJump {
            keyword: jump.keyword.clone(),
            label: jump.label.clone(),
            has_value: false,
            later: Some(jump.clone()),
        });
        Some(rest.exits.len() - 1)
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
            exit.later.is_none()
                && exit.keyword == *keyword
                && name(exit.label.as_ref()) == name(label)
                && exit.has_value == has_value
        };
        self.exits.iter().position(same).unwrap_or_else(|| {
            let (keyword, label) = (keyword.clone(), label.cloned());
            self.exits.push(LeavingJump { keyword, label, has_value, later: None });
            self.exits.len() - 1
        })
    }
}

/// A deferred statement that is never reached.
pub(super) fn dead(site: &outline::Site, needs_semi: bool) -> Code {
    Code::Dead { path: site.path.clone(), keyword: site.keyword.clone(), needs_semi }
}

/// The words of a value; `None` if something in it must stay where it is.
fn words(value: &[Node]) -> Option<Mentions> {
    let mut mentions = Mentions::default();
    tokens(value, &mut mentions)?;
    Some(mentions)
}

/// The words of a value; `None` if something in it must stay where it is.
fn tokens(value: &[Node], mentions: &mut Mentions) -> Option<()> {
    for node in value {
        match node {
            Node::Token(token) => mentions.add([token.clone()]),
            Node::Group(_, nodes) => tokens(nodes, mentions)?,
            Node::Macro(invocation) => mentions.add(invocation.group.stream()),
            _ => return None,
        }
    }
    Some(())
}

fn is_item(stmt: &Stmt) -> bool {
    matches!(stmt.kind, StmtKind::Item { .. })
}

/// Adds the words in the deferred statements in some code.
fn mention_sites(nodes: &[Node], mentions: &mut Mentions) {
    for node in nodes {
        match node {
            Node::Site(site) => mentions.add(site.group.stream()),
            Node::Group(_, nodes) => mention_sites(nodes, mentions),
            Node::Jump(jump) => mention_sites(&jump.value, mentions),
            Node::Block(block) => block.stmts.iter().for_each(|stmt| mention_sites(&stmt.nodes, mentions)),
            _ => {}
        }
    }
}

fn mentions(steps: &[Step]) -> Mentions {
    Mentions::of(steps.iter().flat_map(Step::stmts).flat_map(|stmt| stmt.tokens.iter().cloned()))
}

/// Variables that some statements assign, and those that they may move.
#[derive(Default)]
struct Flow {
    assigned: Vec<Ident>,
    moved: Vec<Ident>,
}

impl Flow {
    fn of(steps: &[Step]) -> Self {
        let mut flow = Self::default();
        for stmt in steps.iter().flat_map(Step::stmts) {
            flow.find(&stmt.tokens);
        }
        flow
    }

    fn find(&mut self, tokens: &[TokenTree]) {
        let is_end =
            |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if ";,".contains(punct.as_char()));
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            match (token, tokens.get(at + 1)) {
                (TokenTree::Group(group), _) => self.find(&group.stream().into_iter().collect::<Vec<_>>()),
                (TokenTree::Ident(name), Some(TokenTree::Punct(equals)))
                    if equals.as_char() == '=' && equals.spacing() == Spacing::Alone =>
                {
                    if !may_be_a_place(before) {
                        continue;
                    }
                    self.assigned.push(name.clone());
                    let value = tokens[at + 2..].iter().take_while(|token| !is_end(token)).cloned();
                    if Mentions::of(value).has(name) {
                        self.moved.push(name.clone());
                    }
                }
                (TokenTree::Ident(name), behind) => {
                    let ends = match behind {
                        None => true,
                        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
                        Some(token) => is_end(token),
                    };
                    if ends && starts_operand(before) {
                        self.moved.push(name.clone());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a word behind this, and in front of a `=`, may be a variable that is assigned.
fn may_be_a_place(before: Option<&TokenTree>) -> bool {
    match before {
        Some(TokenTree::Punct(punct)) => !".:'*".contains(punct.as_char()),
        Some(TokenTree::Ident(word)) => word != "let" && word != "mut" && word != "ref",
        _ => true,
    }
}

/// Whether a word behind this is the start of an operand.
fn starts_operand(before: Option<&TokenTree>) -> bool {
    match before {
        Some(TokenTree::Punct(punct)) => ",=>;".contains(punct.as_char()),
        Some(TokenTree::Ident(word)) => {
            word == "match" || word == "in" || word == "return" || word == "break"
        }
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => true,
    }
}

/// The `#[cfg]`s of some code, and those among its attributes.
fn under(cfg: &TokenStream, attrs: &[TokenTree]) -> TokenStream {
    let more = Attributes::of(attrs).cfg;
    quote!(#cfg #more)
}

/// The predicates of the `#[cfg]`s among attributes.
pub(super) fn cfg_predicates(attrs: &[TokenTree]) -> impl Iterator<Item = TokenStream> + '_ {
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

/// A jump that has lost its value, and must not take the block behind it for one: `while break {} {}`.
fn without_value(keyword: &Ident, jump: Code) -> Code {
    Code::Braces(keyword.span(), vec![jump])
}
