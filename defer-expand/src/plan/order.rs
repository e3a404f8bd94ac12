//! The order in which the statements of a block are lowered, where a guard comes between them.

use proc_macro2::Ident;

use super::mentions::Mentions;
use super::variables::wanted;
use crate::parse::outline::{Stmt, StmtKind};

/// A statement, and the `let x;` that move to it: behind the guard that comes before it.
pub(super) struct Step<'s> {
    pub(super) late: Vec<&'s Stmt>,
    pub(super) stmt: &'s Stmt,
}

impl<'s> Step<'s> {
    /// The statement and those that move to it, in their order.
    pub(super) fn stmts(&self) -> impl Iterator<Item = &'s Stmt> + use<'s> {
        let stmts: Vec<&Stmt> = self.late.iter().copied().chain([self.stmt]).collect();
        stmts.into_iter()
    }
}

/// Brings statements into that order: items that stand behind a deferred statement stay visible before it, and a `let x;`
/// that is assigned behind one moves there, for what a closure only borrows it cannot initialise.
pub(super) fn arrange(stmts: &[Stmt]) -> Vec<Step<'_>> {
    let Some(first) = stmts.iter().position(Stmt::has_own_site) else {
        return stmts.iter().map(|stmt| Step { late: Vec::new(), stmt }).collect();
    };
    let (before, after) = stmts.split_at(first);
    // Behind a `macro_rules!` an item may use it.
    let is_fence = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Item { macro_rules: true });
    let fence = after.iter().position(is_fence).unwrap_or(after.len());
    let (hoistable, rest) = after.split_at(fence);
    let is_item = |stmt: &&Stmt| matches!(stmt.kind, StmtKind::Item { .. });
    let hoisted = hoistable.iter().filter(is_item);
    let others = hoistable.iter().filter(|stmt| !is_item(stmt));
    let order = before.iter().chain(hoisted).chain(others).chain(rest);
    let mut steps: Vec<Step> = order.map(|stmt| Step { late: Vec::new(), stmt }).collect();
    for stmt in stmts {
        if let StmtKind::Let { binds, init: false } = &stmt.kind {
            sink(&mut steps, stmt, binds);
        }
    }
    steps
}

/// Moves a `let x;` to the first statement that mentions `x`, if a guard comes before that.
fn sink<'s>(steps: &mut Vec<Step<'s>>, stmt: &'s Stmt, binds: &[Ident]) {
    let Some(from) = steps.iter().position(|step| std::ptr::eq(step.stmt, stmt)) else { return };
    let rest = &steps[from + 1..];
    let Some(first) = rest.iter().position(|step| names_any(step.stmt, binds)) else { return };
    let user = rest[first].stmt;
    let needed_at_exit = || {
        let wanted = wanted(user);
        binds.iter().any(|name| wanted.iter().any(|wanted| wanted.name == Mentions::plain(name)))
    };
    let guards_itself = user.has_own_site() && user.site().is_none() && !needed_at_exit();
    let is_behind_guard = rest[..first].iter().any(|step| step.stmt.has_own_site());
    if guards_itself {
        steps.remove(from);
        steps[from + first].late.push(stmt);
    } else if is_behind_guard {
        let step = steps.remove(from);
        steps.insert(from + first, step);
    }
}

fn names_any(stmt: &Stmt, names: &[Ident]) -> bool {
    // An item sees no variables.
    if matches!(stmt.kind, StmtKind::Item { macro_rules: false }) {
        return false;
    }
    let mentions = Mentions::of(stmt.tokens.iter().cloned());
    names.iter().any(|name| mentions.has(name))
}
