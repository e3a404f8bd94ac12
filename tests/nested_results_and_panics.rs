//! Results, failures and panics with deferred statements in loops, branches and inner blocks.
#![allow(clippy::needless_return, reason = "every way out is written")]

#[path = "support/caught.rs"]
mod caught;
#[path = "support/hook.rs"]
mod hook;
#[path = "support/log.rs"]
mod log;

use std::cell::Cell;
use std::panic::panic_any;

use caught::caught;
use hook::told;
use log::Log;
use with_defer::{Panic, defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

// G137
#[test]
fn panic_in_loop_defers() {
    #[with_defer]
    fn f(log: &Log) {
        for n in 0..4 {
            defer! {
                log.add(format!("d{n}"));
                assert_ne!(n, 2, "x2");
            }
        }
    }

    let log = Log::new();
    assert!(caught(|| f(&log)).to_string().contains("x2"));
    assert_eq!(log.text(), "d3 d2 d1 d0");
}

// G139
#[test]
fn catch_and_throw_n() {
    #[with_defer]
    fn f(n: u32, log: &Log) {
        defer! { log.add(recover!().expect("the error")) }
        for _ in 0..n {
            defer! {
                if let Some(panic) = recover!() {
                    panic.resume();
                }
            }
        }
        defer!(panic_any("an error"));
    }

    let log = Log::new();
    for n in [0, 1, 2, 5, 10] {
        assert_eq!(told(|| f(n, &log)), "an error/");
    }
    assert_eq!(log.text(), "an error an error an error an error an error");
}

/// Allocations that have not been freed.
struct Heap {
    live: Cell<u32>,
}

impl Heap {
    fn allocate(&self) -> u32 {
        self.live.set(self.live.get() + 1);
        self.live.get()
    }

    fn free(&self, _: u32) {
        self.live.set(self.live.get() - 1);
    }
}

// Z013: the statement belongs to the function, so nothing leaks
#[test]
fn errdefer_block_scope_leak() {
    #[with_defer]
    fn f(heap: &Heap, fails: bool) -> Result<u32, &'static str> {
        let block = {
            let block = heap.allocate();
            defer_on_failure!(heap.free(block));
            block
        };
        if fails {
            return Err("after the block");
        }
        Ok(block)
    }

    let heap = Heap { live: Cell::new(0) };
    assert_eq!(f(&heap, true), Err("after the block"));
    assert_eq!(heap.live.get(), 0);
    assert_eq!(f(&heap, false), Ok(1));
    assert_eq!(heap.live.get(), 1);
}

// Z015: all four are freed
#[test]
fn errdefer_in_loop_leak() {
    #[with_defer]
    fn f(heap: &Heap, fails_at: u32, freed: &Log) -> Result<Vec<u32>, &'static str> {
        let mut blocks = Vec::new();
        for n in 0..5 {
            let block = heap.allocate();
            defer_on_failure! {
                freed.add(block);
                heap.free(block);
            }
            if n == fails_at {
                return Err("in the loop");
            }
            blocks.push(block);
        }
        Ok(blocks)
    }

    let (heap, freed) = (Heap { live: Cell::new(0) }, Log::new());
    assert_eq!(f(&heap, 3, &freed), Err("in the loop"));
    assert_eq!(heap.live.get(), 0);
    assert_eq!(freed.text(), "4 3 2 1");
    assert_eq!(f(&heap, 9, &freed), Ok(vec![1, 2, 3, 4, 5]));
    assert_eq!(heap.live.get(), 5);
    assert_eq!(freed.text(), "4 3 2 1");
}

// D015
#[test]
fn unrolled_loop_and_outer() {
    #[with_defer(array = Vec::new())]
    fn named() -> Vec<u32> {
        defer!(array.push(1234));
        {
            for n in 0..5 {
                defer!(array.push(n));
            }
            array.push(5);
        }
        return;
    }

    #[with_defer]
    fn a_clone(after: &Cell<usize>) -> Vec<u32> {
        let mut array = Vec::new();
        defer! {
            array.push(1234);
            after.set(array.len());
        }
        {
            for n in 0..5 {
                defer!(array.push(n));
            }
            array.push(5);
        }
        array.clone()
    }

    let after = Cell::new(0);
    assert_eq!(named(), [5, 4, 3, 2, 1, 0, 1234]);
    assert_eq!(a_clone(&after), [5]);
    assert_eq!(after.get(), 7);
}

// V023
#[test]
fn in_if_let_arm() {
    #[with_defer]
    fn f(number: Option<i32>, log: &Log) -> i32 {
        let value = if let Some(number) = number {
            let nine = number * 90;
            defer! { log.add(nine * 101) }
            defer!(log.add("last first"));
            number + 4
        } else {
            defer!(log.add("none"));
            0
        };
        log.add(value);
        value
    }

    let log = Log::new();
    assert_eq!(f(Some(1), &log), 5);
    assert_eq!(log.text(), "5 last first 9090");
    let log = Log::new();
    assert_eq!(f(None, &log), 0);
    assert_eq!(log.text(), "0 none");
}

// Panics and `recover!`.

#[test]
fn a_panic_in_the_middle_of_a_loop() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("outer"));
        for n in 0..3 {
            let name = format!("n{n}");
            defer! { log.add(name) }
            assert_ne!(n, 1, "at 1");
            log.add(&name);
        }
    }

    let log = Log::new();
    assert!(caught(|| f(&log)).to_string().contains("at 1"));
    assert_eq!(log.text(), "n0 n1 n0 outer");
}

#[test]
fn every_record_panics() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("rest"));
        for n in 1..=3 {
            defer! {
                log.add(n);
                panic!("{n} of three");
            }
        }
        panic!("the body");
    }

    let log = Log::new();
    let panics = told(|| assert_eq!(caught(|| f(&log)).message(), Some("1 of three")));
    assert_eq!(panics, "the body/3 of three/2 of three/1 of three/");
    assert_eq!(log.text(), "3 2 1 rest");
}

#[test]
fn recover_in_a_loop_s_statement() {
    #[with_defer(result = 0)]
    fn f(log: &Log) -> i32 {
        for n in 1..=3 {
            defer! {
                if let Some(panic) = recover!() {
                    log.add(panic);
                    *result = n;
                }
                assert_ne!(n, 2, "again");
                *result *= 10;
            }
        }
        panic!("the body");
    }

    let log = Log::new();
    assert_eq!(f(&log), 10);
    assert!(log.text().starts_with("the body assertion"), "{}", log.text());
}

#[test]
fn recover_in_a_branch() {
    #[with_defer]
    fn f(recovers: bool) -> u8 {
        if recovers {
            defer! { recover!(); }
        }
        panic!("in the body");
    }

    #[with_defer]
    fn taken(slot: &Cell<Option<Panic>>, choice: u8) {
        match choice {
            0 => defer! { slot.set(recover!()) },
            1 => {
                defer! { slot.set(recover!()) }
            }
            _ => {}
        }
        panic!("in the body");
    }

    assert_eq!(f(true), 0);
    assert_eq!(caught(|| f(false)).message(), Some("in the body"));
    for choice in [0, 1] {
        let slot = Cell::new(None);
        taken(&slot, choice);
        assert_eq!(slot.take().expect("a panic").message(), Some("in the body"));
    }
    assert_eq!(caught(|| taken(&Cell::new(None), 2)).message(), Some("in the body"));
}

#[test]
fn a_block_turn_that_panics() {
    #[with_defer]
    fn f(log: &Log) -> u8 {
        defer! { log.add(recover!().expect("a panic")) }
        for directory in 0..2 {
            let mut names = vec![directory];
            defer! { log.add(format!("{names:?}")) }
            for file in 0..2 {
                let path = (directory, file);
                defer! { log.add(format!("{path:?} of {}", names.len())) }
                names.push(file);
                assert!(path != (1, 0), "in a turn");
            }
        }
        1
    }

    let log = Log::new();
    assert_eq!(f(&log), 0);
    assert_eq!(log.text(), "(1, 0) of 2 [1, 0] (0, 1) of 3 (0, 0) of 3 [0, 0, 1] in a turn");
}

// `?` and failures.

fn close(name: &'static str, log: &Log) -> Result<(), &'static str> {
    log.add(name);
    if name.starts_with('!') { Err(name) } else { Ok(()) }
}

#[test]
fn question_mark_in_a_loop_s_statement() {
    #[with_defer]
    fn f(names: &[&'static str], log: &Log) -> Result<usize, &'static str> {
        defer_on_failure!(log.add("failure"));
        for name in names {
            defer!(close(name, log)?);
        }
        for name in names {
            defer! { close(name, log)? }
        }
        Ok(names.len())
    }

    let log = Log::new();
    assert_eq!(f(&["a", "b"], &log), Ok(2));
    assert_eq!(log.text(), "b a b a");
    let log = Log::new();
    assert_eq!(f(&["!a", "!b"], &log), Err("!b"));
    assert_eq!(log.text(), "!b !a !b !a failure");
}

#[test]
fn question_mark_leaves_the_turn() {
    #[with_defer]
    fn f(numbers: &[&str], log: &Log) -> Result<i32, std::num::ParseIntError> {
        let mut sum = 0;
        for text in numbers {
            let owned = (*text).to_owned();
            defer_on_success! { log.add(format!("+{owned}")) }
            defer_on_failure! { log.add(format!("-{owned}")) }
            sum += owned.parse::<i32>()?;
        }
        Ok(sum)
    }

    let log = Log::new();
    assert_eq!(f(&["1", "2"], &log), Ok(3));
    assert_eq!(log.text(), "+2 +1");
    let log = Log::new();
    assert!(f(&["1", "x", "3"], &log).is_err());
    assert_eq!(log.text(), "-x -1");
}

#[test]
fn conditions_in_branches() {
    #[with_defer(result = Some(0))]
    fn f(n: u8, log: &Log) -> Option<u8> {
        if n > 0 {
            defer_on_success!(log.add("success"));
        }
        match n {
            1 => {
                defer_on_failure!(log.add("failure of 1"));
                return None;
            }
            2 => {
                defer_on_panic!(log.add("panic of 2"));
                panic!("2");
            }
            3 => {
                defer! { *result = None }
            }
            _ => {}
        }
        Some(n)
    }

    let runs = |n| {
        let log = Log::new();
        let result = f(n, &log);
        format!("{result:?} {}", log.text())
    };
    assert_eq!(runs(0), "Some(0) ");
    assert_eq!(runs(1), "None failure of 1");
    assert_eq!(runs(3), "None ");
    assert_eq!(runs(4), "Some(4) success");
    let log = Log::new();
    assert_eq!(caught(|| f(2, &log)).message(), Some("2"));
    assert_eq!(log.text(), "panic of 2");
}

// The named result.

#[test]
fn the_named_result_in_a_loop() {
    #[with_defer(total = 0)]
    fn f(numbers: &[i32]) -> i32 {
        for number in numbers {
            defer! { *total = *total * 10 + number }
            *total += 100;
            if *number == 0 {
                return;
            }
        }
        return 7;
    }

    assert_eq!(f(&[]), 7);
    assert_eq!(f(&[1, 2, 3]), 7321);
    assert_eq!(f(&[1, 0, 3]), 20_001);
}

#[test]
fn stored_before_a_record_panics() {
    #[with_defer(result = 1)]
    fn f(log: &Log) -> i32 {
        defer! {
            log.add(*result);
            recover!();
        }
        for n in [10, 20] {
            defer! {
                *result += n;
                panic!("after the change");
            }
        }
        5
    }

    let log = Log::new();
    assert_eq!(f(&log), 35);
    assert_eq!(log.text(), "35");
}
