//! What has to be in scope: `defer`, and no more than what is written.

/// `use with_defer::defer` is enough for every form that mentions only `defer!`.
mod defer_alone {
    use with_defer::defer;

    use std::cell::RefCell;

    type Log = RefCell<Vec<&'static str>>;

    fn add(log: &Log, entry: &'static str) {
        log.borrow_mut().push(entry);
    }

    #[with_defer::with_defer(result = Ok(0))]
    fn every_form(log: &Log, fails: bool) -> Result<u32, String> {
        defer!(add(log, "call"));
        defer! {
            add(log, "block");
            *result = std::mem::replace(result, Ok(0)).map(|count| count + 1);
        }
        defer!({
            defer!(add(log, "inner"));
        });
        defer!((|| add(log, "closure"))());
        defer!(fallible(log)?);
        defer!(print!(""));
        for entry in ["loop", "loop again"] {
            defer!(add(log, entry));
        }
        #[defer_scope]
        for entry in ["scope", "scope again"] {
            defer!(add(log, entry));
        }
        let call = || {
            defer!(add(log, "frame"));
        };
        call();
        if fails { Err("failed".to_owned()) } else { Ok(1) }
    }

    fn fallible(log: &Log) -> Result<(), String> {
        add(log, "fallible");
        if log.borrow().is_empty() { Err("empty".to_owned()) } else { Ok(()) }
    }

    #[test]
    fn is_enough_for_every_form() {
        let log = Log::default();
        assert_eq!(every_form(&log, false), Ok(2));
        assert_eq!(
            log.take(),
            [
                "scope",
                "scope again",
                "frame",
                "loop again",
                "loop",
                "fallible",
                "closure",
                "inner",
                "block",
                "call"
            ]
        );
        assert_eq!(every_form(&log, true), Err("failed".to_owned()));
    }
}

mod nothing {
    #[with_defer::with_defer]
    fn full_paths(log: &mut Vec<u32>) -> Option<()> {
        with_defer::defer!(log.push(1));
        ::with_defer::defer_on_failure!(log.push(2));
        with_defer::defer_on_success!(log.push(3));
        with_defer::defer_on_panic! {
            log.push(4);
        }
        with_defer::defer! {
            if with_defer::recover!().is_some() {
                log.push(5);
            }
        }
        log.first().map(|_| ())
    }

    #[test]
    fn is_needed_with_full_paths() {
        let mut log = Vec::new();
        assert_eq!(full_paths(&mut log), None);
        assert_eq!(log, [2, 1]);
        assert_eq!(full_paths(&mut log), Some(()));
        assert_eq!(log, [2, 1, 3, 1]);
    }
}

mod other_names {
    use with_defer::{defer as later, with_defer as go};

    #[go]
    fn renamed(log: &mut Vec<u32>) {
        with_defer::defer!(log.push(1));
        log.push(2);
    }

    /// Only the name of the macro says what it is.
    #[test]
    fn are_good_for_the_attribute() {
        use later as defer;

        #[go]
        fn local(log: &mut Vec<u32>) {
            defer!(log.push(3));
            log.push(4);
        }

        let mut log = Vec::new();
        renamed(&mut log);
        local(&mut log);
        assert_eq!(log, [2, 1, 4, 3]);
    }
}

mod prelude {
    use with_defer::prelude::*;

    #[with_defer]
    fn everything(log: &mut Vec<&'static str>, ends: &str) -> Result<(), Panic> {
        let stack = DeferStack::new();
        stack.push(|| log.push("stack"));
        drop(stack);
        defer!(log.push("always"));
        defer_on_failure!(log.push("failure"));
        defer_on_success!(log.push("success"));
        defer_on_panic!(log.push("panic"));
        if ends == "panic" {
            return Err(panicked());
        }
        Ok(())
    }

    #[with_defer(result = None)]
    fn recovered() -> Option<Panic> {
        defer! {
            *result = recover!();
        }
        panic!("stopped");
    }

    fn panicked() -> Panic {
        recovered().unwrap()
    }

    defer_keyword! {
        fn keyword(log: &mut Vec<&'static str>) {
            defer log.push("keyword");
        }
    }

    #[test]
    fn has_everything_that_is_written_in_functions() {
        let mut log = Vec::new();
        everything(&mut log, "").unwrap();
        assert_eq!(everything(&mut log, "panic").unwrap_err().message(), Some("stopped"));
        keyword(&mut log);
        assert_eq!(log, ["stack", "success", "always", "stack", "failure", "always", "keyword"]);
    }
}
