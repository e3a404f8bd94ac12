//! Deferred statements put together from the fragments of a macro.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

macro_rules! functions {
    (
        $fixed:ident, $log:ident, $expr:expr, $call:expr, $statement:stmt, $type:ty, $path:path,
        $ident:ident, $literal:literal, $pattern:pat, ($($tokens:tt)*)
    ) => {
        #[with_defer]
        fn $fixed($log: &Log) -> $type {
            defer!($call);
            defer!($path($log, $expr));
            defer!($log.$ident($literal));
            defer! {
                $statement;
                let $pattern = $expr;
                $($tokens)*
            }
            let kept: $type = $expr;
            kept
        }
    };
}

fn shows(log: &Log, n: i32) {
    log.add(n);
}

functions!(
    f, log, 1 + 1, shows(log, 5), log.add("statement"), i32, shows, add, "literal",
    n, (log.add("tokens"); log.add(n);)
);

#[test]
fn fragments_of_every_kind() {
    let log = Log::default();
    assert_eq!(f(&log), 2);
    assert_eq!(log.text(), "statement tokens 2 literal 2 5");
}
