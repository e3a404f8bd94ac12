// Deferred statements of every kind, in functions that every lint is content with, or would be without them.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use with_defer::{defer, with_defer};

pub fn log(_: &str) {}

#[with_defer]
pub fn call() {
    defer!(log("deferred"));
    log("body");
}

#[with_defer]
pub fn block() {
    defer! {
        log("deferred");
        log("twice");
    }
    log("body");
}

#[with_defer]
pub fn neighbours() {
    defer!(log("first"));
    defer!(log("second"));
    defer! {
        log("third");
    }
    log("body");
}

#[with_defer]
pub fn nothing_behind() {
    log("body");
    defer!(log("deferred"));
}

#[with_defer]
pub fn value(text: &str) -> usize {
    defer!(log("deferred"));
    text.len()
}

#[with_defer]
pub fn variables(list: &mut Vec<String>) -> usize {
    let before = list.len();
    defer!(list.push(String::from("deferred")));
    list.push(before.to_string());
    list.len()
}

#[with_defer]
pub fn printed(list: &[u8]) -> usize {
    defer!(println!("{}", list.len()));
    list.len()
}

#[with_defer]
pub fn question_mark(file: &mut File) -> io::Result<usize> {
    let mut text = String::new();
    defer!(file.flush()?);
    file.read_to_string(&mut text)
}

#[with_defer]
pub fn branch(text: &str) -> usize {
    if text.is_empty() {
        defer!(log("empty"));
        log("branch");
    } else {
        defer! {
            log(text);
        }
        log("other branch");
    }
    text.len()
}

#[with_defer]
pub fn branch_with_nothing_else(text: &str) -> usize {
    if text.is_empty() {
        defer!(log("empty"));
    }
    text.len()
}

#[with_defer]
pub fn branch_at_the_end(text: &str) -> usize {
    if text.is_empty() {
        defer!(log("empty"));
        0
    } else {
        text.len()
    }
}

#[with_defer]
pub fn turns(list: &[String]) {
    for text in list {
        let part = text.trim();
        defer!(log(part));
        log(text);
    }
    while list.is_empty() {
        defer! {
            log("turn");
        }
        log("turn");
    }
}

#[with_defer]
pub fn arms(text: Option<&str>) -> usize {
    match text {
        Some("one") => {
            defer!(log("one"));
        }
        Some(other) => {
            defer!(log(other));
            log("other");
        }
        None => log("none"),
    }
    text.map_or(0, str::len)
}

#[with_defer]
pub fn inner_block_with_nothing_else() {
    {
        defer!(log("deferred"));
    }
    log("body");
}

#[with_defer]
pub fn inner_block_with_value(text: &str) -> usize {
    let length = {
        defer!(log("deferred"));
        text.len()
    };
    log("body");
    length
}

#[with_defer]
pub fn frames(list: &[String]) -> usize {
    let lengths = list.iter().map(|text| {
        defer!(log(text));
        text.len()
    });
    lengths.sum()
}

#[with_defer]
pub fn closure_called_at_once(texts: &[String]) -> Option<usize> {
    let mut sum = 0;
    for text in texts {
        sum += (|| -> Option<usize> {
            defer!(log(text));
            let first = text.chars().next()?;
            Some(first.len_utf8())
        })()?;
    }
    Some(sum)
}

#[with_defer]
pub fn moved_along(texts: &[String]) -> std::path::PathBuf {
    let mut path = std::path::PathBuf::new();
    for text in texts {
        let length = text.len();
        defer! {
            log(&length.to_string());
        }
        path = path.join(text);
        if length > 8 {
            break;
        }
    }
    path
}

#[with_defer]
pub fn replaced(mut text: &str) -> &str {
    while let Some((_, rest)) = text.split_once(':') {
        let length = rest.len();
        defer! {
            log(&length.to_string());
        }
        text = rest;
    }
    text
}

#[with_defer]
pub fn block_in_block() {
    defer! {
        defer!(log("inner"));
        log("outer");
    }
    log("body");
}

#[with_defer]
pub async fn async_call(text: &str) -> usize {
    defer!(log("deferred"));
    std::future::ready(()).await;
    text.len()
}

#[with_defer]
pub async fn async_block(text: &str) -> usize {
    defer! {
        std::future::ready(()).await;
        log("deferred");
    }
    std::future::ready(()).await;
    text.len()
}

#[with_defer]
pub async fn async_turns(list: &[String]) -> usize {
    for text in list {
        defer!(log(text));
        std::future::ready(()).await;
    }
    list.len()
}
