//! Whether a piece of code names a variable. Macros and format strings hide names, so the answer is by the letter
//! and errs on the side of yes.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// The words in a piece of code, and the names in its format strings.
#[derive(Default)]
pub(crate) struct Mentions {
    words: HashSet<String>,
    /// Words in front of a `=`.
    assigned: HashSet<String>,
    /// Words that a pattern looks into: `match x { … }`, `if let Some(y) = x { … }`.
    matched: HashSet<String>,
}

impl Mentions {
    pub(crate) fn of(tokens: impl IntoIterator<Item = TokenTree>) -> Self {
        let mut mentions = Self::default();
        mentions.add(tokens);
        mentions
    }

    pub(crate) fn add(&mut self, tokens: impl IntoIterator<Item = TokenTree>) {
        let mut pending: Vec<TokenStream> = vec![tokens.into_iter().collect()];
        while let Some(tokens) = pending.pop() {
            let mut last = None;
            let mut declares = false;
            // What follows is a scrutinee.
            let mut looks = false;
            let mut scrutinee: Option<String> = None;
            for token in tokens {
                let before = last.take();
                if let Some(word) = scrutinee.take().filter(|_| ends_scrutinee(&token)) {
                    self.matched.insert(word);
                }
                let is_scrutinee = std::mem::take(&mut looks);
                match token {
                    TokenTree::Group(group) => pending.push(group.stream()),
                    TokenTree::Ident(word) => {
                        let word = plain(&word.to_string());
                        self.words.insert(word.clone());
                        declares |= word == "let";
                        looks = word == "match";
                        scrutinee = is_scrutinee.then(|| word.clone());
                        last = Some(word);
                    }
                    TokenTree::Literal(literal) => self.words.extend(captures(&literal.to_string())),
                    // `let x = 1` assigns nothing.
                    TokenTree::Punct(punct) if punct.as_char() == '=' && declares => {
                        (declares, looks) = (false, true);
                    }
                    TokenTree::Punct(punct) if punct.as_char() == '=' => self.assigned.extend(before),
                    // `x += 1`
                    TokenTree::Punct(punct) if "+-*/%^&|<>".contains(punct.as_char()) => last = before,
                    TokenTree::Punct(_) => {}
                }
            }
        }
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    pub(crate) fn into_words(self) -> impl Iterator<Item = String> {
        self.words.into_iter()
    }

    /// A name, as it is compared: `r#type` and `type` are one.
    pub(crate) fn plain(name: &Ident) -> String {
        plain(&name.to_string())
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.words.extend(other.words.iter().cloned());
        self.assigned.extend(other.assigned.iter().cloned());
        self.matched.extend(other.matched.iter().cloned());
    }

    /// Whether one of the words of the other code may be assigned to in this.
    pub(crate) fn assigns_any(&self, other: &Self) -> bool {
        self.assigned.iter().any(|word| other.words.contains(word))
    }

    /// Whether the variable may be assigned to.
    pub(crate) fn assigns(&self, name: &Ident) -> bool {
        self.assigned.contains(&Self::plain(name))
    }

    /// Whether a pattern looks into the variable.
    pub(crate) fn matches(&self, name: &Ident) -> bool {
        self.matched.contains(&Self::plain(name))
    }

    pub(crate) fn has(&self, name: &Ident) -> bool {
        self.has_word(&Self::plain(name))
    }

    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

/// Whether a token stands behind a whole scrutinee, and not inside of one.
fn ends_scrutinee(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Ident(word) => word == "else",
        TokenTree::Punct(punct) => punct.as_char() == '&',
        TokenTree::Literal(_) => false,
    }
}

fn plain(word: &str) -> String {
    word.strip_prefix("r#").unwrap_or(word).to_owned()
}

/// The names that a format string captures: `{name}`, `{name:?}`, `{:width$}`, `{:.precision$}`.
fn captures(literal: &str) -> impl Iterator<Item = String> + '_ {
    literal.split('{').skip(1).flat_map(|hole| {
        let hole = hole.split('}').next().unwrap_or_default();
        let (argument, spec) = hole.split_once(':').unwrap_or((hole, ""));
        let counts = spec.split_inclusive('$').filter_map(|part| part.strip_suffix('$'));
        let name = |text: &str| {
            let start = text.trim_end();
            let from =
                start.rfind(|char: char| !(char.is_alphanumeric() || char == '_')).map_or(0, |at| at + 1);
            start.get(from..).unwrap_or_default().to_owned()
        };
        let names: Vec<String> = std::iter::once(argument.trim().to_owned())
            .chain(counts.map(name))
            .filter(|name| !name.is_empty())
            .collect();
        names
    })
}

#[cfg(test)]
mod tests {
    use super::Mentions;

    fn mentions(source: &str) -> Mentions {
        Mentions::of(source.parse::<proc_macro2::TokenStream>().unwrap())
    }

    fn name(name: &str) -> proc_macro2::Ident {
        proc_macro2::Ident::new(name, proc_macro2::Span::call_site())
    }

    #[test]
    fn words_at_any_depth() {
        let found = mentions("a(b[{ c }])");
        assert!(found.has(&name("a")) && found.has(&name("b")) && found.has(&name("c")));
        assert!(!found.has(&name("d")));
    }

    #[test]
    fn names_in_format_strings() {
        let found = mentions(r#"println!("{x} {y:?} {0:w$} {:>p$.q$} {{z}}", 1)"#);
        for word in ["x", "y", "w", "p", "q"] {
            assert!(found.has(&name(word)), "{word}");
        }
    }

    #[test]
    fn scrutinees() {
        let matched = |source| mentions(source).matches(&name("x"));
        assert!(matched("match x { a => b }"));
        assert!(matched("{ if let Some(a) = x { b } }"));
        assert!(matched("let Some(a) = x else { b };"));
        assert!(matched("while let Some(a) = x && b {}"));
        assert!(!matched("match x.a { b => c }"));
        assert!(!matched("let a = x(b);"));
        assert!(!matched("a = x; let b = a;"));
        assert!(!matched("match *x {}"));
    }

    #[test]
    fn raw_identifiers() {
        assert!(mentions("r#type").has(&proc_macro2::Ident::new_raw("type", proc_macro2::Span::call_site())));
    }
}
