// One fault a function.
#![allow(unused)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Write};

use with_defer::{defer, with_defer};

fn log() {}
fn note(_: &str) {}
fn show<T: Display>(_: T) {}
fn pick<'a>(a: &'a str, _: &'a str) -> &'a str { a }
async fn later() -> u8 { 1 }
mod inner {
    #[derive(Default)]
    pub struct Closed { field: u8 }
}
enum Light { Red, Green, Blue }

#[with_defer]
fn final_value_of_another_type() -> i32 {
    defer!(log());
    log();
    "text"
}

#[with_defer]
fn return_of_another_type(early: bool) -> i32 {
    defer!(log());
    if early {
        return "text";
    }
    1
}

#[with_defer]
fn no_final_value() -> i32 {
    defer!(log());
    log();
}

#[with_defer]
fn final_value_with_semicolon(n: i32) -> i32 {
    defer!(log());
    n + 1;
}

#[with_defer]
fn value_of_a_function_that_returns_none() {
    defer!(log());
    log();
    5
}

#[with_defer]
fn return_with_value_of_a_function_that_returns_none(early: bool) {
    defer!(log());
    if early {
        return 5;
    }
    log();
}

#[with_defer]
fn return_without_value(early: bool) -> i32 {
    defer!(log());
    if early {
        return;
    }
    1
}

#[with_defer]
fn unknown_variable() -> i32 {
    defer!(log());
    unknown + 1
}

#[with_defer]
fn unknown_function() {
    defer!(log());
    unknown(1);
}

#[with_defer]
fn unknown_type() {
    defer!(log());
    let map: Hashmap<u8, u8> = Default::default();
}

#[with_defer]
fn unknown_method(list: Vec<u8>) {
    defer!(log());
    list.pushh(1);
}

#[with_defer]
fn unknown_field(pair: (u8, u8)) -> u8 {
    defer!(log());
    pair.2
}

#[with_defer]
fn private_field(closed: inner::Closed) -> u8 {
    defer!(log());
    closed.field
}

#[with_defer]
fn argument_of_another_type() {
    defer!(log());
    note(5);
}

#[with_defer]
fn one_argument_too_many() {
    defer!(log());
    note("a", "b");
}

#[with_defer]
fn missing_implementation(list: Vec<u8>) {
    defer!(log());
    show(list);
}

#[with_defer]
fn error_without_conversion(text: &str) -> io::Result<i32> {
    defer!(log());
    let n: i32 = text.parse()?;
    Ok(n)
}

#[with_defer]
fn question_mark_in_a_function_that_returns_none(text: &str) {
    defer!(log());
    let n: i32 = text.parse()?;
}

#[with_defer]
fn ok_of_another_type() -> Result<i32, String> {
    defer!(log());
    Ok("text")
}

#[with_defer]
fn branches_of_two_types(yes: bool) -> i32 {
    defer!(log());
    let n = if yes { 1 } else { "two" };
    n
}

#[with_defer]
fn match_without_every_case(light: Light) -> u8 {
    defer!(log());
    match light {
        Light::Red => 1,
        Light::Green => 2,
    }
}

#[with_defer]
fn type_that_is_not_known() {
    defer!(log());
    let list = Vec::new();
}

#[with_defer]
fn dereferenced_number(n: i32) -> i32 {
    defer!(log());
    *n
}

#[with_defer]
fn break_outside_a_loop(yes: bool) {
    defer!(log());
    if yes {
        break;
    }
}

#[with_defer]
fn await_in_a_function_that_is_not_async() {
    defer!(log());
    later().await;
}

#[with_defer]
fn deferred_argument_of_another_type() {
    defer!(note(5));
    log();
}

#[with_defer]
fn deferred_unknown_method(file: File) {
    defer!(file.sync());
    log();
}

#[with_defer]
fn deferred_unknown_variable() {
    defer! {
        note(unknown);
    }
    log();
}

#[with_defer]
fn deferred_value_of_another_type() {
    defer! {
        let n: i32 = "text";
    }
    log();
}

#[with_defer]
fn nested_argument_of_another_type(yes: bool) {
    if yes {
        defer!(note(5));
    }
    log();
}

#[with_defer]
fn nested_block_with_an_unknown_field(list: &[(u8, u8)]) {
    for pair in list {
        defer! {
            drop(pair.2);
        }
    }
    log();
}

#[with_defer]
fn final_value_behind_a_nested_statement(yes: bool) -> i32 {
    if yes {
        defer!(log());
    }
    "text"
}

#[with_defer]
async fn async_final_value() -> u8 {
    defer!(log());
    later().await;
    "text"
}

#[with_defer]
async fn async_unknown_method() -> u8 {
    defer!(log());
    later().awaitt()
}

#[with_defer]
async fn await_of_a_number() {
    defer!(log());
    5.await;
}
