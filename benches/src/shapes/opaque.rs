//! One, three and eight deferred statements around an opaque call.
//!
//! `inl…`: the deferred code is inline arithmetic; `call…`: it is a call. `chain…`: an opaque call before each
//! statement, as in code that acquires one thing after another.

use with_defer::{defer, with_defer};

use crate::work::{Add, Log, Mix, Step};

macro_rules! around_one_call {
    ($shape:ident: $Guard:ident, $act:ident, [$($word:tt)*] [$($reverse:tt)*]) => {
        pub(crate) mod $shape {
            use super::*;

            pub(crate) fn hand(log: &Log, step: Step, x: u64) -> u64 {
                let value = step(x);
                $(log.$act($reverse);)*
                value
            }

            pub(crate) fn raii(log: &Log, step: Step, x: u64) -> u64 {
                $(let _guard = $Guard(log, $word);)*
                step(x)
            }

            pub(crate) fn scopeguard(log: &Log, step: Step, x: u64) -> u64 {
                $(scopeguard::defer! { log.$act($word); })*
                step(x)
            }

            #[with_defer]
            pub(crate) fn with_defer(log: &Log, step: Step, x: u64) -> u64 {
                $(defer! { log.$act($word) })*
                step(x)
            }

            #[with_defer]
            pub(crate) fn separated(log: &Log, step: Step, x: u64) -> u64 {
                $(
                    let () = ();
                    defer! { log.$act($word) }
                )*
                step(x)
            }

            #[with_defer]
            pub(crate) fn call_form(log: &Log, step: Step, x: u64) -> u64 {
                $(defer!(log.$act($word));)*
                step(x)
            }
        }
    };
}

around_one_call!(inl1: Mix, mix, [1][1]);
around_one_call!(inl3: Mix, mix, [1 2 3] [3 2 1]);
around_one_call!(inl8: Mix, mix, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);
around_one_call!(call1: Add, add, [1][1]);
around_one_call!(call3: Add, add, [1 2 3] [3 2 1]);
around_one_call!(call8: Add, add, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);

macro_rules! between_calls {
    ($shape:ident: $Guard:ident, $act:ident, [$($word:tt)*] [$($reverse:tt)*]) => {
        pub(crate) mod $shape {
            use super::*;

            pub(crate) fn hand(log: &Log, step: Step, mut x: u64) -> u64 {
                $(x = step(x ^ $word);)*
                $(log.$act($reverse);)*
                x
            }

            pub(crate) fn raii(log: &Log, step: Step, mut x: u64) -> u64 {
                $(
                    x = step(x ^ $word);
                    let _guard = $Guard(log, $word);
                )*
                x
            }

            pub(crate) fn scopeguard(log: &Log, step: Step, mut x: u64) -> u64 {
                $(
                    x = step(x ^ $word);
                    scopeguard::defer! { log.$act($word); }
                )*
                x
            }

            #[with_defer]
            pub(crate) fn with_defer(log: &Log, step: Step, mut x: u64) -> u64 {
                $(
                    x = step(x ^ $word);
                    defer! { log.$act($word) }
                )*
                x
            }
        }
    };
}

between_calls!(chain_inl3: Mix, mix, [1 2 3] [3 2 1]);
between_calls!(chain_inl8: Mix, mix, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);
between_calls!(chain_call3: Add, add, [1 2 3] [3 2 1]);
between_calls!(chain_call8: Add, add, [1 2 3 4 5 6 7 8] [8 7 6 5 4 3 2 1]);
