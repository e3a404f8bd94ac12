//! What everyday functions do between their deferred statements.

#![allow(clippy::wildcard_imports, reason = "each shape is a module, so that all call their forms alike")]

use scopeguard::guard;
use with_defer::{defer, with_defer};

use crate::work::{Add, Log, Refused, Step};

/// A local variable that the body changes in a loop of opaque calls, and the deferred code reads.
pub(crate) mod loopcall {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, x: u64) -> u64 {
        let mut total = 0u64;
        for turn in 0..8 {
            total = total.wrapping_add(step(x ^ turn));
        }
        log.mix(total);
        x
    }

    pub(crate) fn raii(log: &Log, step: Step, x: u64) -> u64 {
        let mut total = crate::work::Mix(log, 0);
        for turn in 0..8 {
            total.1 = total.1.wrapping_add(step(x ^ turn));
        }
        x
    }

    pub(crate) fn scopeguard(log: &Log, step: Step, x: u64) -> u64 {
        let mut total = guard(0u64, |total| log.mix(total));
        for turn in 0..8 {
            *total = total.wrapping_add(step(x ^ turn));
        }
        x
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> u64 {
        let mut total = 0u64;
        defer! { log.mix(total) }
        for turn in 0..8 {
            total = total.wrapping_add(step(x ^ turn));
        }
        x
    }
}

/// Three `?`, each but the first with something to clean up.
pub(crate) mod res3 {
    use super::*;

    type TryStep = Step<Result<u64, Refused>>;

    pub(crate) fn hand(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let a = step(x)?;
        let b = match step(a) {
            Ok(b) => b,
            Err(error) => {
                log.add(1);
                return Err(error);
            }
        };
        let c = match step(b) {
            Ok(c) => c,
            Err(error) => {
                log.add(2);
                log.add(1);
                return Err(error);
            }
        };
        log.add(3);
        log.add(2);
        log.add(1);
        Ok(a ^ b ^ c)
    }

    pub(crate) fn raii(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let a = step(x)?;
        let _first = Add(log, 1);
        let b = step(a)?;
        let _second = Add(log, 2);
        let c = step(b)?;
        let _third = Add(log, 3);
        Ok(a ^ b ^ c)
    }

    pub(crate) fn scopeguard(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let a = step(x)?;
        scopeguard::defer! { log.add(1); }
        let b = step(a)?;
        scopeguard::defer! { log.add(2); }
        let c = step(b)?;
        scopeguard::defer! { log.add(3); }
        Ok(a ^ b ^ c)
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let a = step(x)?;
        defer! { log.add(1) }
        let b = step(a)?;
        defer! { log.add(2) }
        let c = step(b)?;
        defer! { log.add(3) }
        Ok(a ^ b ^ c)
    }
}

/// An argument that is evaluated at the statement, and changed by the body later.
pub(crate) mod eager {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, mut x: u64) -> u64 {
        let before = x;
        x = step(x);
        log.add(before);
        x
    }

    pub(crate) fn raii(log: &Log, step: Step, mut x: u64) -> u64 {
        let _guard = Add(log, x);
        x = step(x);
        x
    }

    pub(crate) fn scopeguard(log: &Log, step: Step, mut x: u64) -> u64 {
        let _guard = guard(x, |x| log.add(x));
        x = step(x);
        x
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: Step, mut x: u64) -> u64 {
        defer!(log.add(x));
        x = step(x);
        x
    }
}
