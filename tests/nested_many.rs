//! Many deferred statements in one statement: each is a kind of record of its own.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
#[expect(clippy::too_many_lines, reason = "twenty statements")]
fn twenty_statements_in_the_arms_of_a_match() {
    #[with_defer]
    fn f(log: &Log, order: &[i32]) {
        for &n in order {
            match n {
                0 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                1 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                2 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                3 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                4 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                5 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                6 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                7 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                8 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                9 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                10 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                11 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                12 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                13 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                14 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                15 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                16 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                17 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                18 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                19 => {
                    let kept = n * 10;
                    defer! {
                        log.add(kept);
                    }
                }
                _ => defer!(log.add(n)),
            }
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log, &[3, 19, 0, 20, 7, 3]);
    assert_eq!(log.text(), "body 30 70 20 0 190 30");
}

/// A flag is saved, to be restored by a deferred statement, and then changed: the guard of a library would borrow it.
#[test]
fn flag_restored_in_an_arm() {
    struct Parser {
        strict: bool,
        seen: Vec<bool>,
    }
    impl Parser {
        #[with_defer]
        fn parse(&mut self, quoted: Option<&str>) -> Option<usize> {
            match quoted {
                Some(text) => {
                    let strict = self.strict;
                    defer! {
                        self.seen.push(self.strict);
                        self.strict = strict;
                    }
                    self.strict = false;
                    self.parse(text.strip_prefix('"'))?;
                    Some(text.len())
                }
                None => (!self.strict).then_some(0),
            }
        }
    }
    let mut parser = Parser { strict: true, seen: vec![] };
    assert_eq!(parser.parse(Some("\"a")), Some(2));
    assert!(parser.strict);
    assert_eq!(parser.seen, [false, false]);
    assert_eq!(parser.parse(None), None);
}
