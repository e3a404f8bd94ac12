//! Deferred statements under a condition and in a loop.

#![allow(clippy::wildcard_imports, reason = "each shape is a module, so that all call their forms alike")]

use scopeguard::guard;
use with_defer::{defer, with_defer};

use crate::work::{Log, Step};

/// A statement that is reached, or not.
pub(crate) mod conditional {
    use super::*;

    pub(crate) fn hand(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        let value = step(x);
        if wanted {
            log.add(1);
        }
        value
    }

    pub(crate) fn scopeguard(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        let mut reached = guard(false, |reached| {
            if reached {
                log.add(1);
            }
        });
        if wanted {
            *reached = true;
        }
        step(x)
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        if wanted {
            defer! { log.add(1) }
        }
        step(x)
    }
}

/// The same with a value that is made under the condition.
pub(crate) mod acquired {
    use super::*;

    pub(crate) fn hand(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        let held = wanted.then(|| step(x));
        let value = step(x);
        if let Some(held) = held {
            log.add(held);
        }
        value
    }

    pub(crate) fn scopeguard(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        let mut held = guard(None, |held| {
            if let Some(held) = held {
                log.add(held);
            }
        });
        if wanted {
            *held = Some(step(x));
        }
        step(x)
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        if wanted {
            let held = step(x);
            defer! { log.add(held) }
        }
        step(x)
    }

    #[with_defer]
    pub(crate) fn call_form(log: &Log, (wanted, step): (bool, Step), x: u64) -> u64 {
        if wanted {
            defer!(log.add(step(x)));
        }
        step(x)
    }
}

/// A record a turn.
pub(crate) mod records {
    use super::*;

    pub(crate) fn hand(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        let mut records = Vec::new();
        for turn in 0..count {
            records.push(step(turn));
        }
        while let Some(record) = records.pop() {
            log.add(record);
        }
        x
    }

    /// What a library would do that knows nothing about the statements.
    pub(crate) fn boxed(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        let mut deferred: Vec<Box<dyn FnOnce()>> = Vec::new();
        for turn in 0..count {
            let record = step(turn);
            deferred.push(Box::new(move || log.add(record)));
        }
        while let Some(deferred) = deferred.pop() {
            deferred();
        }
        x
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        for turn in 0..count {
            let record = step(turn);
            defer! { log.add(record) }
        }
        x
    }

    #[with_defer]
    pub(crate) fn call_form(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        for turn in 0..count {
            defer!(log.add(step(turn)));
        }
        x
    }
}

/// A statement a turn that runs at the end of the turn.
pub(crate) mod scope {
    use super::*;

    pub(crate) fn hand(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        for turn in 0..count {
            let record = step(turn);
            step(record);
            log.add(record);
        }
        x
    }

    pub(crate) fn raii(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        for turn in 0..count {
            let record = step(turn);
            let _guard = crate::work::Add(log, record);
            step(record);
        }
        x
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, (count, step): (u64, Step), x: u64) -> u64 {
        #[defer_scope]
        for turn in 0..count {
            let record = step(turn);
            defer! { log.add(record) }
            step(record);
        }
        x
    }
}
