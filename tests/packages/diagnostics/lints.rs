//! No lint fires for glue: rustc's own, those that are allowed by default too, and all of clippy's.

use super::{differences, is_the_compiler};

/// Every stable lint of rustc's that is allowed by default.
const RUSTC: [&str; 53] = [
    "absolute_paths_not_starting_with_crate",
    "ambiguous_negative_literals",
    "closure_returning_async_block",
    "deprecated_in_future",
    "deprecated_safe_2024",
    "edition_2024_expr_fragment_specifier",
    "elided_lifetimes_in_paths",
    "explicit_outlives_requirements",
    "ffi_unwind_calls",
    "if_let_rescope",
    "impl_trait_overcaptures",
    "impl_trait_redundant_captures",
    "keyword_idents_2018",
    "keyword_idents_2024",
    "let_underscore_drop",
    "macro_use_extern_crate",
    "meta_variable_misuse",
    "missing_copy_implementations",
    "missing_debug_implementations",
    "missing_docs",
    "missing_unsafe_on_extern",
    "non_ascii_idents",
    "redundant_imports",
    "redundant_lifetimes",
    "rust_2021_incompatible_closure_captures",
    "rust_2021_incompatible_or_patterns",
    "rust_2021_prefixes_incompatible_syntax",
    "rust_2021_prelude_collisions",
    "rust_2024_guarded_string_incompatible_syntax",
    "rust_2024_incompatible_pat",
    "rust_2024_prelude_collisions",
    "single_use_lifetimes",
    "tail_expr_drop_order",
    "trivial_casts",
    "trivial_numeric_casts",
    "unit_bindings",
    "unnameable_types",
    "unreachable_pub",
    "unsafe_attr_outside_unsafe",
    "unsafe_code",
    "unsafe_op_in_unsafe_fn",
    "unstable_features",
    "unused_crate_dependencies",
    "unused_extern_crates",
    "unused_import_braces",
    "unused_lifetimes",
    "unused_macro_rules",
    "unused_qualifications",
    "unused_results",
    "variant_size_differences",
    "rust_2018_compatibility",
    "rust_2021_compatibility",
    "rust_2024_compatibility",
];

const CLIPPY: [&str; 4] = ["clippy::all", "clippy::pedantic", "clippy::nursery", "clippy::restriction"];

/// What fires in `sources/clean.rs` with the attribute only.
fn fires(edition: &str, lints: &[&str]) -> Vec<String> {
    let lints = lints.iter().map(|lint| format!("--warn={lint}"));
    let options: Vec<_> =
        [format!("--edition={edition}"), "--cap-lints=warn".to_owned()].into_iter().chain(lints).collect();
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let [with, _] = differences("clippy-driver", "clean.rs", &options);
    with
}

const NONE: [&str; 0] = [];

#[test]
fn lints_of_rustc() {
    if is_the_compiler() {
        assert_eq!(fires("2024", &RUSTC), NONE);
    }
}

#[test]
fn lints_of_rustc_before_edition_2024() {
    if is_the_compiler() {
        assert_eq!(fires("2021", &RUSTC), NONE);
        assert_eq!(fires("2018", &RUSTC), NONE);
    }
}

/// The restrictions too, and those that contradict each other.
#[test]
fn lints_of_clippy() {
    if is_the_compiler() {
        let mut fires = fires("2024", &CLIPPY);
        fires.retain(|text| text.contains("clippy::") && !text.contains("clippy::semicolon_"));
        // clippy looks for what could change a static in the function, and not in closures.
        let arms =
            "arms 0:8-0:12 clippy::must_use_candidate this function could have a `#[must_use]` attribute";
        assert_eq!(fires, [arms]);
    }
}

/// Of the two that contradict each other, `semicolon_inside_block` sees glue, and is allowed to.
#[test]
fn semicolons() {
    if is_the_compiler() {
        assert_eq!(fires("2024", &["clippy::semicolon_outside_block"]), NONE);
    }
}
