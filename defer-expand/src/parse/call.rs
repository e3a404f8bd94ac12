//! What stands in the parentheses of `defer!(…)`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::buffer::Cursor;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Block as SynBlock, Expr, ExprGroup, ExprParen, Stmt, Token, UnOp};

/// The arguments of a deferred statement.
pub(crate) enum Form {
    /// Statements, all evaluated at exit.
    Block(Group),
    /// A call, whose parts are evaluated now.
    Call(Call),
    /// `print!` and its family: formatted now, written at exit.
    Print { path: Vec<TokenTree>, group: Group },
    /// Anything else that parses.
    Other(Other),
    /// Nothing.
    Empty,
    /// Not an expression. rustc will say so.
    Unparsable,
}

/// An expression that is no call.
pub(crate) enum Other {
    /// Another macro.
    Macro(String),
    /// A closure that is not called.
    Closure,
    /// A field, which may be meant to be a method, and nothing around it.
    Field,
    /// Statements, or expressions with commas between them.
    Several,
    Expr,
}

/// `callee(args)` or `receiver.method(args)`.
pub(crate) struct Call {
    /// What stands around the call, the outermost first.
    pub(crate) around: Vec<Around>,
    pub(crate) callee: Callee,
    pub(crate) args: Vec<Operand>,
    /// The parentheses of the arguments.
    pub(crate) parens: Group,
}

/// Something around the call that happens at exit.
pub(crate) enum Around {
    /// `unsafe { … }`, with the braces.
    Unsafe(Ident, Group),
    /// `?`
    Try(TokenTree),
    /// `.await`
    Await(Vec<TokenTree>),
}

pub(crate) enum Callee {
    /// A path with more than one segment or with type arguments: an item.
    Item(Vec<TokenTree>),
    /// A name on its own, which may be a local variable.
    Name(Vec<TokenTree>),
    Closure {
        is_move: bool,
        tokens: Vec<TokenTree>,
    },
    Expr(Vec<TokenTree>),
    /// The receiver, and the `.`, the name and the type arguments of the method.
    Method(Operand, Vec<TokenTree>),
}

/// An argument, receiver or index.
pub(crate) enum Operand {
    /// A literal, or an item without a value of its own.
    Literal(Vec<TokenTree>),
    /// A path, or a field, index or dereference of a place.
    Place(Vec<PlacePart>),
    /// `&place`, `&mut place`, `&temporary`, `&mut temporary`
    Reference {
        ampersand: Vec<TokenTree>,
        of: Box<Operand>,
    },
    Closure {
        is_move: bool,
        tokens: Vec<TokenTree>,
    },
    /// Anything else.
    Value(Vec<TokenTree>),
}

impl Operand {
    /// Whether it is a place or a literal, behind whatever number of `&`.
    pub(crate) fn is_address(&self) -> bool {
        match self {
            Operand::Place(_) | Operand::Literal(_) => true,
            Operand::Reference { of, .. } => of.is_address(),
            Operand::Closure { .. } | Operand::Value(_) => false,
        }
    }
}

pub(crate) enum PlacePart {
    Token(TokenTree),
    /// `[index]`
    Index(Group, Operand),
    /// Parentheses around a place.
    Parens(Group, Vec<PlacePart>),
}

/// Reads the arguments of a deferred statement.
pub(crate) fn form(group: &Group) -> Form {
    if group.delimiter() == Delimiter::Brace {
        return Form::Block(group.clone());
    }
    let mut tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    // A fragment of `macro_rules!` comes in a group without delimiters.
    while let [TokenTree::Group(fragment)] = tokens.as_slice() {
        if fragment.delimiter() != Delimiter::None {
            break;
        }
        tokens = fragment.stream().into_iter().collect();
    }
    match tokens.as_slice() {
        [] => return Form::Empty,
        [TokenTree::Group(block)] if block.delimiter() == Delimiter::Brace => {
            return Form::Block(block.clone());
        }
        _ => {}
    }
    let Ok(expr) = syn::parse2::<Expr>(tokens.iter().cloned().collect()) else {
        let statements = SynBlock::parse_within.parse2(group.stream()).is_ok();
        let list = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(group.stream()).is_ok();
        return if statements || list { Form::Other(Other::Several) } else { Form::Unparsable };
    };
    let mut around = Vec::new();
    let (expr, tokens) = peel(expr, tokens, &mut around);
    match expr {
        Expr::Call(call) => {
            let Some((parens, callee)) = split_last_group(&tokens) else { return Form::Unparsable };
            let (function, callee) = without_parens(&call.func, callee.to_vec());
            let callee = match function {
                Expr::Closure(closure) => {
                    Callee::Closure { is_move: closure.capture.is_some(), tokens: callee }
                }
                Expr::Path(path) => match path.path.get_ident() {
                    Some(_) if path.qself.is_none() => Callee::Name(callee),
                    _ => Callee::Item(callee),
                },
                _ => Callee::Expr(callee),
            };
            let Some(args) = arguments(&parens) else { return Form::Unparsable };
            Form::Call(Call { around, callee, args, parens })
        }
        Expr::MethodCall(call) => {
            let Some((parens, before)) = split_last_group(&tokens) else { return Form::Unparsable };
            let Some(dot) = method_dot(before, &call.method) else { return Form::Unparsable };
            let (receiver, method) = before.split_at(dot);
            let receiver = operand(&call.receiver, receiver.to_vec());
            let Some(args) = arguments(&parens) else { return Form::Unparsable };
            Form::Call(Call { around, callee: Callee::Method(receiver, method.to_vec()), args, parens })
        }
        Expr::Macro(invocation) => {
            let name = invocation.mac.path.segments.last().map(|segment| segment.ident.to_string());
            let name = name.unwrap_or_default();
            match (split_last_group(&tokens), name.as_str()) {
                (Some((group, path)), "print" | "println" | "eprint" | "eprintln") if around.is_empty() => {
                    Form::Print { path: path.to_vec(), group }
                }
                _ => Form::Other(Other::Macro(name)),
            }
        }
        Expr::Let(_) => Form::Other(Other::Several),
        Expr::Closure(_) if around.is_empty() => Form::Other(Other::Closure),
        Expr::Field(_) if tokens.len() == group.stream().into_iter().count() => Form::Other(Other::Field),
        _ => Form::Other(Other::Expr),
    }
}

/// The tokens of a deferred statement that are evaluated at exit.
pub(crate) fn at_exit(group: &Group) -> TokenStream {
    match form(group) {
        Form::Block(group) => group.stream(),
        Form::Call(call) => {
            let mut tokens = Vec::new();
            match call.callee {
                Callee::Closure { is_move: false, tokens: closure } => tokens.extend(closure),
                Callee::Method(receiver, _) => live(receiver, &mut tokens),
                Callee::Closure { .. } | Callee::Item(_) | Callee::Name(_) | Callee::Expr(_) => {}
            }
            for arg in call.args {
                match arg {
                    Operand::Reference { of, .. } => live(*of, &mut tokens),
                    Operand::Closure { is_move: false, tokens: closure } => {
                        tokens.extend(closure);
                        tokens.extend(quote::quote!(;));
                    }
                    _ => {}
                }
            }
            tokens.into_iter().collect()
        }
        Form::Other(_) | Form::Unparsable => group.stream(),
        Form::Print { .. } | Form::Empty => TokenStream::new(),
    }
}

/// What of a place is looked at when the call is made: all but its indices.
fn live(operand: Operand, tokens: &mut Vec<TokenTree>) {
    match operand {
        Operand::Place(parts) => {
            live_parts(parts, tokens);
            tokens.extend(quote::quote!(;));
        }
        Operand::Reference { of, .. } => live(*of, tokens),
        Operand::Literal(_) | Operand::Closure { .. } | Operand::Value(_) => {}
    }
}

fn live_parts(parts: Vec<PlacePart>, tokens: &mut Vec<TokenTree>) {
    for part in parts {
        match part {
            PlacePart::Token(token) => tokens.push(token),
            PlacePart::Index(_, Operand::Reference { of, .. }) => live(*of, tokens),
            PlacePart::Index(..) => {}
            PlacePart::Parens(_, parts) => live_parts(parts, tokens),
        }
    }
}

/// Takes off what may stand around a call.
fn peel(expr: Expr, mut tokens: Vec<TokenTree>, around: &mut Vec<Around>) -> (Expr, Vec<TokenTree>) {
    match expr {
        Expr::Try(inner) if inner.attrs.is_empty() => {
            around.extend(tokens.pop().map(Around::Try));
            peel(*inner.expr, tokens, around)
        }
        Expr::Await(inner) if inner.attrs.is_empty() && tokens.len() >= 2 => {
            let dot = tokens.len() - 2;
            around.push(Around::Await(tokens.split_off(dot)));
            peel(*inner.base, tokens, around)
        }
        Expr::Paren(inner) => peel(*inner.expr, inside(tokens), around),
        Expr::Group(inner) => peel(*inner.expr, inside(tokens), around),
        Expr::Unsafe(mut block) if block.attrs.is_empty() && block.block.stmts.len() == 1 => {
            match (block.block.stmts.pop(), tokens.as_slice()) {
                (Some(Stmt::Expr(inner, _)), [TokenTree::Ident(keyword), TokenTree::Group(braces)]) => {
                    around.push(Around::Unsafe(keyword.clone(), braces.clone()));
                    let mut call: Vec<TokenTree> = braces.stream().into_iter().collect();
                    call.retain(|token| !is_semicolon(token));
                    peel(inner, call, around)
                }
                _ => (Expr::Unsafe(block), tokens),
            }
        }
        expr => (expr, tokens),
    }
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// The inside of a lone group.
fn inside(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    match <[TokenTree; 1]>::try_from(tokens) {
        Ok([TokenTree::Group(group)]) => group.stream().into_iter().collect(),
        Ok([token]) => vec![token],
        Err(tokens) => tokens,
    }
}

fn strip(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Paren(inner) => &inner.expr,
            Expr::Group(inner) => &inner.expr,
            expr => return expr,
        }
    }
}

/// What a callee is taken from: a value in parentheses would be a lint.
fn without_parens(mut expr: &Expr, mut tokens: Vec<TokenTree>) -> (&Expr, Vec<TokenTree>) {
    while let Expr::Paren(ExprParen { expr: inner, .. }) | Expr::Group(ExprGroup { expr: inner, .. }) = expr {
        expr = inner;
        tokens = inside(tokens);
    }
    (expr, tokens)
}

fn split_last_group(tokens: &[TokenTree]) -> Option<(Group, &[TokenTree])> {
    match tokens.split_last() {
        Some((TokenTree::Group(group), before)) => Some((group.clone(), before)),
        _ => None,
    }
}

/// Where the `.` of the last `.method` stands.
fn method_dot(tokens: &[TokenTree], method: &Ident) -> Option<usize> {
    tokens.windows(2).rposition(|pair| {
        matches!(pair, [TokenTree::Punct(dot), TokenTree::Ident(name)] if dot.as_char() == '.' && name == method)
    })
}

/// The arguments of a call.
fn arguments(parens: &Group) -> Option<Vec<Operand>> {
    let parser = |input: ParseStream| {
        let mut args = Vec::new();
        while !input.is_empty() {
            let start = input.cursor();
            let expr: Expr = input.parse()?;
            args.push(operand(&expr, between(start, input.cursor())));
            if input.is_empty() {
                break;
            }
            input.parse::<Token![,]>()?;
        }
        Ok(args)
    };
    parser.parse2(parens.stream()).ok()
}

/// The tokens from one cursor to another.
fn between(mut start: Cursor, end: Cursor) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    while start != end {
        let Some((token, next)) = start.token_tree() else { break };
        tokens.push(token);
        start = next;
    }
    tokens
}

fn operand(expr: &Expr, tokens: Vec<TokenTree>) -> Operand {
    match strip(expr) {
        Expr::Lit(_) => Operand::Literal(tokens),
        Expr::Closure(closure) => Operand::Closure { is_move: closure.capture.is_some(), tokens },
        Expr::Reference(reference) => {
            // Parentheses around the reference itself change nothing.
            let mut tokens = tokens;
            while let [TokenTree::Group(_)] = tokens.as_slice() {
                tokens = inside(tokens);
            }
            let ampersand = 1 + usize::from(reference.mutability.is_some());
            if !reference.attrs.is_empty() || tokens.len() <= ampersand {
                return Operand::Value(tokens);
            }
            let of = tokens.split_off(ampersand);
            Operand::Reference { ampersand: tokens, of: Box::new(operand(&reference.expr, of)) }
        }
        expr if is_place(expr) => Operand::Place(place(tokens)),
        _ => Operand::Value(tokens),
    }
}

fn is_place(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr),
        _ => false,
    }
}

fn place(tokens: Vec<TokenTree>) -> Vec<PlacePart> {
    let mut parts = Vec::new();
    for token in tokens {
        // `<[T]>::NAME` has brackets that are no index.
        let behind_punct = matches!(parts.last(), None | Some(PlacePart::Token(TokenTree::Punct(_))));
        parts.push(match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && !behind_punct => {
                let index: Vec<TokenTree> = group.stream().into_iter().collect();
                let index = match syn::parse2::<Expr>(group.stream()) {
                    Ok(expr) => operand(&expr, index),
                    Err(_) => Operand::Value(index),
                };
                PlacePart::Index(group, index)
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => {
                let inner = place(group.stream().into_iter().collect());
                PlacePart::Parens(group, inner)
            }
            token => PlacePart::Token(token),
        });
    }
    parts
}
