//! Functions to try the macro on: hand-written ones, and those of this workspace itself.
#![allow(dead_code, reason = "each test uses a part")]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ImplItemFn, ItemFn, Macro, Signature, TraitItemFn};

/// Whether an expansion is Rust, in the arguments of `pin!` too.
pub(crate) fn check_rust(expansion: TokenStream) -> syn::Result<()> {
    let mut pins = Pins { error: None };
    pins.visit_file(&syn::parse2(expansion)?);
    pins.error.map_or(Ok(()), Err)
}

struct Pins {
    error: Option<syn::Error>,
}

impl<'ast> Visit<'ast> for Pins {
    fn visit_macro(&mut self, invocation: &'ast Macro) {
        if invocation.path.to_token_stream().to_string() == ":: core :: pin :: pin" {
            match invocation.parse_body::<Expr>() {
                Ok(pinned) => self.visit_expr(&pinned),
                Err(error) => self.error = Some(error),
            }
        }
    }
}

/// A function.
pub(crate) struct Sample {
    /// What it is called, and where it stands.
    pub(crate) name: String,
    pub(crate) tokens: TokenStream,
}

impl Sample {
    pub(crate) fn parsed(&self) -> ItemFn {
        syn::parse2(self.tokens.clone()).unwrap()
    }

    /// Whether something is deferred in it.
    pub(crate) fn defers(&self) -> bool {
        with_defer_expand::explain(TokenStream::new(), &self.tokens) != "nothing is deferred\n"
    }
}

/// The functions in `corpus/`, those of the workspace, and those below `WITH_DEFER_SOURCES`.
pub(crate) fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["tests/corpus", "src", "../defer-macros/src", "../defer-runtime/src"] {
        collect_files(&root.join(folder), &mut files);
    }
    if let Some(more) = std::env::var_os("WITH_DEFER_SOURCES") {
        collect_files(Path::new(&more), &mut files);
    }
    files.sort();
    let mut samples = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let Ok(parsed) = syn::parse_file(&source) else {
            // What is not ours may be written in a Rust that syn does not know.
            assert!(!file.starts_with(root), "{} does not parse", file.display());
            continue;
        };
        let file = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        Collector { file, samples: &mut samples }.visit_file(&parsed);
    }
    samples
}

fn collect_files(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect_files(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}

struct Collector<'a> {
    file: String,
    samples: &'a mut Vec<Sample>,
}

impl Collector<'_> {
    fn add(&mut self, signature: &Signature, function: &impl ToTokens) {
        let tokens = function.to_token_stream();
        // `default fn` is no item of its own.
        if signature.constness.is_none() && syn::parse2::<ItemFn>(tokens.clone()).is_ok() {
            let name = format!("{} in {}", signature.ident, self.file);
            self.samples.push(Sample { name, tokens });
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig, function);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig, function);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if function.default.is_some() {
            self.add(&function.sig, function);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}
