//! Tokens to outline.
//!
//! The scanner follows Rust's expression grammar only as far as it must to tell a block from a struct literal,
//! a closure from an "or", a loop from a branch. It never fails: rustc has parsed a function's body before us,
//! and a deferred block that does not parse is passed through for rustc to report, so that editors keep
//! completing in it.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

use super::outline::{Block, Frame, Jump, Macro, Node, Recover, Role, Site, Stmt, StmtKind, When};

/// Reads the statements in a brace group.
pub(crate) fn block(group: &Group, role: Role) -> Block {
    read_block(group, role, Detail::Marked)
}

fn read_block(group: &Group, role: Role, detail: Detail) -> Block {
    Block {
        stmts: read_statements(group.stream(), detail),
        group: Some(group.clone()),
        role,
        attrs: Vec::new(),
        binds: Vec::new(),
        label: None,
        scope: None,
        close: group.span_close(),
    }
}

/// Reads statements.
pub(crate) fn statements(tokens: TokenStream) -> Vec<Stmt> {
    read_statements(tokens, Detail::Marked)
}

/// Reads statements to see which variables they name: every block and closure is in the outline, and patterns are
/// not, but for the names that they bind.
pub(crate) fn statements_in_full(tokens: TokenStream) -> Vec<Stmt> {
    read_statements(tokens, Detail::Full)
}

/// How much of the code the outline shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// What matters to us; groups without anything that does stay as they are.
    Marked,
    /// Every block and closure.
    Full,
}

fn read_statements(tokens: TokenStream, detail: Detail) -> Vec<Stmt> {
    let tokens = without_invisible_statements(tokens);
    let mut scanner = Scanner { detail, ..Scanner::new(&tokens) };
    let mut stmts = Vec::new();
    while scanner.pos < tokens.len() {
        stmts.push(scanner.stmt());
    }
    stmts
}

/// Reads one expression, or a list of them.
pub(crate) fn expression(tokens: &[TokenTree]) -> Vec<Node> {
    Scanner::new(tokens).list()
}

/// A `macro_rules!` fragment `$s:stmt` or `$i:item` arrives in a group without delimiters.
fn without_invisible_statements(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let scanner = Scanner::new(&inner);
                if scanner.word(0).is_some_and(|word| word == "let") || scanner.item().is_some() {
                    flat.extend(inner);
                } else {
                    flat.push(TokenTree::Group(group));
                }
            }
            token => flat.push(token),
        }
    }
    flat
}

/// Where an expression ends, apart from the end of its group and a `;`.
#[derive(Clone, Copy)]
struct Until {
    comma: bool,
    /// The `=>` of a match arm.
    arrow: bool,
    /// A `{` behind a complete operand: the block of `if`, `while`, `for` or `match`.
    brace: bool,
}

const STATEMENT: Until = Until { comma: false, arrow: false, brace: false };
const LISTED: Until = Until { comma: true, arrow: true, brace: false };
const HEAD: Until = Until { comma: true, arrow: true, brace: true };

/// Macros whose invocation is an item.
const ITEM_MACROS: [&str; 2] = ["thread_local", "lazy_static"];

struct Scanner<'a> {
    tokens: &'a [TokenTree],
    pos: usize,
    /// A `#[defer_scope]` that has not met its block yet.
    scope: Option<Span>,
    detail: Detail,
}

impl<'a> Scanner<'a> {
    fn new(tokens: &'a [TokenTree]) -> Self {
        Self { tokens, pos: 0, scope: None, detail: Detail::Marked }
    }
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.pos + ahead)
    }

    fn word(&self, ahead: usize) -> Option<&Ident> {
        match self.peek(ahead) {
            Some(TokenTree::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).is_some_and(|ident| ident == word)
    }

    fn is_punct(&self, ahead: usize, char: char) -> bool {
        matches!(self.peek(ahead), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
    }

    /// Two characters that are one operator.
    fn is_puncts(&self, ahead: usize, [first, second]: [char; 2]) -> bool {
        matches!(self.peek(ahead), Some(TokenTree::Punct(punct))
            if punct.as_char() == first && punct.spacing() == Spacing::Joint)
            && self.is_punct(ahead + 1, second)
    }

    fn group(&self, ahead: usize, delimiter: Delimiter) -> Option<&Group> {
        match self.peek(ahead) {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
            _ => None,
        }
    }

    fn token(&mut self, out: &mut Vec<Node>) {
        if let Some(token) = self.peek(0) {
            out.push(Node::Token(token.clone()));
            self.pos += 1;
        }
    }

    /// The group as it was, if nothing of interest is in it.
    fn grouped(&self, group: Group, nodes: Vec<Node>) -> Node {
        if self.detail == Detail::Marked { grouped(group, nodes) } else { Node::Group(group, nodes) }
    }

    /// A token of a pattern.
    fn pattern_token(&mut self, out: &mut Vec<Node>) {
        match self.detail {
            Detail::Marked => self.token(out),
            Detail::Full => self.pos += 1,
        }
    }

    fn tokens_to(&mut self, end: usize, out: &mut Vec<Node>) {
        while self.pos < end.min(self.tokens.len()) {
            self.token(out);
        }
    }

    // Statements.

    fn stmt(&mut self) -> Stmt {
        let start = self.pos;
        let mut nodes = Vec::new();
        self.inner_attributes(&mut nodes);
        if !nodes.is_empty() {
            // They are a statement of their own: like an item, it is no value and names no variable.
            let kind = StmtKind::Item { macro_rules: false };
            let tokens = self.tokens[start..self.pos].to_vec();
            return Stmt { tokens, attrs: Vec::new(), kind, nodes, semi: false };
        }
        self.attributes(&mut nodes);
        let attrs = nodes
            .iter()
            .filter_map(|node| match node {
                Node::Token(token) => Some(token.clone()),
                _ => None,
            })
            .collect();
        let kind = if let Some(item) = self.item() {
            self.tokens_to(item.end, &mut nodes);
            StmtKind::Item { macro_rules: item.macro_rules }
        } else if self.is_word(0, "let") {
            let kind = self.local(&mut nodes);
            if let StmtKind::Let { init: true, .. } = kind {
                self.expr(STATEMENT, false, &mut nodes);
            }
            kind
        } else {
            if !self.site_stmt(&mut nodes) {
                self.expr_stmt(&mut nodes);
            }
            StmtKind::Expr
        };
        let semi = !matches!(kind, StmtKind::Item { .. }) && self.is_punct(0, ';');
        if semi {
            self.token(&mut nodes);
        }
        self.stray_scope(&mut nodes);
        Stmt { tokens: self.tokens[start..self.pos].to_vec(), attrs, kind, nodes, semi }
    }

    fn inner_attributes(&mut self, out: &mut Vec<Node>) {
        while self.is_punct(0, '#') && self.is_punct(1, '!') && self.group(2, Delimiter::Bracket).is_some() {
            self.tokens_to(self.pos + 3, out);
        }
    }

    fn attributes(&mut self, out: &mut Vec<Node>) {
        while self.is_punct(0, '#') {
            let Some(group) = self.group(1, Delimiter::Bracket) else { return };
            match scope_attribute(group) {
                Some(span) => {
                    self.pos += 2;
                    self.scope = Some(span);
                }
                None => self.tokens_to(self.pos + 2, out),
            }
        }
    }

    fn stray_scope(&mut self, out: &mut Vec<Node>) {
        if let Some(span) = self.scope.take() {
            out.push(Node::StrayScope(span));
        }
    }

    /// `let`, up to the `=`.
    fn local(&mut self, out: &mut Vec<Node>) -> StmtKind {
        self.token(out);
        let start = self.pos;
        while self.peek(0).is_some()
            && !self.is_punct(0, ';')
            && !self.is_assignment()
            && !self.is_type_colon()
        {
            if self.is_puncts(0, [':', ':']) {
                self.pattern_token(out);
            }
            self.pattern_token(out);
        }
        let binds = bindings(&self.tokens[start..self.pos]);
        if self.is_type_colon() {
            let mut depth = 0;
            while self.peek(0).is_some() && !self.is_punct(0, ';') && !(depth == 0 && self.is_assignment()) {
                depth = self.angle_depth(depth);
                self.token(out);
            }
        }
        let init = self.is_assignment();
        if init {
            self.token(out);
        }
        StmtKind::Let { binds, init }
    }

    fn is_type_colon(&self) -> bool {
        self.is_punct(0, ':') && !self.is_puncts(0, [':', ':'])
    }

    fn is_behind_dot(&self) -> bool {
        self.pos > 0
            && matches!(&self.tokens[self.pos - 1], TokenTree::Punct(punct) if punct.as_char() == '.')
    }

    /// The second `:` of a `::`.
    fn is_path_end(&self) -> bool {
        self.pos > 0
            && matches!(&self.tokens[self.pos - 1], TokenTree::Punct(punct)
                if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
    }

    /// A single `=`: not part of `==`, `=>`, `..=` and the like.
    fn is_assignment(&self) -> bool {
        let joined_before = self.pos > 0
            && matches!(&self.tokens[self.pos - 1], TokenTree::Punct(punct)
                if punct.spacing() == Spacing::Joint && "=<>!.+-*/%^&|".contains(punct.as_char())
                    // `let Wrapper::<T>= …`, `let &mut x=`
                    && punct.as_char() != '>');
        self.is_punct(0, '=')
            && !self.is_puncts(0, ['=', '='])
            && !self.is_puncts(0, ['=', '>'])
            && !joined_before
    }

    /// How deep in `<…>` the scanner is behind the next token.
    fn angle_depth(&self, depth: usize) -> usize {
        let behind_arrow = self.pos > 0
            && matches!(&self.tokens[self.pos - 1], TokenTree::Punct(punct)
                if punct.spacing() == Spacing::Joint && "-=".contains(punct.as_char()));
        if self.is_punct(0, '<') {
            depth + 1
        } else if self.is_punct(0, '>') && !behind_arrow {
            depth.saturating_sub(1)
        } else {
            depth
        }
    }

    /// The item that starts here, if one does.
    fn item(&self) -> Option<Item> {
        let makes_items = |bang: &usize| matches!(&self.tokens[bang - 1], TokenTree::Ident(name) if ITEM_MACROS.iter().any(|makes| name == makes));
        if let Some(bang) = self.macro_path().filter(makes_items) {
            return Some(self.item_until(bang + 2, false));
        }
        let mut at = 0;
        if self.is_word(at, "pub") {
            at += 1;
            at += usize::from(self.group(at, Delimiter::Parenthesis).is_some());
        }
        loop {
            let word = self.word(at)?.to_string();
            let next = |word| self.is_word(at + 1, word);
            let modifies_fn = |ahead| {
                ["fn", "unsafe", "extern", "async", "safe"].iter().any(|word| self.is_word(at + ahead, word))
            };
            match word.as_str() {
                "fn" | "struct" | "enum" | "trait" | "impl" | "mod" => return Some(self.braced_item(at)),
                "use" | "type" => return Some(self.semicolon_item(at)),
                "const" if modifies_fn(1) && !next("async") => at += 1,
                "const" if next("async") && modifies_fn(2) => at += 1,
                "static" | "const" if self.word(at + 1).is_some() && !next("move") && !next("async") => {
                    return Some(self.semicolon_item(at));
                }
                "extern" if next("crate") => return Some(self.semicolon_item(at)),
                "extern" if matches!(self.peek(at + 1), Some(TokenTree::Literal(_))) => {
                    if self.group(at + 2, Delimiter::Brace).is_some() {
                        return Some(self.braced_item(at));
                    }
                    at += 2;
                }
                "extern" if self.group(at + 1, Delimiter::Brace).is_some() => {
                    return Some(self.braced_item(at));
                }
                "extern" => at += 1,
                "unsafe" if modifies_fn(1) || next("impl") || next("trait") || next("mod") => at += 1,
                "async" if next("fn") || next("unsafe") => at += 1,
                "safe" if next("fn") => at += 1,
                "auto" if next("trait") => at += 1,
                "union" if self.word(at + 1).is_some() => return Some(self.braced_item(at)),
                "macro_rules" if self.is_punct(at + 1, '!') && self.word(at + 2).is_some() => {
                    return Some(self.item_until(self.pos + at + 4, true));
                }
                _ => return None,
            }
        }
    }

    /// An item that ends there, or with the `;` behind it.
    fn item_until(&self, end: usize, macro_rules: bool) -> Item {
        let semi = matches!(self.tokens.get(end), Some(TokenTree::Punct(punct)) if punct.as_char() == ';');
        Item { end: end + usize::from(semi), macro_rules }
    }

    /// An item that ends with its first brace group outside of `<…>`, or with a `;`.
    fn braced_item(&self, ahead: usize) -> Item {
        let mut scanner = Scanner { pos: self.pos + ahead, ..Scanner::new(self.tokens) };
        let mut depth = 0;
        while scanner.peek(0).is_some() {
            depth = scanner.angle_depth(depth);
            let ends =
                scanner.is_punct(0, ';') || (depth == 0 && scanner.group(0, Delimiter::Brace).is_some());
            scanner.pos += 1;
            if ends {
                break;
            }
        }
        Item { end: scanner.pos, macro_rules: false }
    }

    fn semicolon_item(&self, ahead: usize) -> Item {
        let rest = &self.tokens[self.pos + ahead..];
        let length = rest
            .iter()
            .position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
            .map_or(rest.len(), |semi| semi + 1);
        Item { end: self.pos + ahead + length, macro_rules: false }
    }

    fn expr_stmt(&mut self, out: &mut Vec<Node>) {
        let ends_itself = if self.block_like(out) {
            true
        } else {
            let braced = self.macro_path().is_some_and(|bang| {
                matches!(&self.tokens[bang + 1], TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Brace)
            });
            braced && self.invocation(out)
        };
        if !ends_itself {
            self.expr(STATEMENT, false, out);
        } else if self.continues() {
            self.expr(STATEMENT, true, out);
        }
    }

    /// A deferred statement. What stands behind it as if it had a value is left out. Returns whether one was there.
    fn site_stmt(&mut self, out: &mut Vec<Node>) -> bool {
        let is_site = self.macro_path().is_some_and(
            |bang| matches!(&self.tokens[bang - 1], TokenTree::Ident(keyword) if When::of(keyword).is_some()),
        );
        if !is_site || !self.invocation(out) {
            return false;
        }
        let Some(Node::Site(site)) = out.last_mut() else { return true };
        let operates = match self.peek(0) {
            _ if site.group.delimiter() == Delimiter::Brace => self.continues(),
            Some(TokenTree::Punct(punct)) => punct.as_char() != ';',
            Some(TokenTree::Ident(word)) => word == "as",
            Some(TokenTree::Group(_)) => true,
            _ => false,
        };
        if operates {
            site.operator = self.peek(0).cloned();
            while self.peek(0).is_some() && !self.is_punct(0, ';') {
                self.pos += 1;
            }
        }
        true
    }

    /// Behind a block at the start of a statement: a method call or `?`, which go on with the expression.
    fn continues(&self) -> bool {
        self.is_punct(0, '?') || (self.is_punct(0, '.') && !self.is_puncts(0, ['.', '.']))
    }

    // Expressions.

    /// Expressions between separators, to the end of the group.
    fn list(&mut self) -> Vec<Node> {
        let mut out = Vec::new();
        while self.peek(0).is_some() {
            self.expr(LISTED, false, &mut out);
            self.stray_scope(&mut out);
            if self.is_puncts(0, ['=', '>']) {
                self.token(&mut out);
            }
            self.token(&mut out);
        }
        out
    }

    /// One expression. `operand`: what stands before it is a complete operand.
    fn expr(&mut self, until: Until, mut operand: bool, out: &mut Vec<Node>) {
        while let Some(token) = self.peek(0) {
            operand = match token.clone() {
                TokenTree::Punct(punct) => match punct.as_char() {
                    ';' => return,
                    ',' if until.comma => return,
                    '=' if until.arrow && self.is_puncts(0, ['=', '>']) => return,
                    '#' if !operand => {
                        let before = self.pos;
                        self.attributes(out);
                        if self.pos == before {
                            self.token(out);
                        }
                        false
                    }
                    '\'' if !operand => {
                        if !self.block_like(out) {
                            self.tokens_to(self.pos + 2, out);
                        }
                        true
                    }
                    '|' if !operand => {
                        self.closure(self.pos, until, out);
                        true
                    }
                    // `||` and `<<`, each of which would be something else behind the other.
                    char @ ('|' | '<') if operand && self.is_puncts(0, [char, char]) => {
                        self.tokens_to(self.pos + 2, out);
                        false
                    }
                    '?' if operand => {
                        out.push(Node::Try(token.clone()));
                        self.pos += 1;
                        true
                    }
                    '.' if self.is_puncts(0, ['.', '.']) => {
                        let inclusive = self.is_puncts(1, ['.', '=']);
                        self.tokens_to(self.pos + 2 + usize::from(inclusive), out);
                        // `0.. {` ends the head of a loop: the range needs no right side.
                        if until.brace && !inclusive && self.group(0, Delimiter::Brace).is_some() {
                            return;
                        }
                        false
                    }
                    '.' => {
                        self.token(out);
                        self.member(out);
                        true
                    }
                    ':' if self.is_puncts(0, [':', ':']) => {
                        if !operand && self.invocation(out) {
                            true
                        } else {
                            self.tokens_to(self.pos + 2, out);
                            if self.is_punct(0, '<') {
                                self.angles(out);
                            }
                            operand
                        }
                    }
                    '<' if !operand => {
                        self.angles(out);
                        true
                    }
                    _ => {
                        self.token(out);
                        false
                    }
                },
                TokenTree::Literal(_) => {
                    self.token(out);
                    true
                }
                TokenTree::Group(group) => match group.delimiter() {
                    Delimiter::Brace if operand && until.brace => return,
                    Delimiter::Brace if !operand => {
                        self.braces(Role::Plain, Vec::new(), None, out);
                        true
                    }
                    Delimiter::None if !operand && is_block(&group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        let mut scanner =
                            Scanner { scope: self.scope.take(), detail: self.detail, ..Scanner::new(&inner) };
                        scanner.braces(Role::Plain, Vec::new(), None, out);
                        self.pos += 1;
                        true
                    }
                    _ => {
                        self.nested(out);
                        true
                    }
                },
                TokenTree::Ident(ident) => self.word_expr(&ident, until, operand, out),
            };
        }
    }

    /// An expression that starts with a word, or the next word of one. Returns whether it is an operand.
    fn word_expr(&mut self, ident: &Ident, until: Until, operand: bool, out: &mut Vec<Node>) -> bool {
        match ident.to_string().as_str() {
            "as" if operand => {
                self.token(out);
                self.cast_type(out);
                true
            }
            "else" if operand => {
                self.token(out);
                if self.group(0, Delimiter::Brace).is_some() {
                    self.braces(Role::LetElse, Vec::new(), None, out);
                }
                true
            }
            "let" => {
                self.condition_let(out);
                false
            }
            "return" | "break" | "continue" => {
                self.jump(ident, until, out);
                true
            }
            "async" | "move" | "static" | "for" | "const" if self.frame(until, out) => true,
            _ if !operand && self.block_like(out) => true,
            _ if !operand && self.invocation(out) => true,
            word => {
                self.token(out);
                !matches!(word, "in" | "mut" | "ref" | "box" | "raw" | "unsafe" | "dyn" | "yield")
                    || (word == "raw" && !self.is_word(0, "const") && !self.is_word(0, "mut"))
            }
        }
    }

    /// An expression that ends with a block and needs no `;` as a statement. Returns whether one was there.
    fn block_like(&mut self, out: &mut Vec<Node>) -> bool {
        let labelled = self.is_punct(0, '\'') && self.word(1).is_some() && self.is_punct(2, ':');
        let ahead = if labelled { 3 } else { 0 };
        let word = self.word(ahead).map(ToString::to_string).unwrap_or_default();
        let braces_next = self.group(ahead + 1, Delimiter::Brace).is_some();
        let starts = match word.as_str() {
            "" => self.group(ahead, Delimiter::Brace).is_some(),
            "if" | "match" | "while" => true,
            "for" => !self.is_punct(ahead + 1, '<'),
            "loop" | "unsafe" | "const" | "try" => braces_next,
            _ => false,
        };
        if !starts {
            return false;
        }
        let label = if labelled { self.word(1).cloned() } else { None };
        // The block that the attribute is for is the body, not a block in the head.
        let scope = self.scope.take();
        self.tokens_to(self.pos + ahead, out);
        match word.as_str() {
            "" => {
                self.scope = scope;
                self.braces(Role::Plain, Vec::new(), label, out);
            }
            "if" => self.if_(out),
            "match" => {
                self.token(out);
                self.expr(HEAD, false, out);
                self.arms(out);
            }
            "while" => {
                self.token(out);
                let (binds, _) = self.head(out);
                self.scope = scope;
                self.braces(Role::Loop, binds, label, out);
            }
            "for" => {
                self.token(out);
                let start = self.pos;
                while self.peek(0).is_some() && !self.is_word(0, "in") {
                    self.pattern_token(out);
                }
                let binds = bindings(&self.tokens[start..self.pos]);
                self.token(out);
                self.expr(HEAD, false, out);
                self.scope = scope;
                self.braces(Role::Loop, binds, label, out);
            }
            "loop" => {
                self.token(out);
                self.scope = scope;
                self.braces(Role::Loop, Vec::new(), label, out);
            }
            // Evaluated by the compiler: nothing in it can be deferred.
            "const" => self.tokens_to(self.pos + 2, out),
            word => {
                let role = if word == "unsafe" { Role::Unsafe } else { Role::Arm };
                self.token(out);
                self.scope = scope;
                self.braces(role, Vec::new(), label, out);
            }
        }
        if matches!(word.as_str(), "if" | "match" | "const") {
            self.scope = scope;
        }
        true
    }

    /// `if … { … } else if … { … } else { … }`
    fn if_(&mut self, out: &mut Vec<Node>) {
        let mut role = Role::Branch;
        loop {
            self.token(out);
            let (binds, has_let) = self.head(out);
            if has_let {
                role = Role::Arm;
            }
            self.braces(role, binds, None, out);
            if !self.is_word(0, "else") {
                return;
            }
            self.token(out);
            if !self.is_word(0, "if") {
                self.braces(role, Vec::new(), None, out);
                return;
            }
        }
    }

    /// The condition of `if` or `while`: the names it binds, and whether it has a `let`.
    fn head(&mut self, out: &mut Vec<Node>) -> (Vec<Ident>, bool) {
        let start = self.pos;
        self.expr(HEAD, false, out);
        let mut binds = Vec::new();
        let mut has_let = false;
        let mut scanner = Scanner { pos: start, ..Scanner::new(&self.tokens[..self.pos]) };
        while scanner.peek(0).is_some() {
            if scanner.is_word(0, "let") {
                has_let = true;
                binds.extend(scanner.condition_let(&mut Vec::new()));
            } else {
                scanner.pos += 1;
            }
        }
        (binds, has_let)
    }

    /// `let PATTERN =` in a condition.
    fn condition_let(&mut self, out: &mut Vec<Node>) -> Vec<Ident> {
        self.token(out);
        let start = self.pos;
        while self.peek(0).is_some() && !self.is_assignment() && !self.is_punct(0, ';') {
            self.pattern_token(out);
        }
        let binds = bindings(&self.tokens[start..self.pos]);
        if self.is_assignment() {
            self.token(out);
        }
        binds
    }

    /// The arms of a `match`.
    fn arms(&mut self, out: &mut Vec<Node>) {
        let Some(group) = self.group(0, Delimiter::Brace).cloned() else { return };
        self.pos += 1;
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut scanner = Scanner { detail: self.detail, ..Scanner::new(&tokens) };
        let mut nodes = Vec::new();
        scanner.inner_attributes(&mut nodes);
        while scanner.peek(0).is_some() {
            scanner.arm(group.span_close(), &mut nodes);
        }
        out.push(self.grouped(group, nodes));
    }

    /// `PATTERN if GUARD => BODY,`
    fn arm(&mut self, close: Span, out: &mut Vec<Node>) {
        let before = self.pos;
        self.attributes(out);
        let attrs = self.tokens[before..self.pos].to_vec();
        let start = self.pos;
        while self.peek(0).is_some() && !self.is_word(0, "if") && !self.is_puncts(0, ['=', '>']) {
            self.pattern_token(out);
        }
        let mut binds = bindings(&self.tokens[start..self.pos]);
        if self.is_word(0, "if") {
            self.token(out);
            let (bound, _) = self.head(out);
            binds.extend(bound);
        }
        self.tokens_to(self.pos + 2, out);
        let start = self.pos;
        let mut nodes = Vec::new();
        self.attributes(&mut nodes);
        let ends_itself = self.block_like(&mut nodes);
        if !ends_itself || self.continues() {
            self.expr(LISTED, ends_itself, &mut nodes);
        }
        self.stray_scope(&mut nodes);
        let has_site = self.detail == Detail::Full || nodes.iter().any(Node::has_site);
        match <[Node; 1]>::try_from(nodes) {
            Ok([Node::Block(block)]) if block.role == Role::Plain && block.label.is_none() => {
                out.push(Node::Block(Block { role: Role::Arm, attrs, binds, ..block }));
            }
            nodes => {
                let nodes = nodes.map_or_else(|nodes| nodes, Vec::from);
                if has_site {
                    let bare = self.bare(start, nodes);
                    out.push(Node::Block(Block { role: Role::Arm, attrs, binds, close, ..bare }));
                } else {
                    out.extend(nodes);
                }
            }
        }
        if self.is_punct(0, ',') || self.is_punct(0, ';') {
            self.token(out);
        }
    }

    /// A block in braces.
    fn braces(&mut self, role: Role, binds: Vec<Ident>, label: Option<Ident>, out: &mut Vec<Node>) {
        let Some(group) = self.group(0, Delimiter::Brace).cloned() else { return };
        self.pos += 1;
        let block = Block { binds, label, scope: self.scope.take(), ..read_block(&group, role, self.detail) };
        let marked = self.detail == Detail::Marked;
        if marked && block.scope.is_none() && block.stmts.iter().all(|stmt| plain(&stmt.nodes)) {
            out.push(Node::Token(group.into()));
        } else {
            out.push(Node::Block(block));
        }
    }

    /// Parentheses, brackets, the fields of a struct literal, an expression from a `macro_rules!` fragment.
    fn nested(&mut self, out: &mut Vec<Node>) {
        if let Some(TokenTree::Group(group)) = self.peek(0).cloned() {
            self.pos += 1;
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            let nodes = Scanner { detail: self.detail, ..Scanner::new(&tokens) }.list();
            out.push(self.grouped(group, nodes));
        }
    }

    /// Behind a single `.`: a field, a method with its type arguments, or `await`.
    fn member(&mut self, out: &mut Vec<Node>) {
        if let Some(ident) = self.word(0).filter(|word| *word == "await") {
            out.push(Node::Await(ident.clone()));
            self.pos += 1;
            return;
        }
        self.token(out);
        if self.is_puncts(0, [':', ':']) {
            self.tokens_to(self.pos + 2, out);
            self.angles(out);
        }
    }

    /// `<…>`
    fn angles(&mut self, out: &mut Vec<Node>) {
        let mut depth = 0;
        while self.peek(0).is_some() && !self.is_punct(0, ';') {
            depth = self.angle_depth(depth);
            self.token(out);
            if depth == 0 {
                return;
            }
        }
    }

    /// The type behind `as`.
    fn cast_type(&mut self, out: &mut Vec<Node>) {
        while self.is_punct(0, '*') || self.is_punct(0, '&') {
            self.token(out);
            while self.is_word(0, "const") || self.is_word(0, "mut") {
                self.token(out);
            }
        }
        loop {
            if self.is_puncts(0, [':', ':']) {
                self.tokens_to(self.pos + 2, out);
            }
            self.token(out);
            if self.is_punct(0, '<') && !self.is_puncts(0, ['<', '<']) && !self.is_puncts(0, ['<', '=']) {
                self.angles(out);
            }
            if !self.is_puncts(0, [':', ':']) {
                return;
            }
        }
    }

    /// `return`, `break` or `continue`, with a label and a value.
    fn jump(&mut self, keyword: &Ident, until: Until, out: &mut Vec<Node>) {
        self.pos += 1;
        let label = match (self.peek(0), self.word(1)) {
            (Some(TokenTree::Punct(quote)), Some(name))
                if quote.as_char() == '\'' && keyword != "return" && !self.is_punct(2, ':') =>
            {
                let label = (TokenTree::Punct(quote.clone()), name.clone());
                self.pos += 2;
                Some(label)
            }
            _ => None,
        };
        let mut value = Vec::new();
        // `if break { … }`, but `if return { … } { … }`.
        let ends_head = until.brace && keyword != "return" && self.group(0, Delimiter::Brace).is_some();
        let ends_here = keyword == "continue" || ends_head;
        if !ends_here {
            self.expr(until, false, &mut value);
        }
        out.push(Node::Jump(Jump { keyword: keyword.clone(), label, value }));
    }

    /// An async block, or a closure with something before its `|`. Returns whether one was there.
    fn frame(&mut self, until: Until, out: &mut Vec<Node>) -> bool {
        let start = self.pos;
        let mut ahead = 0;
        if self.is_word(0, "for") && self.is_punct(1, '<') {
            let mut scanner = Scanner { pos: self.pos + 1, ..Scanner::new(self.tokens) };
            scanner.angles(&mut Vec::new());
            ahead = scanner.pos - self.pos;
        }
        let mut is_async = false;
        while let Some(word) = self.word(ahead) {
            match word.to_string().as_str() {
                "async" => is_async = true,
                "move" | "static" | "const" => {}
                _ => return false,
            }
            ahead += 1;
        }
        if self.is_punct(ahead, '|') {
            self.pos += ahead;
            self.closure(start, until, out);
            return true;
        }
        if !is_async {
            return false;
        }
        let Some(group) = self.group(ahead, Delimiter::Brace).cloned() else { return false };
        let body = read_block(&group, Role::Body, self.detail);
        self.pos += ahead + 1;
        self.push_frame(start, None, is_async, false, body, out);
        true
    }

    /// A closure, from its `|` on; `start` is where its tokens start.
    fn closure(&mut self, start: usize, until: Until, out: &mut Vec<Node>) {
        let is_async = self.tokens[start..self.pos]
            .iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "async"));
        self.pos += 1;
        while self.peek(0).is_some() && !self.is_punct(0, '|') {
            self.pos += 1;
        }
        self.pos += 1;
        let mut output = None;
        if self.is_puncts(0, ['-', '>']) {
            self.pos += 2;
            let from = self.pos;
            let mut depth = 0;
            while self.peek(0).is_some()
                && !(depth == 0 && self.group(0, Delimiter::Brace).is_some())
                && !self.is_punct(0, ';')
            {
                depth = self.angle_depth(depth);
                self.pos += 1;
            }
            output = Some(self.tokens[from..self.pos].iter().cloned().collect());
        }
        let body_at = self.pos.min(self.tokens.len());
        self.pos = body_at;
        let mut nodes = Vec::new();
        self.attributes(&mut nodes);
        let starts_with_block = self.block_like(&mut nodes);
        let behind = self.pos;
        // Behind a written type the body is a block, and ends with it.
        if output.is_none() || !starts_with_block {
            self.expr(until, starts_with_block, &mut nodes);
        }
        self.stray_scope(&mut nodes);
        if starts_with_block && self.pos > behind && nodes.iter().any(Node::has_site) {
            // `|x| if x { 1 } else { 2 } as u8`: in the braces that a frame gets, the block would be a statement.
            let tokens = self.tokens[body_at..self.pos].iter().cloned().collect();
            let mut parens = Group::new(Delimiter::Parenthesis, tokens);
            parens.set_span(self.tokens[self.pos - 1].span());
            nodes = vec![Node::Group(parens, nodes)];
        }
        let body = match <[Node; 1]>::try_from(nodes) {
            Ok([Node::Block(block)]) if block.role == Role::Plain && block.label.is_none() => {
                Block { role: Role::Body, ..block }
            }
            Ok([node]) => self.bare(body_at, vec![node]),
            Err(nodes) => self.bare(body_at, nodes),
        };
        let end = self.pos;
        self.pos = body_at;
        self.push_frame(start, output, is_async, true, body, out);
        self.pos = end;
    }

    /// The expression since `start`, standing where a block could.
    fn bare(&self, start: usize, nodes: Vec<Node>) -> Block {
        Block {
            group: None,
            stmts: vec![Stmt {
                tokens: self.tokens[start..self.pos].to_vec(),
                attrs: Vec::new(),
                kind: StmtKind::Expr,
                nodes,
                semi: false,
            }],
            role: Role::Body,
            attrs: Vec::new(),
            binds: Vec::new(),
            label: None,
            scope: None,
            close: self.tokens[..self.pos].last().map_or_else(Span::call_site, TokenTree::span),
        }
    }

    /// A frame, or plain tokens if nothing of ours is in it.
    fn push_frame(
        &mut self,
        start: usize,
        output: Option<TokenStream>,
        is_async: bool,
        is_closure: bool,
        body: Block,
        out: &mut Vec<Node>,
    ) {
        let head_end = if is_closure { self.pos } else { self.pos - 1 };
        let head = self.tokens[start..head_end].to_vec();
        let nothing = self.detail == Detail::Marked && body.stmts.iter().all(|stmt| plain(&stmt.nodes));
        match &body.group {
            Some(group) if nothing => {
                out.extend(head.into_iter().map(Node::Token));
                out.push(Node::Token(group.clone().into()));
            }
            None if nothing => {
                out.extend(head.into_iter().map(Node::Token));
                out.extend(body.stmts.into_iter().flat_map(|stmt| stmt.nodes));
            }
            _ => out.push(Node::Frame(Frame { head, output, is_async, body })),
        }
    }

    // Macros.

    /// Where the `!` of a macro invocation stands, if one starts here.
    fn macro_path(&self) -> Option<usize> {
        let mut at = if self.is_puncts(0, [':', ':']) { 2 } else { 0 };
        loop {
            let word = self.word(at)?;
            if at == 0 && KEYWORDS.iter().any(|keyword| word == keyword) {
                return None;
            }
            at += 1;
            if self.is_puncts(at, [':', ':']) {
                at += 2;
            } else {
                break;
            }
        }
        let is_group = matches!(self.peek(at + 1), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None);
        (self.is_punct(at, '!') && is_group).then_some(self.pos + at)
    }

    /// A macro invocation. Returns whether one was there.
    fn invocation(&mut self, out: &mut Vec<Node>) -> bool {
        let Some(bang) = self.macro_path() else { return false };
        let path = self.tokens[self.pos..=bang].to_vec();
        let (TokenTree::Ident(keyword), TokenTree::Group(group)) =
            (&self.tokens[bang - 1], &self.tokens[bang + 1])
        else {
            return false;
        };
        let (keyword, group) = (keyword.clone(), group.clone());
        self.pos = bang + 2;
        if crate::names::is_marker(&keyword.to_string(), group.stream()) {
            // Another `#[with_defer]` has been here.
            out.extend(path.into_iter().map(Node::Token));
            out.push(Node::Token(group.into()));
        } else if let Some(when) = When::of(&keyword) {
            out.push(Node::Site(Site { path, keyword, when, group, operator: None }));
        } else if keyword == "recover" {
            out.push(Node::Recover(Recover { path, keyword, group }));
        } else {
            let nodes = macro_input(group.stream());
            if plain(&nodes) && self.detail == Detail::Marked && !hides_await(&keyword) {
                out.extend(path.into_iter().map(Node::Token));
                out.push(Node::Token(group.into()));
            } else {
                out.push(Node::Macro(Macro { path, hides_await: hides_await(&keyword), group, nodes }));
            }
        }
        true
    }
}

/// The end of an item, and whether it defines a macro.
struct Item {
    end: usize,
    macro_rules: bool,
}

pub(crate) const KEYWORDS: [&str; 20] = [
    "as", "async", "await", "box", "break", "const", "continue", "else", "if", "in", "let", "loop", "match",
    "move", "mut", "ref", "return", "unsafe", "while", "yield",
];

/// Tokens that are anything to somebody else's macro: only what we can be sure of is looked for.
fn macro_input(tokens: TokenStream) -> Vec<Node> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut scanner = Scanner::new(&tokens);
    let mut out = Vec::new();
    while let Some(token) = scanner.peek(0).cloned() {
        let operand_before = scanner.pos > 0 && !matches!(tokens[scanner.pos - 1], TokenTree::Punct(_));
        let recovers = scanner
            .macro_path()
            .is_some_and(|bang| matches!(&tokens[bang - 1], TokenTree::Ident(word) if word == "recover"));
        match token {
            _ if recovers => {
                scanner.invocation(&mut out);
            }
            TokenTree::Punct(punct) if punct.as_char() == '?' && operand_before => {
                out.push(Node::Try(punct.into()));
                scanner.pos += 1;
            }
            TokenTree::Ident(word) if word == "await" && scanner.is_behind_dot() => {
                out.push(Node::Await(word));
                scanner.pos += 1;
            }
            TokenTree::Group(group) => {
                let nodes = macro_input(group.stream());
                out.push(grouped(group, nodes));
                scanner.pos += 1;
            }
            token => {
                out.push(Node::Token(token));
                scanner.pos += 1;
            }
        }
    }
    out
}

/// Whether a macro is one of those of `futures` and `tokio` that await what is in them.
fn hides_await(name: &Ident) -> bool {
    ["join", "try_join", "select", "select_biased", "pending", "poll"].iter().any(|awaiting| name == awaiting)
}

/// The group as it was, if nothing of interest is in it.
fn grouped(group: Group, nodes: Vec<Node>) -> Node {
    if plain(&nodes) { Node::Token(group.into()) } else { Node::Group(group, nodes) }
}

fn plain(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| matches!(node, Node::Token(_)))
}

fn is_block(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    let first = tokens.next();
    matches!(first, Some(TokenTree::Group(inner)) if inner.delimiter() == Delimiter::Brace)
        && tokens.next().is_none()
}

/// `defer_scope`, by whatever path.
fn scope_attribute(group: &Group) -> Option<Span> {
    let mut last = None;
    for token in group.stream() {
        match token {
            TokenTree::Ident(ident) => last = Some(ident),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => return None,
        }
    }
    last.filter(|ident| ident == "defer_scope").map(|ident| ident.span())
}

/// The names that a pattern binds: lower-case words that are no path, field name, macro or keyword.
pub(crate) fn bindings(pattern: &[TokenTree]) -> Vec<Ident> {
    let mut binds = Vec::new();
    let scanner = |pos| Scanner { pos, ..Scanner::new(pattern) };
    for (at, token) in pattern.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                binds.extend(bindings(&inner));
            }
            TokenTree::Ident(ident) => {
                let here = scanner(at);
                let path = here.is_puncts(1, [':', ':'])
                    || (at > 0
                        && matches!(&pattern[at - 1], TokenTree::Punct(punct) if punct.as_char() == ':' || punct.as_char() == '\'')
                        && at > 1
                        && matches!(&pattern[at - 2], TokenTree::Punct(punct) if punct.as_char() == ':'));
                let field = here.is_punct(1, ':') && !path;
                let constructor = matches!(here.peek(1), Some(TokenTree::Group(_))) || here.is_punct(1, '!');
                let name = ident.to_string();
                let lower = name
                    .trim_start_matches("r#")
                    .starts_with(|char: char| char.is_lowercase() || char == '_');
                let keyword =
                    matches!(name.as_str(), "mut" | "ref" | "box" | "true" | "false" | "_" | "const");
                if lower && !keyword && !path && !field && !constructor {
                    binds.push(ident.clone());
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    binds
}

/// The names that the parameters of a closure bind: the patterns between its bars, without their types.
pub(crate) fn parameters(head: &[TokenTree]) -> Vec<Ident> {
    let Some(start) =
        head.iter().position(|token| matches!(token, TokenTree::Punct(bar) if bar.as_char() == '|'))
    else {
        return Vec::new();
    };
    let mut scanner = Scanner { pos: start + 1, ..Scanner::new(head) };
    let mut patterns = Vec::new();
    let mut depth = 0;
    let mut in_type = false;
    while let Some(token) = scanner.peek(0).filter(|_| !scanner.is_punct(0, '|')) {
        depth = scanner.angle_depth(depth);
        if depth == 0 && scanner.is_punct(0, ',') {
            in_type = false;
        }
        in_type |= scanner.is_type_colon() && !scanner.is_path_end();
        if !in_type {
            patterns.push(token.clone());
        }
        scanner.pos += 1;
    }
    bindings(&patterns)
}
