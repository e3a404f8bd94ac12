//! `let x: T = { … }; x` at the end of a frame counts as top level, as `#[async_trait]` writes it.
#![allow(clippy::let_and_return, reason = "that is the point")]

use with_defer::{defer, recover, with_defer};

#[with_defer]
fn typed(log: &mut Vec<u8>) -> Vec<u8> {
    let value: Vec<u8> = {
        defer! { log.push(1); }
        log.push(2);
        let copy = log.iter().copied();
        copy.collect()
    };
    value
}

#[with_defer]
fn inferred(log: &mut Vec<u8>) -> impl Iterator<Item = u8> + use<> {
    // Without the `let` nothing would say what is collected.
    let value: std::vec::IntoIter<u8> = {
        defer! { log.push(1); }
        log.push(2);
        log.clone().into_iter()
    };
    value
}

#[with_defer]
fn coerced<'a>(log: &mut Vec<u8>, text: &'a mut String, branch: bool) -> &'a String {
    let value: &'a mut String = {
        defer! { log.push(1); }
        if branch {
            defer! { log.push(3); }
            return text;
        }
        text.push('b');
        text
    };
    #[allow(unreachable_code, reason = "`#[async_trait]` writes such an attribute")]
    value
}

#[with_defer(value = 5)]
fn shadows_the_result(log: &mut Vec<u8>) -> u8 {
    let value: u8 = {
        defer! { log.push(*value); }
        7
    };
    value
}

#[with_defer]
fn recovers(log: &mut Vec<u8>, numbers: &[u8]) -> u8 {
    let value: u8 = {
        defer! { log.push(u8::from(recover!().is_some())); }
        numbers[0]
    };
    value
}

#[with_defer]
fn in_a_closure(log: &mut Vec<u8>) -> u8 {
    let mut closure = |n: u8| {
        let value: u8 = {
            defer! { log.push(n); }
            n + 1
        };
        value
    };
    closure(1) + closure(2)
}

#[test]
fn each_kind() {
    let mut log = vec![];
    assert_eq!(typed(&mut log), [2]);
    assert_eq!(inferred(&mut log).collect::<Vec<_>>(), [2, 1, 2]);
    assert_eq!(log, [2, 1, 2, 1]);
    log.clear();
    let mut text = String::new();
    assert_eq!(coerced(&mut log, &mut text, true), "");
    assert_eq!(coerced(&mut log, &mut text, false), "b");
    assert_eq!(log, [3, 1, 1]);
    log.clear();
    assert_eq!(shadows_the_result(&mut log), 7);
    assert_eq!(log, [7]);
    log.clear();
    assert_eq!(recovers(&mut log, &[3]), 3);
    assert_eq!(recovers(&mut log, &[]), 0);
    assert_eq!(log, [0, 1]);
    log.clear();
    assert_eq!(in_a_closure(&mut log), 5);
    assert_eq!(log, [1, 2]);
}
