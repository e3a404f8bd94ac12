//! What the tests of Zig, Swift, D, C, V, C3, Odin and JavaScript do with inner blocks: there they are scopes, here the
//! function is.

mod common;

use std::cell::Cell;
use std::sync::Mutex;

use common::Log;
use with_defer::{defer, defer_on_failure, with_defer};

mod zig {
    use super::*;

    // Z013: the block's statement belongs to the function, and sees the error that is returned after the block
    #[test]
    fn errdefer_block_scope_does_not_leak() {
        #[with_defer]
        fn f(freed: &Cell<i32>, fail: bool) -> Result<i32, &'static str> {
            let n = 'block: {
                let allocated = 1;
                defer_on_failure! {
                    freed.set(freed.get() + allocated);
                }
                break 'block allocated + 1;
            };
            if fail {
                return Err("after the block");
            }
            Ok(n)
        }
        let freed = Cell::new(0);
        assert_eq!(f(&freed, false), Ok(2));
        assert_eq!(freed.get(), 0);
        assert_eq!(f(&freed, true), Err("after the block"));
        assert_eq!(freed.get(), 1);
    }

    // Z015: all that was allocated is freed, not only what the failing turn allocated
    #[test]
    fn errdefer_in_loop_frees_all_four() {
        #[with_defer]
        fn f(freed: &mut Vec<i32>, fail_at: i32) -> Result<i32, &'static str> {
            let mut allocated = 0;
            for i in 0..5 {
                allocated += 1;
                defer_on_failure!(freed.push(i));
                if i == fail_at {
                    return Err("bad");
                }
            }
            Ok(allocated)
        }
        let mut freed = vec![];
        assert_eq!(f(&mut freed, 3), Err("bad"));
        assert_eq!(freed, [3, 2, 1, 0]);
        freed.clear();
        assert_eq!(f(&mut freed, 9), Ok(5));
        assert_eq!(freed, []);
    }
}

mod d {
    use super::*;

    // D007
    #[test]
    fn exit_with_version_block() {
        #[with_defer]
        fn f(log: &mut Vec<i32>, version: bool) {
            defer!(log.push(3));
            if cfg!(not(any())) {
                defer!(log.push(1));
            }
            if version {
                #[cfg(not(any()))]
                defer!(log.push(0));
                #[cfg(any())]
                defer!(log.there_is_no_such_method(nor, such, variables));
                #[cfg(any())]
                defer! {
                    log.nor_this();
                }
            }
            #[cfg(any())]
            {
                defer!(log.push(100));
            }
            #[cfg(not(any()))]
            {
                let n = 5;
                defer!(log.push(n));
                defer! {
                    log.push(n + 1);
                }
            }
        }
        let mut log = vec![];
        f(&mut log, true);
        assert_eq!(log, [6, 5, 0, 1, 3]);
        log.clear();
        f(&mut log, false);
        assert_eq!(log, [6, 5, 1, 3]);
    }
}

mod c {
    use super::*;

    // C011
    #[test]
    fn in_statement_expression() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let x = {
                defer!(log.add("statement expression"));
                1
            };
            log.add("after");
            x + 1
        }
        let log = Log::default();
        assert_eq!(f(&log), 2);
        assert_eq!(log.text(), "after statement expression");
    }

    // C015
    #[test]
    fn forward_exit_past_unreached() {
        #[with_defer]
        fn f(log: &Log, skip: bool) {
            'block: {
                log.add("start");
                if skip {
                    break 'block;
                }
                defer!(log.add("deferred"));
                log.add("end of block");
            }
            log.add("end");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "start end");
        let log = Log::default();
        f(&log, false);
        assert_eq!(log.text(), "start end of block end deferred");
    }

    // C027
    #[test]
    fn loop_defer_each_round() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("meow"));
            for i in 0..3 {
                defer!(log.add(i));
            }
            log.add("says");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "says 2 1 0 meow");
    }

    // C031
    #[test]
    fn switch_scope() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            match n {
                1 => log.add("one"),
                3 => log.add("three"),
                _ => {
                    defer!(log.add("default"));
                    log.add("in arm");
                }
            }
            log.add("after");
        }
        let log = Log::default();
        f(&log, 1);
        f(&log, 2);
        assert_eq!(log.text(), "one after in arm after default");
    }

    // C033
    #[test]
    fn pointer_captured_late_in_a_loop() {
        #[with_defer]
        fn f<'c>(cells: &'c [Cell<i32>; 3], mut pointer: &'c Cell<i32>) {
            for (cell, n) in cells.iter().zip([10, 20, 30]) {
                defer! {
                    pointer.set(pointer.get() + n);
                }
                pointer = cell;
            }
        }
        let cells = [const { Cell::new(0) }; 3];
        let first = Cell::new(0);
        f(&cells, &first);
        assert_eq!((first.get(), cells.map(Cell::into_inner)), (0, [0, 0, 60]));
    }
}

mod v {
    use super::*;

    // V013
    #[test]
    fn if_scope_set() {
        #[with_defer]
        fn f(x: &mut i32, condition: bool) -> i32 {
            if condition {
                defer! {
                    *x = 10;
                }
            }
            *x
        }
        let mut x = 1;
        assert_eq!(f(&mut x, true), 1);
        assert_eq!(x, 10);
        assert_eq!(f(&mut x, false), 10);
        assert_eq!(x, 10);
    }

    // V017
    #[test]
    fn reserved_word_names() {
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            let r#fn = 1;
            if condition {
                let mut r#type = 2;
                let r#match = String::from("m");
                let (record, store, turn, left) = (3, 4, 5, 6);
                defer! {
                    log.add(format_args!("{type}{match}{fn}{type}"));
                }
                defer! {
                    log.add(format_args!("{record}{store}{turn}{left}"));
                }
                defer!(log.add(&r#match));
                r#type += 7;
                log.add(r#type);
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "9 body m 3456 9m19");
    }

    // V023
    #[test]
    fn in_if_let_arm() {
        #[with_defer]
        fn f(log: &Log, option: Option<i32>) -> i32 {
            let value = if let Some(n) = option {
                defer!(log.add(format!("first{n}")));
                defer! {
                    log.add(format_args!("last{n}"));
                }
                n
            } else {
                0
            };
            assert!(value == 9090 || value == 0);
            if let Some(n) = option {
                defer!(log.add("arm"));
                return n - 9085;
            }
            value
        }
        let log = Log::default();
        assert_eq!(f(&log, Some(9090)), 5);
        assert_eq!(log.text(), "arm last9090 first9090");
        assert_eq!(f(&log, None), 0);
    }

    // V025
    #[test]
    fn fn_scope_inner_variable() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 0;
            defer! {
                log.add(format_args!("x{x}"));
            }
            {
                let a = vec![1];
                defer! {
                    x = a[0];
                }
                log.add(a.len());
            }
            log.add(x);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "1 0 x1");
    }

    // V027
    #[test]
    fn loop_local_values() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..3 {
                let local = i;
                defer! {
                    log.add(local);
                }
            }
            log.add("body");
        }
        #[with_defer]
        fn in_a_closure(log: &Log) {
            for i in 0..3 {
                (|| {
                    let local = i;
                    defer! {
                        log.add(local);
                    }
                })();
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        in_a_closure(&log);
        assert_eq!(log.text(), "body 2 1 0 0 1 2 body");
    }

    // V033: the lock is gone when the function exits
    #[test]
    fn statement_in_a_locked_block_runs_unlocked() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<i32>) {
            {
                let mut guard = mutex.lock().unwrap();
                defer! {
                    log.add(mutex.try_lock().is_ok());
                }
                *guard += 1;
                log.add(mutex.try_lock().is_ok());
            }
            log.add(*mutex.lock().unwrap());
        }
        let log = Log::default();
        f(&log, &Mutex::new(1));
        assert_eq!(log.text(), "false 2 true");
    }
}

mod c3 {
    use super::*;

    // K001
    #[test]
    fn print_a_ba() {
        #[with_defer]
        fn f(log: &mut String, x: i32) {
            defer!(log.push('\n'));
            defer!(log.push('A'));
            if x == 1 {
                return;
            }
            {
                defer!(log.push('B'));
                if x == 0 {
                    return;
                }
            }
            log.push('!');
        }
        let mut log = String::new();
        f(&mut log, 1);
        f(&mut log, 0);
        f(&mut log, 10);
        assert_eq!(log, "A\nBA\n!BA\n");
    }

    // K009: with braces
    #[test]
    fn raw_defer_positions() {
        #[with_defer]
        fn f(log: &Log) {
            let mut n = 0;
            while n < 1 {
                n += 1;
                defer! { log.add("while") }
            }
            if n == 1 {
                defer! { log.add("if") }
            }
            for _ in 0..1 {
                defer! { log.add("for") }
            }
            defer! { defer! { log.add("defer") } }
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body defer for if while");
    }
}

mod odin {
    use super::*;

    // O001
    #[test]
    fn odin_current_value() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 123;
            defer! {
                log.add(x);
            }
            {
                defer! {
                    x = 4;
                }
                x = 2;
            }
            log.add(x);
            x = 234;
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 4");
    }
}

mod javascript {
    use super::*;

    // O015
    #[test]
    fn js_end_of_switch() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            match n {
                0 => {
                    let resource = String::from("resource");
                    defer!(log.add(&resource));
                    log.add(resource.len());
                }
                _ => log.add("other"),
            }
            log.add("after the switch");
        }
        let log = Log::default();
        f(&log, 0);
        assert_eq!(log.text(), "8 after the switch resource");
    }
}
