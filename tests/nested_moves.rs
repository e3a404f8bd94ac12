//! A block that cannot end but by leaving the loop or function may move what is used after it.
#![allow(clippy::iter_count, reason = "it moves")]

mod common;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn moved_in_a_block_that_returns() {
    #[with_defer]
    fn f(log: &Log, condition: bool) -> usize {
        let list = vec![1, 2];
        if condition {
            let kept = String::from("kept");
            defer!(log.add(&kept));
            return list.into_iter().count() + 10;
        }
        list.len()
    }
    let log = Log::default();
    assert_eq!((f(&log, true), f(&log, false)), (12, 2));
    assert_eq!(log.text(), "kept");
}

#[test]
fn moved_in_a_block_that_breaks_or_continues() {
    #[with_defer]
    fn f(log: &Log, texts: Vec<String>) -> Vec<String> {
        let mut seen = vec![];
        for text in texts {
            if text.is_empty() {
                let kept = String::from("empty");
                defer!(log.add(&kept));
                seen.push(text);
                continue;
            }
            if text == "stop" {
                let kept = String::from("stopped");
                defer!(log.add(&kept));
                seen.push(text);
                break;
            }
            seen.push(text + "!");
        }
        seen
    }
    let log = Log::default();
    assert_eq!(f(&log, ["a", "", "stop", "b"].map(str::to_owned).to_vec()), ["a!", "", "stop"]);
    assert_eq!(log.text(), "stopped empty");
}
