//! A trait with methods on every type does not get in the way of generated code.
#![allow(clippy::unnecessary_wraps, clippy::manual_assert, reason = "what is tested is what is around it")]
#![allow(dead_code, reason = "methods that must not be picked up")]

/// Methods on every type there is.
mod blanket {
    use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

    trait Everything: Sized {
        fn guard(self) -> i32 {
            100
        }
        fn run(self) -> i32 {
            100
        }
        fn keep(self) -> i32 {
            100
        }
        fn leave(self) -> i32 {
            100
        }
        fn leave_or_default(self) -> i32 {
            100
        }
        fn take(self) -> i32 {
            100
        }
        fn result(self) -> i32 {
            100
        }
        fn recover(self) -> i32 {
            100
        }
        fn recover_and_result(self) -> i32 {
            100
        }
        fn attempt(self) -> i32 {
            100
        }
        fn absorb(self) -> i32 {
            100
        }
        fn done(self) -> i32 {
            100
        }
        fn failed(self) -> i32 {
            100
        }
        fn panicked(self) -> i32 {
            100
        }
        fn succeeds(self) -> i32 {
            100
        }
        fn value(self) -> i32 {
            100
        }
        fn push(self) -> i32 {
            100
        }
    }

    impl<T> Everything for T {}

    fn quiet() -> Result<(), String> {
        Ok(())
    }

    #[with_defer]
    pub(super) fn failing(log: &std::cell::RefCell<Vec<&'static str>>, fail: bool) -> Result<i32, String> {
        let log = |entry| Vec::push(&mut log.borrow_mut(), entry);
        defer_on_panic!(log("panic"));
        defer_on_failure!(log("failure"));
        defer_on_success!(log("success"));
        defer!(quiet()?);
        if fail { Err("failed".to_owned()) } else { Ok(1) }
    }

    #[with_defer(result = 0)]
    pub(super) fn recovering(panics: bool) -> i32 {
        defer! {
            if recover!().is_some() {
                *result += 1;
            }
        }
        defer! {
            *result *= 10;
        }
        if panics {
            panic!("recovered");
        }
        *result = 4;
        return;
    }

    #[with_defer]
    pub(super) fn closure() -> i32 {
        let frame = |n: i32| {
            defer! {
                recover!();
            }
            n.run()
        };
        frame(1)
    }
}

#[test]
fn methods_of_blanket_traits() {
    let log = std::cell::RefCell::new(vec![]);
    assert_eq!(blanket::failing(&log, false), Ok(1));
    assert_eq!(blanket::failing(&log, true), Err("failed".to_owned()));
    assert_eq!(log.into_inner(), ["success", "failure"]);
    assert_eq!((blanket::recovering(false), blanket::recovering(true)), (40, 1));
    assert_eq!(blanket::closure(), 100);
}
