//! Results that are returned in memory, and deferred code that sees the result.

#![allow(clippy::wildcard_imports, reason = "each shape is a module, so that all call their forms alike")]

use std::any::Any;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use scopeguard::ScopeGuard;
use with_defer::{defer, defer_on_failure, recover, with_defer};

use crate::work::{Add, Big, Log, Mix, Refused, Step};

type TryStep = Step<Result<u64, Refused>>;

macro_rules! from_tail_call {
    ($shape:ident -> $Result:ty: $Guard:ident, $act:ident, [$($word:tt)*] [$($reverse:tt)*]) => {
        pub(crate) mod $shape {
            use super::*;

            pub(crate) fn hand(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                let value = step(x);
                $(log.$act($reverse);)*
                value
            }

            pub(crate) fn copied(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                let value = step(x);
                $(log.$act($reverse);)*
                black_box(&value).clone()
            }

            pub(crate) fn raii(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                $(let _guard = $Guard(log, $word);)*
                step(x)
            }

            pub(crate) fn scopeguard(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                $(scopeguard::defer! { log.$act($word); })*
                step(x)
            }

            #[with_defer]
            pub(crate) fn with_defer(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                $(defer! { log.$act($word) })*
                step(x)
            }

            #[with_defer]
            pub(crate) fn separated(log: &Log, step: Step<$Result>, x: u64) -> $Result {
                $(
                    let () = ();
                    defer! { log.$act($word) }
                )*
                step(x)
            }
        }
    };
}

from_tail_call!(words3 -> [u64; 3]: Add, add, [1 2 3] [3 2 1]);
from_tail_call!(words8 -> [u64; 8]: Add, add, [1 2 3] [3 2 1]);
from_tail_call!(vec3 -> Vec<u8>: Add, add, [1 2 3] [3 2 1]);
from_tail_call!(big_inl3 -> Big: Mix, mix, [1 2 3] [3 2 1]);
from_tail_call!(big_inl8 -> Big: Mix, mix, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);
from_tail_call!(big1 -> Big: Add, add, [1] [1]);
from_tail_call!(big3 -> Big: Add, add, [1 2 3] [3 2 1]);
from_tail_call!(big8 -> Big: Add, add, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);

/// A result of 256 bytes that the body builds.
pub(crate) mod built3 {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, x: u64) -> Big {
        let mut value = [step(x); 32];
        value[0] = x;
        log.add(3);
        log.add(2);
        log.add(1);
        value
    }

    pub(crate) fn copied(log: &Log, step: Step, x: u64) -> Big {
        let mut value = [step(x); 32];
        value[0] = x;
        log.add(3);
        log.add(2);
        log.add(1);
        *black_box(&value)
    }

    pub(crate) fn raii(log: &Log, step: Step, x: u64) -> Big {
        let _first = Add(log, 1);
        let _second = Add(log, 2);
        let _third = Add(log, 3);
        let mut value = [step(x); 32];
        value[0] = x;
        value
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> Big {
        defer! { log.add(1) }
        defer! { log.add(2) }
        defer! { log.add(3) }
        let mut value = [step(x); 32];
        value[0] = x;
        value
    }
}

/// What a panic-safe function that changes its result looks like by hand.
fn caught<R>(initial: R, body: impl FnOnce() -> R, deferred: impl FnOnce(&mut R)) -> R {
    let mut result = initial;
    let mut panic: Option<Box<dyn Any + Send>> = None;
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => result = value,
        Err(payload) => panic = Some(payload),
    }
    deferred(&mut result);
    match panic {
        None => result,
        Some(payload) => resume_unwind(payload),
    }
}

/// A result that deferred code changes.
pub(crate) mod named1 {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, x: u64) -> u64 {
        let mut result = step(x);
        log.add(1);
        result ^= log.get();
        result
    }

    pub(crate) fn caught(log: &Log, step: Step, x: u64) -> u64 {
        let deferred = |result: &mut u64| {
            log.add(1);
            *result ^= log.get();
        };
        super::caught(0, || step(x), deferred)
    }

    #[with_defer(result = 0)]
    pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> u64 {
        defer! {
            log.add(1);
            *result ^= log.get();
        }
        step(x)
    }
}

pub(crate) mod named3 {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, x: u64) -> u64 {
        let mut result = step(x);
        for word in [3, 2, 1] {
            log.add(word);
            result ^= log.get();
        }
        result
    }

    pub(crate) fn caught(log: &Log, step: Step, x: u64) -> u64 {
        let deferred = |word| {
            move |result: &mut u64| {
                log.add(word);
                *result ^= log.get();
            }
        };
        super::caught(
            0,
            || super::caught(0, || super::caught(0, || step(x), deferred(3)), deferred(2)),
            deferred(1),
        )
    }

    #[with_defer(result = 0)]
    pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> u64 {
        defer! {
            log.add(1);
            *result ^= log.get();
        }
        defer! {
            log.add(2);
            *result ^= log.get();
        }
        defer! {
            log.add(3);
            *result ^= log.get();
        }
        step(x)
    }

    #[with_defer(result = 0)]
    pub(crate) fn separated(log: &Log, step: Step, x: u64) -> u64 {
        defer! {
            log.add(1);
            *result ^= log.get();
        }
        let () = ();
        defer! {
            log.add(2);
            *result ^= log.get();
        }
        let () = ();
        defer! {
            log.add(3);
            *result ^= log.get();
        }
        step(x)
    }
}

/// The same with 256 bytes.
pub(crate) mod named_big {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step<Big>, x: u64) -> Big {
        let mut result = step(x);
        log.add(1);
        result[0] ^= log.get();
        result
    }

    pub(crate) fn copied(log: &Log, step: Step<Big>, x: u64) -> Big {
        let mut result = step(x);
        log.add(1);
        result[0] ^= log.get();
        *black_box(&result)
    }

    pub(crate) fn caught(log: &Log, step: Step<Big>, x: u64) -> Big {
        let deferred = |result: &mut Big| {
            log.add(1);
            result[0] ^= log.get();
        };
        super::caught([0; 32], || step(x), deferred)
    }

    #[with_defer(result = [0; 32])]
    pub(crate) fn with_defer(log: &Log, step: Step<Big>, x: u64) -> Big {
        defer! {
            log.add(1);
            result[0] ^= log.get();
        }
        step(x)
    }
}

/// A cleanup whose failure becomes the function's.
pub(crate) mod try1 {
    use super::*;

    pub(crate) fn hand(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let result = step(x);
        match log.close(1) {
            Err(error) if result.is_ok() => Err(error),
            _ => result,
        }
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        defer!(log.close(1)?);
        step(x)
    }
}

/// Three of them.
pub(crate) mod try3 {
    use super::*;

    pub(crate) fn hand(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let mut result = step(x);
        for word in [3, 2, 1] {
            match log.close(word) {
                Err(error) if result.is_ok() => result = Err(error),
                _ => {}
            }
        }
        result
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        defer!(log.close(1)?);
        defer!(log.close(2)?);
        defer!(log.close(3)?);
        step(x)
    }
}

/// A rollback.
pub(crate) mod failure {
    use super::*;

    pub(crate) fn hand(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let result = step(x);
        if result.is_err() {
            log.add(1);
        }
        result
    }

    pub(crate) fn scopeguard(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        let rollback = scopeguard::guard((), |()| log.add(1));
        let value = step(x)?;
        ScopeGuard::into_inner(rollback);
        Ok(value)
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: TryStep, x: u64) -> Result<u64, Refused> {
        defer_on_failure! { log.add(1) }
        step(x)
    }
}

/// A function that stops panics.
pub(crate) mod recovers {
    use super::*;

    pub(crate) fn hand(log: &Log, step: Step, x: u64) -> u64 {
        if let Ok(value) = catch_unwind(AssertUnwindSafe(|| step(x))) {
            value
        } else {
            log.add(1);
            0
        }
    }

    #[with_defer]
    pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> u64 {
        defer! {
            if recover!().is_some() {
                log.add(1);
            }
        }
        step(x)
    }
}
