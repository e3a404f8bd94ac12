//! Which code awaits: what does not needs no future to be guarded by.

use proc_macro2::{Ident, TokenTree};

use crate::parse::KEYWORDS;
use crate::parse::outline::Node;

/// Macros of `std`, and those that end a function with an error. All others may await, and nobody sees it.
const SYNCHRONOUS: [&str; 37] = [
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Whether a macro is invoked that may await.
pub(super) fn may_await_in_macro(nodes: &[Node]) -> bool {
    let is_macro = |node: &Node| matches!(node, Node::Macro(invocation) if !is_synchronous(&invocation.path));
    let tokens = nodes.iter().filter_map(|node| match node {
        Node::Token(token) => Some(token.clone()),
        _ => None,
    });
    nodes.iter().any(is_macro) || invokes_other(&tokens.collect::<Vec<_>>())
}

/// Whether a macro is invoked that is not known to be synchronous.
fn invokes_other(tokens: &[TokenTree]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let TokenTree::Group(group) = token else { return false };
        let path = &tokens[..at];
        let is_invocation = match path {
            [.., TokenTree::Ident(name), TokenTree::Punct(bang)] => {
                bang.as_char() == '!' && !KEYWORDS.iter().any(|keyword| name == keyword)
            }
            _ => false,
        };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        is_invocation && !is_synchronous(path) || invokes_other(&inner)
    })
}

/// Whether the path that ends in a macro's name and its `!` is that of one that does not await.
fn is_synchronous(path: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(name), TokenTree::Punct(_)] = path else { return false };
    let before = &path[..path.len() - 2];
    let is_crate = |word: &Ident| ["std", "core", "alloc", "anyhow", "eyre"].iter().any(|it| word == it);
    let is_known = match before {
        [.., TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Punct(colon)]
            if colon.as_char() == ':' =>
        {
            is_crate(word)
        }
        _ => true,
    };
    is_known && SYNCHRONOUS.iter().any(|synchronous| name == synchronous)
}
