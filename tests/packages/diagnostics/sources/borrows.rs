// One fault a function; none is found before the borrow checker looks.
#![allow(unused)]

use with_defer::{defer, with_defer};

fn log() {}
fn note(_: &str) {}

#[with_defer]
fn moved_twice(text: String) {
    defer!(log());
    drop(text);
    drop(text);
}

#[with_defer]
fn moved_in_a_loop(text: String) {
    defer!(log());
    for _ in 0..2 {
        drop(text);
    }
}

#[with_defer]
fn used_when_moved(text: String) -> usize {
    defer!(log());
    let other = text;
    text.len()
}

#[with_defer]
fn borrowed_mutably_twice(mut list: Vec<u8>) {
    defer!(log());
    let a = &mut list;
    let b = &mut list;
    a.push(1);
    b.push(2);
}

#[with_defer]
fn changed_while_borrowed(mut list: Vec<u8>) {
    defer!(log());
    let first = &list[0];
    list.push(1);
    drop(*first);
}

#[with_defer]
fn moved_while_borrowed(text: String) {
    defer!(log());
    let part = &text[..1];
    drop(text);
    note(part);
}

#[with_defer]
fn assigned_though_immutable() -> i32 {
    defer!(log());
    let n = 1;
    n = 2;
    n
}

#[with_defer]
fn parameter_assigned_though_immutable(n: i32) -> i32 {
    defer!(log());
    n += 1;
    n
}

#[with_defer]
fn borrowed_mutably_though_immutable() {
    defer!(log());
    let list = vec![1];
    list.push(2);
}

#[with_defer]
fn parameter_borrowed_mutably_though_immutable(list: Vec<u8>) {
    defer!(log());
    list.push(2);
}

#[with_defer]
fn changed_behind_a_shared_reference(list: &Vec<u8>) {
    defer!(log());
    list.push(2);
}

#[with_defer]
fn reference_to_a_local_returned() -> &'static str {
    defer!(log());
    let text = String::new();
    &text
}

#[with_defer]
fn reference_to_a_parameter_returned(text: String) -> &'static str {
    defer!(log());
    &text
}

#[with_defer]
fn outlived() {
    defer!(log());
    let part;
    {
        let text = String::new();
        part = &text[..];
    }
    note(part);
}

#[with_defer]
fn not_initialised(yes: bool) -> i32 {
    defer!(log());
    let n;
    if yes {
        n = 1;
    }
    n
}

#[with_defer]
fn lifetime_of_another_parameter<'a>(a: &'a str, b: &str) -> &'a str {
    defer!(log());
    b
}

#[with_defer]
fn moved_out_of_a_reference(text: &Option<String>) -> String {
    defer!(log());
    text.unwrap()
}

#[with_defer]
fn moved_out_of_a_list(list: Vec<String>) -> String {
    defer!(log());
    list[0]
}

#[with_defer]
fn closure_that_outlives(n: u8) -> Box<dyn Fn() -> u8> {
    defer!(log());
    Box::new(|| n)
}

#[with_defer]
fn deferred_change_behind_a_shared_reference(list: &Vec<u8>) {
    defer! {
        list.push(2);
    }
    log();
}

#[with_defer]
fn deferred_change_though_immutable() {
    let list = vec![1];
    defer!(list.push(2));
    log();
}

#[with_defer]
fn deferred_block_that_moves_twice(text: String) {
    defer! {
        drop(text);
        drop(text);
    }
    log();
}

#[with_defer]
fn nested_deferred_change_though_immutable(yes: bool) {
    let list = vec![1];
    if yes {
        defer!(list.push(2));
    }
    log();
}

#[with_defer]
fn moved_twice_behind_a_nested_statement(text: String, yes: bool) {
    if yes {
        defer!(log());
    }
    drop(text);
    drop(text);
}

#[with_defer]
async fn async_moved_twice(text: String) {
    defer!(log());
    drop(text);
    std::future::ready(()).await;
    drop(text);
}

#[with_defer]
async fn async_borrowed_mutably_though_immutable(list: Vec<u8>) {
    defer!(log());
    list.push(2);
    std::future::ready(()).await;
}
