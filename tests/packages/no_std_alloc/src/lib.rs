//! Without `std`, but with `alloc`: deferred statements in loops, and `DeferStack`.

#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt::Display;

use with_defer::prelude::*;

/// What ran.
#[derive(Debug, Default)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    /// Adds an entry.
    pub fn add(&self, entry: impl Display) {
        self.0.borrow_mut().push(alloc::format!("{entry}"));
    }

    /// The entries.
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Statements in loops, more than are stored inline.
///
/// # Errors
///
/// If there are more than ten.
#[with_defer]
pub fn looped(log: &Log, count: u32) -> Result<(), String> {
    defer_on_failure!(log.add("failed"));
    for n in 0..count {
        let name = alloc::format!("close {n}");
        defer!(log.add(name));
        if n % 2 == 1 {
            defer! {
                log.add(n);
            }
        }
        if n == 10 {
            return Err(String::from("eleven"));
        }
    }
    log.add("end");
    Ok(())
}

/// A stack that helpers add to.
pub fn stack(numbers: &mut Vec<u32>) {
    fn helper<'a>(stack: &DeferStack<'a>, digits: &'a mut [u32; 2]) {
        stack.push(|| digits[0] += 1);
    }
    let mut digits = [0, 5];
    let moved = {
        let stack = DeferStack::new();
        helper(&stack, &mut digits);
        stack.take()
    };
    numbers.push(u32::try_from(moved.len()).unwrap_or(u32::MAX));
    drop(moved);
    numbers.extend(digits);
}
