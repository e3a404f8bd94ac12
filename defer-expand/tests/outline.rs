//! The macro finds statements and blocks by a scanner of its own. Here syn says where they are, in functions of every
//! shape, and the expansion must agree.

mod common;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprMacro, FnArg, Item,
    ItemFn, Macro, Pat, Path, ReceiverKind, Signature, Stmt, StmtMacro, Type, parse_quote,
};

use self::common::{Sample, check_rust, samples};

fn expand(function: &impl ToTokens) -> TokenStream {
    with_defer_expand::with_defer(TokenStream::new(), function.to_token_stream())
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn site() -> Stmt {
    parse_quote!(defer!(cleanup(now()));)
}

#[test]
fn function_that_defers_nothing_comes_back_token_for_token() {
    for sample in samples().iter().filter(|sample| !sample.defers()) {
        let function = sample.parsed();
        for at in positions(&function.block) {
            let mut function = function.clone();
            function.block.stmts.insert(
                at,
                parse_quote!(
                    fn other() {
                        defer!(cleanup());
                    }
                ),
            );
            let expansion = expand(&function);
            assert_eq!(text(&expansion), text(&function), "{}", sample.name);
        }
    }
}

/// The expansion has the statements before the site in front of the guard, and those behind it in the guard.
#[test]
fn site_between_any_two_statements_divides_them() {
    for sample in samples().iter().filter(|sample| !sample.defers()) {
        let function = sample.parsed();
        let alive = function.block.stmts.iter().position(may_not_end).unwrap_or(usize::MAX);
        for at in positions(&function.block).take_while(|at| *at <= alive) {
            let mut deferring = function.clone();
            deferring.block.stmts.insert(at, site());
            let expansion = expand(&deferring);
            if function.sig.asyncness.is_some() {
                // The statements are spread over async blocks.
                check_rust(expansion).unwrap_or_else(|error| panic!("{}, {at}: {error}", sample.name));
                continue;
            }
            let expanded: ItemFn = syn::parse2(expansion).unwrap();
            check_division(sample, &function, at, &expanded);
        }
    }
}

fn check_division(sample: &Sample, function: &ItemFn, at: usize, expanded: &ItemFn) {
    let (before, after) = function.block.stmts.split_at(at);
    let fence = after.iter().position(is_macro_rules).unwrap_or(after.len());
    let hoisted = after[..fence].iter().filter(|stmt| is_item(stmt));
    let stays = after.iter().enumerate().filter(|(at, stmt)| *at >= fence || !is_item(stmt));
    let before: Vec<String> = before.iter().chain(hoisted).filter(|stmt| !sinks(stmt)).map(text).collect();
    let after: Vec<String> = stays.map(|(_, stmt)| stmt).filter(|stmt| !sinks(stmt)).map(text).collect();

    let stmts = &expanded.block.stmts;
    let marker =
        stmts.iter().position(|stmt| text(stmt).contains("this_defer_is_not_from_with_defer")).unwrap();
    let outside: Vec<String> = stmts[..marker].iter().filter(|stmt| !sinks(stmt)).map(text).collect();
    let inside = stmts[marker..]
        .iter()
        .find_map(guarded)
        .unwrap_or_else(|| panic!("{}, {at}: no guard in {}", sample.name, text(&expanded.block)));
    let inside: Vec<String> = inside.stmts.iter().filter(|stmt| !sinks(stmt)).map(text).collect();

    let hinted = text(&function.sig.output).contains("impl");
    let owns = function.sig.inputs.iter().any(is_reference);
    let outside = &outside[if hinted { outside.len() - before.len() } else { 0 }..];
    let inside = &inside[if owns { inside.len() - after.len() } else { 0 }..];
    assert_eq!(outside, before, "{}, before {at}", sample.name);
    assert_eq!(inside, after, "{}, behind {at}", sample.name);
}

/// The body of the closure in `let __out = guard(|| { … });`.
fn guarded(stmt: &Stmt) -> Option<&Block> {
    let Stmt::Local(local) = stmt else { return None };
    let args = match &*local.init.as_ref()?.expr {
        Expr::Call(call) => &call.args,
        Expr::MethodCall(call) => &call.args,
        _ => return None,
    };
    match args.last()? {
        Expr::Closure(closure) if text(&local.pat) == "__out" => match &*closure.body {
            Expr::Block(block) => Some(&block.block),
            _ => None,
        },
        _ => None,
    }
}

/// Where a statement can stand.
fn positions(block: &Block) -> impl Iterator<Item = usize> + use<> {
    let value = block.stmts.last().is_some_and(is_value);
    0..=block.stmts.len() - usize::from(value)
}

fn is_item(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Item(_)) || is_macro_rules(stmt) || text(stmt).starts_with("thread_local !")
}

fn is_macro_rules(stmt: &Stmt) -> bool {
    text(stmt).contains("macro_rules !")
}

/// The expression that is the value of the function.
fn is_value(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(_, None))
        || matches!(stmt, Stmt::Macro(invocation) if invocation.semi_token.is_none())
}

/// `let x;` moves to where it is assigned.
fn sinks(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Local(local) if local.init.is_none())
}

fn is_reference(arg: &FnArg) -> bool {
    match arg {
        FnArg::Typed(arg) => matches!((&*arg.pat, &*arg.ty), (Pat::Ident(_), Type::Reference(_))),
        FnArg::Receiver(receiver) => !matches!(receiver.kind, ReceiverKind::Value),
    }
}

/// Puts a site into one of the blocks of a function.
struct Insert {
    /// At how many places it could have been, before this one.
    skip: usize,
    /// Where the walk is.
    place: Place,
    /// It may be behind a statement that is never left.
    is_dead: bool,
    done: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Function,
    /// In a closure or async block.
    Frame,
    /// In code that may never run, where nothing need be deferred.
    Dead,
    /// In an item, type or constant, where nothing of the function's can be deferred.
    Hidden,
}

impl Insert {
    fn within(&mut self, place: Place, visit: impl FnOnce(&mut Self)) {
        let outer = self.place;
        if outer != Place::Hidden {
            self.place = place;
        }
        visit(self);
        self.place = outer;
    }
}

impl VisitMut for Insert {
    fn visit_block_mut(&mut self, block: &mut Block) {
        for at in positions(block) {
            if self.skip == 0 && self.done.is_none() {
                let dead = self.is_dead || block.stmts[..at].iter().any(may_not_end);
                self.done = Some(if dead && self.place != Place::Hidden { Place::Dead } else { self.place });
                block.stmts.insert(at, site());
            }
            if self.done.is_some() {
                return;
            }
            self.skip -= 1;
        }
        let was_dead = self.is_dead;
        for stmt in &mut block.stmts {
            self.visit_stmt_mut(stmt);
            self.is_dead |= may_not_end(stmt);
        }
        self.is_dead = was_dead;
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.within(Place::Frame, |insert| insert.visit_expr_mut(&mut closure.body));
    }

    fn visit_expr_async_mut(&mut self, block: &mut ExprAsync) {
        self.within(Place::Frame, |insert| visit_mut::visit_expr_async_mut(insert, block));
    }

    fn visit_expr_const_mut(&mut self, block: &mut ExprConst) {
        self.within(Place::Hidden, |insert| visit_mut::visit_expr_const_mut(insert, block));
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        self.within(Place::Hidden, |insert| visit_mut::visit_item_mut(insert, item));
    }

    // Types and patterns hold no blocks but constants.

    fn visit_type_mut(&mut self, _: &mut Type) {}

    fn visit_path_mut(&mut self, _: &mut Path) {}

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Guard(guard) = pattern {
            self.visit_expr_mut(&mut guard.guard);
        }
    }

    fn visit_signature_mut(&mut self, _: &mut Signature) {}

    fn visit_angle_bracketed_generic_arguments_mut(&mut self, _: &mut AngleBracketedGenericArguments) {}
}

/// Wherever a block is, a site in it is found, in the right frame, and the expansion is Rust.
#[test]
fn site_in_any_block_is_found() {
    for sample in samples() {
        let function = sample.parsed();
        let defers = sample.defers();
        for skip in 0.. {
            let mut deferring = function.clone();
            let mut insert = Insert { skip, place: Place::Function, is_dead: false, done: None };
            insert.visit_item_fn_mut(&mut deferring);
            let Some(place) = insert.done else { break };
            let expansion = expand(&deferring);
            if !defers {
                check_place(&sample, &deferring, place, &expansion);
                check_statements(&sample, &function, &deferring, &expansion);
            }
            if let Err(error) = check_rust(expansion) {
                panic!("{}: {error}\n{}", sample.name, text(&deferring));
            }
        }
    }
}

fn check_place(sample: &Sample, deferring: &ItemFn, place: Place, expansion: &TokenStream) {
    let plan = with_defer_expand::explain(TokenStream::new(), &deferring.to_token_stream());
    let found = match plan.as_str() {
        "nothing is deferred\n" => Place::Hidden,
        _ if place == Place::Dead => Place::Dead,
        plan if plan.contains("frame: closure") => Place::Frame,
        _ => Place::Function,
    };
    assert_eq!(found, place, "{}: {}", sample.name, text(deferring));
    assert!(
        place == Place::Dead || text(expansion).contains("cleanup"),
        "{}: {}",
        sample.name,
        text(deferring)
    );
}

/// `return`, `loop`, `panic!` and their like.
fn may_not_end(stmt: &Stmt) -> bool {
    let panics = |invocation: &Macro| {
        let name = invocation.path.segments.last().map(|segment| segment.ident.to_string());
        ["panic", "unreachable", "todo", "unimplemented"].iter().any(|panics| name.as_deref() == Some(panics))
    };
    match stmt {
        Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::Loop(_), _) => true,
        Stmt::Expr(Expr::Macro(ExprMacro { mac, .. }), _) | Stmt::Macro(StmtMacro { mac, .. }) => panics(mac),
        _ => false,
    }
}

/// All statements have come through, but for what holds the site, and for jumps, which may have to leave a guard.
fn check_statements(sample: &Sample, function: &ItemFn, deferring: &ItemFn, expansion: &TokenStream) {
    let mut missing = Missing { before: text(deferring), behind: text(expansion), stmts: Vec::new() };
    missing.visit_block(&function.block);
    assert_eq!(missing.stmts, [""; 0], "{}: {}", sample.name, text(deferring));
}

struct Missing {
    before: String,
    behind: String,
    stmts: Vec<String>,
}

impl<'ast> Visit<'ast> for Missing {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let stmt_text = text(stmt);
        let jumps = stmt_text.contains("break") || stmt_text.contains("continue");
        if !self.before.contains(&stmt_text) {
            visit::visit_stmt(self, stmt);
        } else if !self.behind.contains(&stmt_text) && !jumps {
            self.stmts.push(stmt_text);
        }
    }
}
