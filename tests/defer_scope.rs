//! `#[defer_scope]`: deferred statements belong to the block, or to each turn of the loop.
#![allow(clippy::never_loop, clippy::needless_continue, reason = "every way out is written")]

mod common;

use std::cell::{Cell, RefCell};
use std::sync::Mutex;

use common::{Log, panic_message};
use with_defer::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};

mod order {
    use super::*;

    // Z011
    #[test]
    fn block_scope_assign() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut a = 0;
            #[defer_scope]
            {
                defer! {
                    a = 2;
                }
                a = 1;
                log.add(a);
            }
            log.add(a);
            a = 5;
            a
        }
        let log = Log::default();
        assert_eq!(f(&log), 5);
        assert_eq!(log.text(), "1 2");
    }

    // Z009
    #[test]
    fn block_value_before_defer() {
        #[with_defer]
        fn f() -> (i32, i32) {
            let mut x = 0;
            let value = #[defer_scope]
            {
                defer! {
                    x = 1;
                }
                x
            };
            (value, x)
        }
        assert_eq!(f(), (0, 1));
    }

    // S001
    #[test]
    fn lifo_in_block() {
        #[with_defer]
        fn f(log: &Log) {
            #[defer_scope]
            {
                defer!(log.add("deferred1"));
                defer!(log.add("deferred2"));
                log.add("start!");
            }
            log.add("after");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "start! deferred2 deferred1 after");
    }

    // C027
    #[test]
    fn loop_defer_each_round() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("meow"));
            #[defer_scope]
            for i in 0..3 {
                defer!(log.add(format!("round{i}")));
                log.add(i);
            }
            log.add("says");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "0 round0 1 round1 2 round2 says meow");
    }

    // V027
    #[test]
    fn loop_local_values() {
        #[with_defer]
        fn f(log: &Log) {
            #[defer_scope]
            for i in 0..3 {
                let mut local = i;
                defer! {
                    log.add(local);
                }
                local *= 10;
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "0 10 20");
    }

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
            #[defer_scope]
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
        assert_eq!(log, "A\nBA\nB!A\n");
    }

    // O001
    #[test]
    fn odin_current_value() {
        #[with_defer]
        fn f(log: &Log) {
            let mut x = 123;
            defer! {
                log.add(x);
            }
            #[defer_scope]
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
        assert_eq!(log.text(), "4 234");
    }

    // K015
    #[test]
    fn runs_before_the_next_condition() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut x = 0;
            #[defer_scope]
            while x < 10 {
                log.add(x);
                defer! {
                    x += 1;
                }
                x += 1;
            }
            x
        }
        let log = Log::default();
        assert_eq!(f(&log), 10);
        assert_eq!(log.text(), "0 2 4 6 8");
    }

    #[test]
    fn deeper_blocks_belong_to_the_turn() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("function"));
            #[defer_scope]
            for i in 0..2 {
                defer!(log.add(format!("turn{i}")));
                if i == 0 {
                    let inner = String::from("inner");
                    defer!(log.add(&inner));
                    log.add("then");
                }
                for j in 0..2 {
                    defer!(log.add(format!("loop{i}{j}")));
                }
                log.add("end");
            }
        }
        let log = Log::default();
        f(&log);
        let expected = "then end loop01 loop00 inner turn0 end loop11 loop10 turn1 function";
        assert_eq!(log.text(), expected);
    }

    #[test]
    fn scopes_in_each_other() {
        #[with_defer]
        fn f(log: &Log) {
            #[defer_scope]
            for i in 0..2 {
                defer!(log.add(format!("outer{i}")));
                #[defer_scope]
                for j in 0..2 {
                    defer!(log.add(format!("inner{i}{j}")));
                    #[defer_scope]
                    {
                        let text = format!("block{i}{j}");
                        defer!(log.add(&text));
                    }
                    log.add("-");
                }
                log.add("+");
            }
            log.add("end");
        }
        let log = Log::default();
        f(&log);
        let turn = |i: i32| format!("block{i}0 - inner{i}0 block{i}1 - inner{i}1 + outer{i}");
        assert_eq!(log.text(), format!("{} {} end", turn(0), turn(1)));
    }

    #[test]
    fn in_closures_and_deferred_blocks() {
        #[with_defer]
        fn f(log: &Log) {
            let frame = |n: i32| {
                defer!(log.add("frame"));
                #[defer_scope]
                for i in 0..n {
                    defer!(log.add(format!("c{i}")));
                    log.add("turn");
                }
                log.add("end");
            };
            defer! {
                #[defer_scope]
                for i in 0..2 {
                    defer! { log.add(format!("d{i}")); }
                    log.add("turn");
                }
                log.add("deferred");
            }
            frame(2);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "turn c0 turn c1 end frame turn d0 turn d1 deferred");
    }

    #[test]
    fn scope_without_statements() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let x = #[defer_scope]
            {
                log.add("block");
                5
            };
            #[defer_scope]
            for i in 0..2 {
                log.add(i);
            }
            x
        }
        let log = Log::default();
        assert_eq!(f(&log), 5);
        assert_eq!(log.text(), "block 0 1");
    }

    #[test]
    fn body_of_the_function_as_a_scope() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            log.add("before");
            #[defer_scope]
            {
                defer!(log.add("deferred"));
                log.add("body");
                7
            }
        }
        let log = Log::default();
        assert_eq!(f(&log), 7);
        assert_eq!(log.text(), "before body deferred");
    }
}

mod ways_out {
    use super::*;

    // D019
    #[test]
    fn break_runs_finally() {
        #[with_defer]
        fn f() -> String {
            let mut text = String::from("a");
            #[defer_scope]
            loop {
                defer!(text.push('c'));
                text.push('b');
                break;
            }
            text
        }
        assert_eq!(f(), "abc");
    }

    // D021
    #[test]
    fn goto_out_through_two() {
        #[with_defer]
        fn f() -> i32 {
            let mut i = 3;
            'out: {
                #[defer_scope]
                {
                    defer! {
                        i *= 2;
                    }
                    #[defer_scope]
                    {
                        defer! {
                            i += 1;
                        }
                        if i == 3 {
                            break 'out;
                        }
                        i = 100;
                    }
                    i = 200;
                }
                i = 300;
            }
            i + 5
        }
        assert_eq!(f(), 13);
    }

    // K007: jumps between the arms are turns of a loop
    #[test]
    fn nested_switch_jumps() {
        #[with_defer]
        fn f(log: &Log, start: i32) {
            let mut at = start;
            #[defer_scope]
            'jump: loop {
                match at {
                    0 => {
                        log.add("0");
                        defer!(log.add("0.0"));
                        match at + 1 {
                            1 => {
                                at = 3;
                                continue 'jump;
                            }
                            _ => log.add("not reached"),
                        }
                    }
                    2 => {
                        log.add("2");
                        defer!(log.add("2.0"));
                    }
                    3 => {
                        log.add("3");
                        defer!(log.add("3.0"));
                        at = 2;
                        continue;
                    }
                    _ => log.add("not reached"),
                }
                break;
            }
        }
        let log = Log::default();
        f(&log, 0);
        assert_eq!(log.text(), "0 0.0 3 3.0 2 2.0");
        let log = Log::default();
        f(&log, 2);
        assert_eq!(log.text(), "2 2.0");
    }

    #[test]
    fn every_way_out_of_a_turn() {
        #[with_defer]
        fn f(log: &Log, way: &str) -> Result<i32, String> {
            defer!(log.add("f"));
            'outer: for round in 0..2 {
                #[defer_scope]
                for turn in 0..2 {
                    let mut kept = format!("{round}{turn}");
                    defer! {
                        log.add(&kept);
                    }
                    match way {
                        "continue" => continue,
                        "break" => break,
                        "continue outer" => continue 'outer,
                        "break outer" => break 'outer,
                        "return" => return Ok(1),
                        "question" => Err("question".to_owned())?,
                        "panic" => panic!("panic"),
                        _ => {}
                    }
                    kept.push('!');
                }
                log.add("end");
            }
            Ok(0)
        }
        let run = |way| {
            let log = Log::default();
            (f(&log, way), log.text())
        };
        let ok = |text: &str| (Ok(0), text.to_owned());
        assert_eq!(run("end"), ok("00! 01! end 10! 11! end f"));
        assert_eq!(run("continue"), ok("00 01 end 10 11 end f"));
        assert_eq!(run("break"), ok("00 end 10 end f"));
        assert_eq!(run("continue outer"), ok("00 10 f"));
        assert_eq!(run("break outer"), ok("00 f"));
        assert_eq!(run("return"), (Ok(1), "00 f".to_owned()));
        assert_eq!(run("question"), (Err("question".to_owned()), "00 f".to_owned()));
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log, "panic")), "panic");
        assert_eq!(log.text(), "00 f");
    }

    #[test]
    fn macros_that_return() {
        macro_rules! ensure {
            ($condition:expr) => {
                if !$condition {
                    return None;
                }
            };
        }
        #[with_defer]
        fn f(log: &Log, numbers: &[i32]) -> Option<i32> {
            let mut sum = 0;
            #[defer_scope]
            for n in numbers {
                defer!(log.add(*n));
                ensure!(*n > 0);
                sum += n;
            }
            Some(sum)
        }
        let log = Log::default();
        assert_eq!((f(&log, &[1, 2]), f(&log, &[3, -1, 4])), (Some(3), None));
        assert_eq!(log.text(), "1 2 3 -1");
    }

    #[test]
    fn values_of_blocks_and_loops() {
        #[with_defer]
        fn f(log: &Log, early: bool) -> (usize, i32, &'static str) {
            let length = #[defer_scope]
            {
                let mut list = vec![1];
                defer! {
                    log.add(format_args!("{list:?}"));
                }
                list.push(2);
                list.len()
            };
            let mut n = 0;
            let found = #[defer_scope]
            loop {
                n += 1;
                let square = n * n;
                defer!(log.add(square));
                if square > 5 {
                    break square + 1;
                }
            };
            let name = 'block: {
                #[defer_scope]
                {
                    let kept = String::from("kept");
                    defer!(log.add(&kept));
                    if early {
                        break 'block "early";
                    }
                }
                "late"
            };
            (length, found, name)
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), ((2, 10, "early"), (2, 10, "late")));
        assert_eq!(log.text(), "[1, 2] 1 4 9 kept [1, 2] 1 4 9 kept");
    }

    #[test]
    fn labelled_scope_block() {
        #[with_defer]
        fn f(log: &Log, early: bool) -> i32 {
            let value = #[defer_scope]
            'block: {
                defer!(log.add("deferred"));
                if early {
                    break 'block 1;
                }
                log.add("late");
                2
            };
            log.add(value);
            value
        }
        let log = Log::default();
        assert_eq!((f(&log, true), f(&log, false)), (1, 2));
        assert_eq!(log.text(), "deferred 1 late deferred 2");
    }

    #[test]
    fn labelled_scope_loops() {
        #[with_defer]
        fn f(log: &Log) -> i32 {
            let mut count = 0;
            #[defer_scope]
            'outer: for i in 0..3 {
                defer!(log.add(format!("o{i}")));
                #[defer_scope]
                'inner: loop {
                    count += 1;
                    let kept = format!("i{count}");
                    defer!(log.add(&kept));
                    match count {
                        1 => continue 'inner,
                        2 => break 'inner,
                        3 => continue 'outer,
                        4 => break 'outer,
                        _ => {}
                    }
                    log.add("more");
                }
                log.add("end");
            }
            count
        }
        let log = Log::default();
        assert_eq!(f(&log), 4);
        assert_eq!(log.text(), "i1 i2 end o0 i3 o1 i4 o2");
    }

    #[test]
    fn returned_value_is_computed_first() {
        #[with_defer]
        fn f() -> (i32, i32) {
            let mut n = 1;
            let inner = (|| {
                #[defer_scope]
                for _ in 0..3 {
                    defer! {
                        n += 10;
                    }
                    return n;
                }
                0
            })();
            (inner, n)
        }
        assert_eq!(f(), (1, 11));
    }
}

mod variables {
    use super::*;

    #[test]
    fn live_view_of_outer_and_inner_variables() {
        #[with_defer]
        fn f() -> Vec<String> {
            let mut log = vec![];
            let mut total = 0;
            #[defer_scope]
            for i in 1..4 {
                let mut local = i;
                defer!(log.push(format!("now{local}")));
                defer! {
                    total += local;
                    log.push(format!("{local}:{total}"));
                }
                local *= 10;
                log.push("body".to_owned());
            }
            log.push(format!("end{total}"));
            log
        }
        assert_eq!(f().join(" "), "body 10:10 now1 body 20:30 now2 body 30:60 now3 end60");
    }

    #[test]
    fn owned_values_are_moved_by_the_deferred_code() {
        struct File<'a>(&'a Log, &'static str);
        impl File<'_> {
            fn close(self) {
                self.0.add(format_args!("close-{}", self.1));
            }
        }
        #[with_defer]
        fn f(log: &Log) {
            #[defer_scope]
            for name in ["a", "b"] {
                let file = File(log, name);
                defer!(file.close());
                log.add(file.1);
            }
            log.add("end");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "a close-a b close-b end");
    }

    // V033
    #[test]
    fn lock_of_the_turn() {
        #[with_defer]
        fn f(log: &Log, mutex: &Mutex<i32>) {
            #[defer_scope]
            for i in 0..2 {
                let mut guard = mutex.lock().unwrap();
                defer! {
                    *guard += 1;
                    log.add(format_args!("{i}{}", mutex.try_lock().is_ok()));
                }
                *guard *= 10;
            }
            log.add(*mutex.lock().unwrap());
        }
        let log = Log::default();
        f(&log, &Mutex::new(1));
        assert_eq!(log.text(), "0false 1false 111");
    }

    #[test]
    fn nothing_is_kept_after_the_turn() {
        #[with_defer]
        fn f(shared: &std::rc::Rc<()>) -> usize {
            let mut most = 0;
            #[defer_scope]
            for _ in 0..1000 {
                let clone = shared.clone();
                defer!(drop(clone));
                most = most.max(std::rc::Rc::strong_count(shared));
            }
            most
        }
        let shared = std::rc::Rc::new(());
        assert_eq!(f(&shared), 2);
        assert_eq!(std::rc::Rc::strong_count(&shared), 1);
    }

    #[test]
    fn items_of_the_turn() {
        #[with_defer]
        fn f(log: &Log) {
            #[defer_scope]
            for i in 0..2 {
                defer!(log.add(shown(i)));
                const STEP: i32 = 10;
                fn shown(n: i32) -> i32 {
                    n + STEP
                }
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "10 11");
    }
}

mod failure {
    use super::*;

    // Z015 with block scope: only what the failing turn allocated is freed
    #[test]
    fn errdefer_in_loop_frees_the_failing_turn() {
        #[with_defer]
        fn f(freed: &mut Vec<i32>, fail_at: i32) -> Result<i32, &'static str> {
            let mut allocated = 0;
            #[defer_scope]
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
        assert_eq!(freed, [3]);
        freed.clear();
        assert_eq!(f(&mut freed, 9), Ok(5));
        assert_eq!(freed, []);
    }

    // Z013 with block scope: the block had ended when the function failed
    #[test]
    fn errdefer_of_a_block_that_succeeded() {
        #[with_defer]
        fn f(freed: &Cell<i32>, fail_inside: bool) -> Result<i32, &'static str> {
            #[defer_scope]
            {
                defer_on_failure!(freed.set(freed.get() + 1));
                if fail_inside {
                    return Err("inside");
                }
            }
            Err("after the block")
        }
        let freed = Cell::new(0);
        assert_eq!(f(&freed, false), Err("after the block"));
        assert_eq!(freed.get(), 0);
        assert_eq!(f(&freed, true), Err("inside"));
        assert_eq!(freed.get(), 1);
    }

    // K003
    #[test]
    fn try_catch_in_loop() {
        #[with_defer]
        fn f(log: &Log) -> Result<(), i32> {
            #[defer_scope]
            for i in 0..5 {
                defer_on_failure!(log.add(format!("catch{i}")));
                defer_on_success!(log.add(format!("try{i}")));
                defer!(log.add(format!("normal{i}")));
                if i == 1 {
                    continue;
                }
                if i == 2 {
                    return Err(i);
                }
                log.add("end");
            }
            Ok(())
        }
        let log = Log::default();
        assert_eq!(f(&log), Err(2));
        assert_eq!(log.text(), "end normal0 try0 normal1 try1 normal2 catch2");
    }

    #[test]
    fn breaks_and_ends_are_success_and_so_is_an_ok_return() {
        #[with_defer]
        fn f(log: &Log, way: &str) -> Result<i32, &'static str> {
            'outer: {
                #[defer_scope]
                loop {
                    defer_on_success!(log.add("success"));
                    defer_on_failure!(log.add("failure"));
                    defer_on_panic!(log.add("panic"));
                    match way {
                        "break" => break,
                        "outer" => break 'outer,
                        "ok" => return Ok(1),
                        "err" => return Err("err"),
                        _ => panic!("panic"),
                    }
                }
            }
            Err("after the loop")
        }
        let run = |way| {
            let log = Log::default();
            (f(&log, way), log.text())
        };
        assert_eq!(run("break"), (Err("after the loop"), "success".to_owned()));
        assert_eq!(run("outer"), (Err("after the loop"), "success".to_owned()));
        assert_eq!(run("ok"), (Ok(1), "success".to_owned()));
        assert_eq!(run("err"), (Err("err"), "failure".to_owned()));
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log, "panic")), "panic");
        assert_eq!(log.text(), "panic failure");
    }

    #[test]
    fn failing_question_mark_ends_the_function_at_the_end_of_the_turn() {
        fn close(log: &Log, n: i32, fail_at: i32) -> Result<(), String> {
            log.add(format_args!("close{n}"));
            if n == fail_at { Err(format!("closing {n}")) } else { Ok(()) }
        }
        #[with_defer]
        fn f(log: &Log, fail_at: i32, bad: i32) -> Result<i32, String> {
            defer!(log.add("f"));
            let mut sum = 0;
            #[defer_scope]
            for n in 0..3 {
                defer!(log.add(n));
                defer!(close(log, n, fail_at)?);
                if n == bad {
                    return Err("bad".to_owned());
                }
                sum += n;
            }
            Ok(sum)
        }
        let log = Log::default();
        assert_eq!(f(&log, 9, 9), Ok(3));
        assert_eq!(log.text(), "close0 0 close1 1 close2 2 f");
        let log = Log::default();
        assert_eq!(f(&log, 1, 9), Err("closing 1".to_owned()));
        assert_eq!(log.text(), "close0 0 close1 1 f");
        let log = Log::default();
        assert_eq!(f(&log, 1, 1), Err("bad".to_owned()));
        assert_eq!(log.text(), "close0 0 close1 1 f");
    }

    #[test]
    fn failing_question_mark_of_a_block() {
        #[with_defer]
        fn f(log: &Log, text: &str) -> Option<i32> {
            let n = #[defer_scope]
            {
                defer!(log.add("first"));
                defer! {
                    text.parse::<i32>().ok()?;
                }
                5
            };
            log.add("after");
            Some(n)
        }
        let log = Log::default();
        assert_eq!((f(&log, "1"), f(&log, "x")), (Some(5), None));
        assert_eq!(log.text(), "first after first");
    }
}

mod panics {
    use super::*;

    #[test]
    fn statements_of_the_turn_run_before_those_of_the_function() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("f1"));
            #[defer_scope]
            for i in 0..3 {
                defer!(log.add(format!("a{i}")));
                defer! {
                    log.add(format_args!("b{i}"));
                }
                assert!(i != 1, "turn 1");
            }
            defer!(log.add("f2"));
        }
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log)), "turn 1");
        assert_eq!(log.text(), "b0 a0 b1 a1 f1");
    }

    #[test]
    fn panic_of_deferred_code_ends_the_loop_after_the_turn() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("f"));
            #[defer_scope]
            for i in 0..3 {
                defer!(log.add(format!("first{i}")));
                defer! {
                    assert!(i != 1, "deferred {i}");
                }
                log.add(i);
            }
        }
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log)), "deferred 1");
        assert_eq!(log.text(), "0 first0 1 first1 f");
    }

    #[test]
    fn recovered_turn_and_the_loop_goes_on() {
        #[with_defer]
        fn f(log: &Log, numbers: &[i32]) -> i32 {
            let mut sum = 0;
            #[defer_scope]
            for n in numbers {
                defer!(log.add(n));
                defer! {
                    if let Some(panic) = recover!() {
                        log.add(panic);
                    }
                }
                assert!(*n >= 0, "negative");
                sum += n;
            }
            sum
        }
        let log = Log::default();
        assert_eq!(f(&log, &[1, -1, 2]), 3);
        assert_eq!(log.text(), "1 negative -1 2");
    }

    #[test]
    fn panic_of_the_scope_recovered_by_the_function() {
        #[with_defer(result = -1)]
        fn f(log: &Log) -> i32 {
            defer! {
                if recover!().is_some() {
                    *result *= 10;
                }
            }
            #[defer_scope]
            {
                defer!(log.add("scope"));
                defer_on_panic!(log.add("panic"));
                panic!("in the scope");
            }
        }
        let log = Log::default();
        assert_eq!(f(&log), -10);
        assert_eq!(log.text(), "panic scope");
    }
}

mod named_result {
    use super::*;

    #[test]
    fn several_statements() {
        #[with_defer(n = 1)]
        fn f() -> i32 {
            #[defer_scope]
            {
                defer! { *n += 10 }
                *n += 2;
                defer! { *n *= 5 }
                *n += 1;
            }
            *n += 1;
            return;
        }
        assert_eq!(f(), 31);
    }

    #[test]
    fn scopes_in_scopes() {
        #[with_defer(n = 0)]
        fn f() -> i32 {
            #[defer_scope]
            for i in 1..3 {
                defer! { *n += 1000 * i }
                *n += 100;
                #[defer_scope]
                for j in 1..4 {
                    defer! { *n += 10 }
                    *n += j;
                }
                *n *= 2;
            }
            *n
        }
        assert_eq!(f(), ((100 + 36) * 2 + 1000 + 100 + 36) * 2 + 2000);
    }

    #[test]
    fn in_a_block_whose_variables_are_deferred() {
        #[with_defer(n = 0)]
        fn f() -> i32 {
            for i in 0..2 {
                let more = i + 1;
                defer! { *n += 1000 * more }
                #[defer_scope]
                for j in 0..2 {
                    defer! { *n += j }
                    *n += 10;
                }
                *n += 100;
            }
            *n += 5;
            return;
        }
        assert_eq!(f(), 3247);
    }

    #[test]
    fn every_way_out_of_an_inner_scope() {
        #[with_defer(n = 1)]
        fn f(way: &str) -> i32 {
            defer! { *n += 1000 }
            #[defer_scope]
            for i in 0..3 {
                defer! {
                    if recover!().is_some() {
                        *n += 100;
                    }
                }
                *n += 1;
                #[defer_scope]
                loop {
                    defer! { *n += 10 }
                    match way {
                        "panic" if i == 1 => panic!("in the inner scope"),
                        "return" => return,
                        "return a value" => return -1,
                        _ => break,
                    }
                }
                *n += 1;
            }
            *n
        }
        assert_eq!(f("break"), 1037);
        assert_eq!(f("panic"), 1136);
        assert_eq!(f("return"), 1012);
        assert_eq!(f("return a value"), 1009);
    }
}

// D013: a scope around the loop in place of its init clause
#[test]
fn for_init_handlers() {
    #[with_defer]
    fn success(x: &mut i32) {
        #[defer_scope]
        {
            defer_on_success! { *x += 1 }
            for n in 0.. {
                if n == 2 {
                    break;
                }
                assert_eq!(*x, 0);
            }
        }
        *x *= 2;
    }
    #[with_defer]
    fn failure(x: &mut i32) {
        #[defer_scope]
        {
            defer_on_failure! { *x += 1 }
            for n in 0.. {
                assert!(n < 2, "thrown");
            }
        }
    }
    #[with_defer]
    fn exit(x: &mut i32) {
        #[defer_scope]
        {
            defer! { *x += 1 }
            for n in 0.. {
                assert!(n < 2, "thrown");
            }
        }
    }
    let mut x = 0;
    success(&mut x);
    assert_eq!(x, 2);
    let mut x = 0;
    assert_eq!(panic_message(|| failure(&mut x)), "thrown");
    assert_eq!(x, 1);
    let mut x = 0;
    assert_eq!(panic_message(|| exit(&mut x)), "thrown");
    assert_eq!(x, 1);
}

// V003: a macro that makes the whole function, as no attribute sees what a macro in the function makes
#[test]
fn compile_time_for() {
    struct Fields {
        first: i32,
        second: i32,
    }
    macro_rules! for_each_field {
        ($($field:ident)*) => {
            #[with_defer]
            fn per_step(log: &Log, fields: &Fields) {
                $(
                    #[defer_scope]
                    {
                        defer!(log.add(fields.$field));
                        log.add(stringify!($field));
                    }
                )*
            }
            #[with_defer]
            fn per_function(log: &Log, fields: &Fields) {
                $(
                    defer!(log.add(fields.$field));
                    log.add(stringify!($field));
                )*
            }
        };
    }
    for_each_field!(first second);
    let fields = Fields { first: 1, second: 3 };
    let log = Log::default();
    per_step(&log, &fields);
    assert_eq!(log.text(), "first 1 second 3");
    let log = Log::default();
    per_function(&log, &fields);
    assert_eq!(log.text(), "first second 3 1");
}

#[test]
fn return_from_a_scope_of_a_block_whose_variables_wait() {
    #[with_defer(result = 1)]
    fn f(log: &Log) -> i32 {
        if *result == 1 {
            let name = "block";
            defer! {
                log.add(format_args!("{name}{result}"));
            }
            #[defer_scope]
            for turn in 0..2 {
                defer! {
                    *result += 10;
                }
                if turn == 1 {
                    return 5;
                }
                log.add(*result);
            }
        }
        *result
    }
    let log = Log::default();
    assert_eq!(f(&log), 15);
    assert_eq!(log.text(), "1 block15");
}

// The statements stand next to each other, and each names a variable of those before it.
#[test]
fn variables_whose_values_are_blocks_that_defer() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        let mut sum = 0;
        #[defer_scope]
        {
            #[expect(clippy::needless_late_init, reason = "the point")]
            let early;
            let mut first = {
                defer!(log.add("first"));
                1
            };
            early = {
                defer! {
                    log.add(format_args!("early{first}"));
                }
                2
            };
            let second = {
                defer! {
                    log.add(format_args!("second{first}{early}"));
                }
                3
            };
            defer! {
                log.add(format_args!("all{first}{early}{second}"));
            }
            first += 4;
            sum += first + second;
        }
        sum
    }
    let log = Log::default();
    assert_eq!(f(&log), 8);
    assert_eq!(log.text(), "all523 second52 early5 first");
}

// What stands behind the second statement is left by a jump, but the turn comes to its end.
#[test]
fn continue_at_the_end_of_a_turn_with_variables_between_statements() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        #[defer_scope]
        for turn in 0..2 {
            defer!(log.add("first"));
            let name = "second";
            defer!(log.add(name));
            log.add(turn);
            continue;
        }
        for turn in 0..2 {
            let first = turn;
            defer! {
                log.add(first);
            }
            let second = turn + 10;
            defer! {
                log.add(second);
            }
            continue;
        }
        7
    }
    let log = Log::default();
    assert_eq!(f(&log), 7);
    assert_eq!(log.text(), "0 second first 1 second first 11 1 10 0");
}

#[test]
fn recovered_turn_that_would_have_ended_in_a_jump() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        #[defer_scope]
        for turn in 0.. {
            defer!(log.add("first"));
            let name = "second";
            defer! {
                if recover!().is_some() {
                    log.add(name);
                }
            }
            assert!(turn > 1, "the first turns");
            break;
        }
        let default: i32 = #[defer_scope]
        {
            defer!(log.add("third"));
            let name = "fourth";
            defer! {
                if recover!().is_some() {
                    log.add(name);
                }
            }
            panic!("a value is expected");
        };
        default + 7
    }
    let log = Log::default();
    assert_eq!(f(&log), 7);
    assert_eq!(log.text(), "second first second first first fourth third");
}

// Behind a block whose variables wait, and in a scope of a scope.
#[test]
fn named_result_is_seen_behind_scopes_in_other_blocks() {
    #[with_defer(result = 1)]
    fn f(log: &Log) -> i32 {
        {
            let name = "block";
            defer! {
                log.add(format_args!("{name}{result}"));
            }
            *result += 1;
            #[defer_scope]
            for turn in 0..2 {
                *result *= 2;
                defer! {
                    *result += 10;
                    log.add(*result);
                }
                if turn == 1 {
                    #[defer_scope]
                    {
                        defer! {
                            *result += 100;
                        }
                        *result += 1;
                    }
                    log.add(*result);
                }
            }
            log.add(*result);
        }
        *result + 1000
    }
    let log = Log::default();
    assert_eq!(f(&log), 1139);
    assert_eq!(log.text(), "14 129 139 139 block1139");
}

// D015
#[test]
fn unrolled_loop_and_outer() {
    #[with_defer]
    fn f(outer: &RefCell<Vec<i32>>) -> Vec<i32> {
        defer! {
            outer.borrow_mut().push(1234);
        }
        #[defer_scope]
        {
            for i in 0..5 {
                defer! {
                    outer.borrow_mut().push(i);
                }
            }
            outer.borrow_mut().push(5);
        }
        outer.borrow().clone()
    }
    let outer = RefCell::new(vec![]);
    assert_eq!(f(&outer), [5, 4, 3, 2, 1, 0]);
    assert_eq!(outer.into_inner(), [5, 4, 3, 2, 1, 0, 1234]);
}
