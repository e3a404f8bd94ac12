//! The procedural macros of [`with_defer`](https://docs.rs/with_defer), which re-exports and documents them.

use proc_macro::TokenStream;

/// Runs the function's deferred statements when it exits.
#[proc_macro_attribute]
pub fn with_defer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    with_defer_expand::with_defer(arguments.into(), item.into()).into()
}

/// Defers a call, or a block, to the exit of the function.
#[proc_macro]
pub fn defer(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer", input.into()).into()
}

/// Defers like `defer!`, and runs if the function fails.
#[proc_macro]
pub fn defer_on_failure(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_failure", input.into()).into()
}

/// Defers like `defer!`, and runs if the function returns and has not failed.
#[proc_macro]
pub fn defer_on_success(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_success", input.into()).into()
}

/// Defers like `defer!`, and runs if the function panics.
#[proc_macro]
pub fn defer_on_panic(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_panic", input.into()).into()
}

/// Takes the panic in flight, in a deferred statement.
#[proc_macro]
pub fn recover(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("recover", input.into()).into()
}
