//! Deferred code and body move and change different parts of one variable. That needs closures that capture by part, as
//! they do since edition 2021.

use with_defer::{defer, with_defer};

use crate::cases::Log;

struct Pair {
    name: String,
    list: Vec<u8>,
}

#[test]
fn one_part_is_moved_by_deferred_code_and_the_other_by_the_body() {
    #[with_defer]
    fn f(log: &Log, pair: Pair) -> Vec<u8> {
        defer! {
            log.add(pair.name);
        }
        pair.list
    }
    let log = Log::default();
    assert_eq!(f(&log, Pair { name: "pair".to_owned(), list: vec![1] }), [1], "the list is moved out");
    assert_eq!(log.take(), "pair", "the name stays");
}

#[test]
fn one_part_is_lent_to_deferred_code_while_the_body_changes_the_other() {
    #[with_defer]
    fn f(log: &Log, mut pair: Pair) -> String {
        let list = &mut pair.list;
        defer! {
            list.push(2);
            log.add(list.len());
        }
        pair.name.push('!');
        pair.name
    }
    let log = Log::default();
    assert_eq!(f(&log, Pair { name: "pair".to_owned(), list: vec![1] }), "pair!", "the name");
    assert_eq!(log.take(), "2", "the list");
}
