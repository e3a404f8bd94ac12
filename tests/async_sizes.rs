//! What deferred statements add to the size of a future: at most 64 bytes for the frame, and 64 for each statement
//! behind an `.await`, over a function that does the same without them.

use std::mem::size_of_val;

use with_defer::{defer, recover, with_defer};

use self::inject::{pause, run};

#[path = "common/inject.rs"]
mod inject;

type Buffer = [u8; 64];

async fn write(log: &mut Vec<u8>, byte: u8) {
    pause().await;
    log.push(byte);
}

/// Functions with one to five statements, each behind an await, and the sizes of their futures. What is behind `then`
/// stands as often at the end.
macro_rules! family {
    ($family:ident: $(#[$attribute:meta])* ($log:ident, $buffer:ident) { $($each:tt)* } $(then { $($end:tt)* })?) => {
        mod $family {
            use super::*;

            family!(@one one [$(#[$attribute])*] $log $buffer [$($each)*] [$($($end)*)?]);
            family!(@one two [$(#[$attribute])*] $log $buffer [$($each)* $($each)*] [$($($end)* $($end)*)?]);
            family!(@one three [$(#[$attribute])*] $log $buffer
                [$($each)* $($each)* $($each)*] [$($($end)* $($end)* $($end)*)?]);
            family!(@one four [$(#[$attribute])*] $log $buffer
                [$($each)* $($each)* $($each)* $($each)*] [$($($end)* $($end)* $($end)* $($end)*)?]);
            family!(@one five [$(#[$attribute])*] $log $buffer
                [$($each)* $($each)* $($each)* $($each)* $($each)*]
                [$($($end)* $($end)* $($end)* $($end)* $($end)*)?]);

            pub(super) fn sizes() -> [usize; 5] {
                let (buffer, mut log) = ([1; 64], Vec::new());
                let one = size_of_val(&one(&mut log, buffer));
                let two = size_of_val(&two(&mut log, buffer));
                let three = size_of_val(&three(&mut log, buffer));
                let four = size_of_val(&four(&mut log, buffer));
                [one, two, three, four, size_of_val(&five(&mut log, buffer))]
            }
        }
    };
    (@one $name:ident [$($attribute:tt)*] $log:ident $buffer:ident [$($each:tt)*] [$($end:tt)*]) => {
        $($attribute)*
        pub(super) async fn $name($log: &mut Vec<u8>, $buffer: Buffer) -> usize {
            pause().await;
            $($each)*
            let written = {
                write($log, $buffer[0]).await;
                write($log, $buffer[1]).await;
                $log.len()
            };
            $($end)*
            written
        }
    };
}

family!(plain: (log, buffer) {
    write(log, buffer[2]).await;
});

family!(plain_awaiting: (log, buffer) {
    write(log, buffer[2]).await;
} then {
    write(log, 1).await;
});

family!(direct: #[with_defer] (log, buffer) {
    defer! { log.push(1); }
    write(log, buffer[2]).await;
});

family!(call: #[with_defer] (log, buffer) {
    defer!(log.push(buffer[3]));
    write(log, buffer[2]).await;
});

family!(awaiting: #[with_defer] (log, buffer) {
    defer! { write(log, 1).await; }
    write(log, buffer[2]).await;
});

family!(awaiting_call: #[with_defer] (log, buffer) {
    defer!(write(&mut *log, 1).await);
    write(log, buffer[2]).await;
});

family!(recovering: #[with_defer] (log, buffer) {
    defer! { drop(recover!()); log.push(1); }
    write(log, buffer[2]).await;
});

family!(named: #[with_defer(result = 0)] (log, buffer) {
    defer! { *result += 1; log.push(1); }
    write(log, buffer[2]).await;
});

family!(conditional: #[with_defer] (log, buffer) {
    if buffer[4] > 0 {
        defer! { log.push(1); }
    }
    write(log, buffer[2]).await;
});

family!(conditional_awaiting: #[with_defer] (log, buffer) {
    if buffer[4] > 0 {
        defer! { write(log, 1).await; }
    }
    write(log, buffer[2]).await;
});

family!(inner: #[with_defer] (log, buffer) {
    if buffer[4] > 0 {
        let mut owned = 0_u8;
        defer! { log.push(owned); }
        write(log, buffer[2]).await;
        owned += 1;
    }
});

family!(scope: #[with_defer] (log, buffer) {
    #[defer_scope]
    {
        defer! { log.push(1); }
        write(log, buffer[2]).await;
    }
});
family!(scope_awaiting: #[with_defer] (log, buffer) {
    #[defer_scope]
    {
        defer! { write(log, 1).await; }
        write(log, buffer[2]).await;
    }
});
/// The sizes are at most those of the plain futures, and 64 bytes for the frame, 64 for each statement, and this much.
#[track_caller]
fn assert_within(sizes: [usize; 5], plain: [usize; 5], more: usize) {
    let limits: [usize; 5] = std::array::from_fn(|at| plain[at] + 64 + 64 * (at + 1) + more);
    assert!((0..5).all(|at| sizes[at] <= limits[at]), "{sizes:?} is more than {limits:?}");
}

#[test]
fn statements_at_the_top_level() {
    assert_within(direct::sizes(), plain::sizes(), 0);
    assert_within(call::sizes(), plain::sizes(), 0);
}

#[test]
fn statements_that_await() {
    assert_within(awaiting::sizes(), plain_awaiting::sizes(), 0);
    assert_within(awaiting_call::sizes(), plain_awaiting::sizes(), 0);
}

#[test]
fn statements_that_see_the_result_keep_it_across_awaits() {
    assert_within(named::sizes(), plain::sizes(), size_of::<Option<usize>>());
    assert_within(recovering::sizes(), plain::sizes(), size_of::<Option<usize>>());
}

#[test]
fn statements_in_branches() {
    assert_within(conditional::sizes(), plain::sizes(), 0);
    assert_within(conditional_awaiting::sizes(), plain_awaiting::sizes(), 0);
}

#[test]
fn a_block_that_gives_a_variable_away_is_a_level_more() {
    assert_within(inner::sizes(), plain::sizes(), 64 + size_of::<(u8, &u8)>());
}

#[test]
fn scopes_behind_each_other_take_the_room_of_one() {
    let one = scope::sizes()[0];
    assert!(one <= plain::sizes()[0] + 64 + 64 + 8, "{one}");
    assert!(scope::sizes()[4] <= one + 8, "{:?}", scope::sizes());
    let one = scope_awaiting::sizes()[0];
    assert!(one <= plain_awaiting::sizes()[0] + 64 + 64 + 24, "{one}");
    assert!(scope_awaiting::sizes()[4] <= one + 8, "{:?}", scope_awaiting::sizes());
}

/// Functions of so many variables, each used behind one to five statements: what the statements add to the future.
macro_rules! counted {
    ($module:ident: $($variable:ident)+) => {
        mod $module {
            use super::*;

            counted!(@one plain [] [] $($variable)+);
            counted!(@one one [#[with_defer]] [1] $($variable)+);
            counted!(@one two [#[with_defer]] [1 2] $($variable)+);
            counted!(@one three [#[with_defer]] [1 2 3] $($variable)+);
            counted!(@one four [#[with_defer]] [1 2 3 4] $($variable)+);
            counted!(@one five [#[with_defer]] [1 2 3 4 5] $($variable)+);

            pub(super) fn added() -> [usize; 5] {
                $(let mut $variable = 1;)+
                let plain = size_of_val(&plain($(&mut $variable),+));
                let one = size_of_val(&one($(&mut $variable),+));
                let two = size_of_val(&two($(&mut $variable),+));
                let three = size_of_val(&three($(&mut $variable),+));
                let four = size_of_val(&four($(&mut $variable),+));
                [one, two, three, four, size_of_val(&five($(&mut $variable),+))].map(|size| size - plain)
            }
        }
    };
    (@one $name:ident [$($attribute:tt)*] [$($number:literal)*] $first:ident $($variable:ident)*) => {
        $($attribute)*
        pub(super) async fn $name($first: &mut u8 $(, $variable: &mut u8)*) -> u8 {
            $(
                defer! { *$first += $number; }
                pause().await;
            )*
            pause().await;
            *$first $(+ *$variable)*
        }
    };
}

counted!(with_one: a);
counted!(with_three: a b c);
counted!(with_six: a b c d e f);

/// The table in `docs/async.md`.
#[test]
#[cfg(target_pointer_width = "64")]
fn each_guard_points_at_the_variables_that_are_used_behind_it() {
    for (added, documented) in [
        (with_one::added(), [80, 128, 176, 224, 272]),
        (with_three::added(), [96, 160, 224, 288, 352]),
        (with_six::added(), [120, 208, 296, 384, 472]),
    ] {
        assert!((0..5).all(|at| added[at] <= documented[at]), "{added:?} is more than {documented:?}");
    }
    let (mut a, mut b, mut c) = (1, 2, 3);
    assert_eq!(run(with_three::five(&mut a, &mut b, &mut c)), 6);
    assert_eq!(a, 16);
}

#[test]
fn a_function_of_each_family_writes_the_same() {
    macro_rules! log {
        ($($family:ident),*) => {
            [$({
                let mut log = Vec::new();
                run($family::three(&mut log, [9; 64]));
                log.retain(|byte| *byte == 9);
                log.len()
            }),*]
        };
    }
    let nines = log![plain, plain_awaiting, direct, awaiting, recovering, conditional, inner, scope];
    assert_eq!(nines, [5; 8]);
}
