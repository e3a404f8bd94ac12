// One thing to warn of a function.
#![warn(clippy::all, clippy::pedantic, clippy::nursery)]
#![allow(clippy::missing_errors_doc, clippy::missing_const_for_fn)]

use with_defer::{defer, with_defer};

pub fn log() {}
pub fn note(_: &str) {}
/// # Errors
/// Never.
pub fn fallible() -> Result<(), String> {
    Ok(())
}
#[deprecated(note = "gone")]
pub fn old() {}
#[must_use]
pub fn needed() -> u8 {
    1
}

#[with_defer]
fn function_never_used() {
    defer!(log());
    log();
}

#[with_defer]
pub fn unused_variable() {
    defer!(log());
    let n = 1;
}

#[with_defer]
pub fn unused_parameter(n: u8) {
    defer!(log());
    log();
}

#[with_defer]
pub fn unused_mut() -> usize {
    defer!(log());
    let mut n = 1;
    n
}

#[with_defer]
pub fn unused_mut_before_the_statement() -> usize {
    let mut n = 1;
    defer!(log());
    n + 1
}

#[with_defer]
pub fn unused_mut_of_a_parameter(mut n: usize) -> usize {
    defer!(log());
    n + 1
}

#[with_defer]
pub fn value_never_read() -> usize {
    defer!(log());
    let mut n = 1;
    n = 2;
    n
}

#[with_defer]
pub fn value_assigned_and_never_read(mut n: usize) {
    defer!(log());
    log();
    n = 2;
}

#[with_defer]
pub fn result_ignored() {
    defer!(log());
    fallible();
}

#[with_defer]
pub fn must_use_ignored() {
    defer!(log());
    needed();
}

#[with_defer]
pub fn deferred_result_ignored() {
    defer!(fallible());
    log();
}

#[with_defer]
pub fn result_ignored_in_a_deferred_block() {
    defer! {
        fallible();
    }
    log();
}

#[with_defer]
pub fn nested_result_ignored(yes: bool) {
    if yes {
        defer!(fallible());
    }
    log();
}

#[with_defer]
pub fn deferred_must_use_ignored() {
    defer!(needed());
    log();
}

#[with_defer]
pub fn unreachable_statement() -> u8 {
    defer!(log());
    return 1;
    log();
}

#[with_defer]
pub fn unreachable_statement_in_front_of_a_value() -> u8 {
    defer!(log());
    panic!("stop");
    2
}

#[with_defer]
pub fn unreachable_in_a_deferred_block() {
    defer! {
        panic!("stop");
        log();
    }
    log();
}

#[with_defer]
pub fn unused_import() {
    defer!(log());
    use std::mem;
    log();
}

#[with_defer]
pub fn unused_label() {
    defer!(log());
    'label: for _ in 0..2 {
        log();
    }
}

#[with_defer]
pub fn unused_variable_in_a_deferred_block() {
    defer! {
        let n = 1;
    }
    log();
}

#[with_defer]
pub fn unused_mut_in_a_deferred_block() {
    defer! {
        let mut n = 1;
        drop(format!("{n}"));
    }
    log();
}

#[with_defer]
pub fn deprecated_function() {
    defer!(log());
    old();
}

#[with_defer]
pub fn deferred_deprecated_function() {
    defer!(old());
    log();
}

#[with_defer]
pub fn statement_without_effect(n: u8) {
    defer!(log());
    n == 1;
}

#[with_defer]
pub fn nonSnakeCase() {
    defer!(log());
    let camelCase = 1;
    drop(format!("{camelCase}"));
}

#[with_defer]
pub fn parentheses(n: u8) -> u8 {
    defer!(log());
    if (n == 1) { 2 } else { 3 }
}

#[with_defer]
pub fn constant_overflow() -> u8 {
    defer!(log());
    255 + 1
}

#[with_defer]
pub fn recursion() {
    defer!(log());
    recursion();
}

#[with_defer]
pub fn inner_function_never_used() {
    defer!(log());
    fn inner() {}
    log();
}

#[with_defer]
pub fn needless_return(n: u8) -> u8 {
    defer!(log());
    return n + 1;
}

#[with_defer]
pub fn let_and_return(n: u8) -> u8 {
    defer!(log());
    let m = n + 1;
    m
}

#[with_defer]
pub fn comparison_with_true(yes: bool) -> u8 {
    defer!(log());
    if yes == true { 1 } else { 2 }
}

#[with_defer]
pub fn range_loop(list: &[u8]) -> u8 {
    defer!(log());
    let mut sum = 0;
    for i in 0..list.len() {
        sum += list[i];
    }
    sum
}

#[with_defer]
pub fn needless_borrow(text: &str) {
    defer!(log());
    note(&text);
}

#[with_defer]
pub fn deferred_needless_borrow(text: &str) {
    defer! {
        note(&text);
    }
    log();
}

#[with_defer]
pub fn redundant_clone(text: String) -> usize {
    defer!(log());
    let other = text.clone();
    other.len()
}

#[with_defer]
pub fn parameter_passed_by_value(text: String) -> usize {
    defer!(log());
    text.len()
}

#[with_defer]
pub fn parameter_taken_as_vec(list: &Vec<u8>) -> usize {
    defer!(log());
    list.len()
}

#[with_defer]
pub fn missing_must_use(n: u8) -> u8 {
    defer!(log());
    n + 1
}

#[with_defer]
pub async fn unused_async() {
    defer!(log());
    log();
}

#[with_defer]
pub async fn async_unused_variable() {
    defer!(log());
    let n = 1;
    std::future::ready(()).await;
}

#[with_defer]
pub async fn async_result_ignored() {
    defer!(log());
    fallible();
    std::future::ready(()).await;
}

#[with_defer]
pub async fn future_never_awaited() {
    defer!(log());
    unused_async();
    std::future::ready(()).await;
}

#[with_defer]
#[must_use = "it is a number"]
pub fn number() -> u8 {
    defer!(log());
    needed();
    1
}

#[with_defer]
pub fn deferring_must_use_ignored() {
    defer!(log());
    number();
}

#[with_defer]
#[deprecated(note = "older")]
pub fn older() {
    defer!(log());
    needed();
}

#[with_defer]
pub fn deferring_deprecated() {
    defer!(log());
    older();
}

#[with_defer]
pub fn expectation_not_fulfilled() {
    #![expect(unused_variables)]
    defer!(log());
    log();
}
