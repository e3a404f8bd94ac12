//! What the tests of other languages demand of order and values: Zig, Swift, D, C, V, C3, C++, Python, scopeguard.

mod common;

use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::process::Command;
use std::rc::Rc;
use std::thread;

use common::Log;
use with_defer::{defer, with_defer};

/// Runs the named test in a process of its own, with the variable set that tells it so.
fn in_a_process(test: &str, variable: &str) -> (Option<i32>, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--quiet"])
        .env(variable, "1")
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

mod zig {
    use super::*;

    // Z001
    #[test]
    fn loop_control_inside_defer() {
        #[with_defer]
        fn f(log: &Log) {
            let mut counter = 0;
            defer!(log.add(counter));
            defer! {
                for n in 0..10 {
                    if n < 5 {
                        continue;
                    }
                    if n == 5 {
                        counter = n;
                        break;
                    }
                    counter = 100;
                }
                log.add(counter);
            }
            counter = -1;
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "5 0");
    }

    // Z007
    #[test]
    fn handled_error_inside() {
        fn callee(n: i32) -> Result<i32, &'static str> {
            if n > 0 { Ok(n) } else { Err("bad") }
        }
        #[with_defer]
        fn f(a: &mut i32) -> i32 {
            defer! {
                *a += 1;
            }
            match callee(0) {
                Ok(n) => *a = n,
                Err("bad") => *a = 1,
                Err(_) => *a = 100,
            }
            *a
        }
        let mut a = 0;
        assert_eq!(f(&mut a), 1);
        assert_eq!(a, 2);
    }
}

mod swift {
    use super::*;

    // S001
    #[test]
    fn lifo_in_block() {
        #[with_defer]
        fn f(log: &Log) {
            {
                defer!(log.add("deferred1"));
                defer!(log.add("deferred2"));
                log.add("start!");
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "start! deferred2 deferred1");
    }

    // S003
    #[test]
    fn three_calls_order() {
        #[with_defer]
        fn f(log: &mut Vec<i32>) {
            defer!(log.push(1));
            defer!(log.push(2));
            log.push(3);
        }
        let mut log = vec![];
        f(&mut log);
        assert_eq!(log, [3, 2, 1]);
    }

    // S009
    #[test]
    fn implicit_self() {
        struct Class {
            x: i32,
        }
        impl Class {
            #[with_defer]
            fn method(&mut self) -> i32 {
                defer! {
                    self.x = 97;
                }
                self.x += 1;
                self.x
            }
        }
        let mut class = Class { x: 1 };
        assert_eq!(class.method(), 2);
        assert_eq!(class.x, 97);
    }

    mod program {
        use with_defer::{defer, with_defer};

        #[with_defer]
        pub(super) fn main() {
            println!("body");
            defer!(println!("at program end"));
        }
    }

    // S015
    #[test]
    fn top_level_defer_last() {
        const VARIABLE: &str = "WITH_DEFER_TOP_LEVEL";
        if std::env::var_os(VARIABLE).is_some() {
            program::main();
            return;
        }
        let (_, printed) = in_a_process("swift::top_level_defer_last", VARIABLE);
        assert!(printed.contains("body\nat program end\n"), "{printed}");
    }
}

mod d {
    use super::*;

    // D001
    #[test]
    fn exit_lifo_checked() {
        fn advance(x: &mut i32, from: i32) {
            assert_eq!(*x, from);
            *x += 1;
        }
        #[with_defer]
        fn f(x: &mut i32) {
            assert_eq!(*x, 0);
            defer!(advance(&mut *x, 3));
            defer!(advance(&mut *x, 2));
            defer!(advance(&mut *x, 1));
            *x = 1;
        }
        let mut x = 0;
        f(&mut x);
        assert_eq!(x, 4);
    }

    // D007
    #[test]
    fn exit_with_version_block() {
        #[with_defer]
        fn f(log: &mut Vec<i32>) {
            #[cfg(not(any()))]
            defer!(log.push(3));
            #[cfg(any())]
            defer!(log.there_is_no_such_method(nor, such, variables));
            #[cfg(any())]
            defer! {
                log.nor_this();
            }
            #[cfg_attr(any(), cfg(any()))]
            defer! {
                log.push(2);
            }
            log.push(0);
            #[cfg(test)]
            #[allow(unused_variables)]
            defer! {
                let unused = 1;
                log.push(1);
            }
        }
        let mut log = vec![];
        f(&mut log);
        assert_eq!(log, [0, 1, 2, 3]);
    }

    // D017
    #[test]
    fn destructor_interleave() {
        struct Local<'a>(&'a Log, &'static str);
        impl Drop for Local<'_> {
            fn drop(&mut self) {
                self.0.add(self.1);
            }
        }
        #[with_defer]
        fn f(log: &Log) {
            let _before = Local(log, "before");
            defer!(log.add("handler"));
            let _after = Local(log, "after");
            log.add("body");
        }
        #[with_defer]
        fn moved_on_one_way(log: &Log, consume: bool) {
            let before = Local(log, "before");
            defer!(log.add("handler"));
            if consume {
                drop(before);
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body after handler before");
        let log = Log::default();
        moved_on_one_way(&log, true);
        assert_eq!(log.text(), "before body handler");
        // A variable that the body may move is the body's, and dropped at its end.
        let log = Log::default();
        moved_on_one_way(&log, false);
        assert_eq!(log.text(), "body before handler");
    }

    // D039
    #[test]
    fn diverging_deferred_code() {
        const VARIABLE: &str = "WITH_DEFER_DIVERGING";
        #[with_defer]
        fn f() -> i32 {
            defer!(println!("not reached"));
            defer! {
                std::process::exit(3)
            }
            defer!(println!("reached"));
            7
        }
        #[with_defer]
        fn call_form() {
            defer!(std::process::exit(4));
        }
        if let Some(way) = std::env::var_os(VARIABLE) {
            if way == "1" {
                f();
            }
            call_form();
        }
        let (code, printed) = in_a_process("d::diverging_deferred_code", VARIABLE);
        assert_eq!(code, Some(3));
        assert!(printed.contains("reached") && !printed.contains("not reached"), "{printed}");
    }
}

mod c {
    use super::*;

    // C001
    #[test]
    fn clang_c_b_a() {
        #[with_defer]
        fn f(log: &Log) {
            defer!(log.add("a"));
            defer!(log.add("b"));
            defer!(log.add("c"));
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "c b a");
    }

    // C003
    #[test]
    fn early_return_between() {
        #[with_defer]
        fn f(log: &mut Vec<i32>, early: bool) {
            defer!(log.push(2));
            if early {
                return;
            }
            defer!(log.push(1));
        }
        let mut log = vec![];
        f(&mut log, true);
        assert_eq!(log, [2]);
        log.clear();
        f(&mut log, false);
        assert_eq!(log, [1, 2]);
    }

    // C005
    #[test]
    #[expect(clippy::never_loop, clippy::while_immutable_condition, reason = "any statement will do")]
    fn defer_accepts_statements() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            defer! {
                if n > 0 {
                    log.add("if");
                } else {
                    log.add("else");
                }
            }
            defer! {
                while n > 0 {
                    log.add("while");
                    break;
                }
            }
            defer! {
                for i in 0..2 {
                    log.add(i);
                }
            }
            defer! {
                match n {
                    1 => log.add("one"),
                    2 => log.add("two"),
                    _ => {}
                }
            }
            defer! {
                {}
            }
            #[expect(clippy::no_effect, reason = "any statement will do")]
            defer! {
                "a string";
                'c' as u32;
                log.value("expression", n);
            }
            defer! {
                const TEXT: &str = "const";
                fn item(log: &Log) {
                    log.add(TEXT);
                }
                let n = f64::from(n);
                log.add(n + 0.5);
                item(log);
            }
            defer! {
                unsafe_free(log)
            }
        }
        fn unsafe_free(log: &Log) {
            log.add("call");
        }
        let log = Log::default();
        f(&log, 1);
        assert_eq!(log.text(), "call 1.5 const expression one 0 1 while if");
    }

    // C007
    #[test]
    fn empty_block() {
        #[with_defer]
        fn f() -> i32 {
            defer! {}
            defer!({});
            7
        }
        assert_eq!(f(), 7);
    }

    // C009
    #[test]
    #[expect(clippy::never_loop, reason = "the label is the point")]
    fn label_as_body() {
        #[with_defer]
        fn f(log: &Log) {
            defer! {
                'a: loop {
                    loop {
                        log.add("inner");
                        break 'a;
                    }
                }
            }
            defer! {
                let n = 'block: {
                    if log.text() == "body" {
                        break 'block 5;
                    }
                    6
                };
                log.add(n);
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "body 5 inner");
    }

    // C017
    #[test]
    #[expect(unreachable_code, reason = "the point")]
    fn unreached_after_return() {
        #[with_defer]
        fn f(log: &Log) {
            log.add("cat says");
            return;
            defer!(log.add("meow"));
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "cat says");
    }

    // C019
    #[test]
    fn jump_inside_scope_no_repeat() {
        #[with_defer]
        fn f(log: &Log) {
            let mut count = 0;
            defer!(log.add("deferred"));
            loop {
                count += 1;
                log.add(count);
                if count == 5 {
                    break;
                }
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "1 2 3 4 5 deferred");
    }

    // C023
    #[test]
    fn exit_skips() {
        const VARIABLE: &str = "WITH_DEFER_EXIT";
        #[with_defer]
        fn f() {
            defer!(println!("deferred"));
            println!("body");
            std::process::exit(5);
        }
        if std::env::var_os(VARIABLE).is_some() {
            f();
        }
        let (code, printed) = in_a_process("c::exit_skips", VARIABLE);
        assert_eq!(code, Some(5));
        assert!(printed.contains("body") && !printed.contains("deferred"), "{printed}");
    }

    // C025
    #[test]
    fn thread_function_return() {
        #[with_defer]
        fn start(log: &std::sync::mpsc::Sender<&'static str>) -> i32 {
            defer! {
                log.send("deferred").unwrap();
            }
            log.send("thread").unwrap();
            9
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        assert_eq!(thread::spawn(move || start(&sender)).join().unwrap(), 9);
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), ["thread", "deferred"]);
    }

    // C033
    #[test]
    fn pointer_captured_late() {
        #[with_defer]
        fn f(cells: &[Cell<i32>; 4], exit: usize, n: i32) {
            let mut pointer = &cells[0];
            defer! {
                pointer.set(pointer.get() + n);
            }
            pointer = &cells[1];
            if exit == 1 {
                return;
            }
            pointer = &cells[2];
            if exit == 2 {
                return;
            }
            pointer = &cells[3];
        }
        let cells = [const { Cell::new(0) }; 4];
        f(&cells, 1, 10);
        f(&cells, 2, 20);
        f(&cells, 3, 30);
        assert_eq!(cells.map(Cell::into_inner), [0, 10, 20, 30]);
    }
}

mod v {
    use super::*;

    // V001
    #[test]
    fn array_value_visible() {
        #[with_defer]
        fn f(log: &Log) {
            let mut array = [0; 3];
            defer! {
                log.add(format!("{array:?}"));
                assert_eq!(array, [1, 2, 3]);
            }
            array = [1, 2, 3];
            assert_eq!(array[0], 1);
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "[1, 2, 3]");
    }

    // V009
    #[test]
    fn static_levels() {
        thread_local! {
            static LEVEL: Cell<i32> = const { Cell::new(0) };
        }
        #[with_defer]
        fn f(log: &Log, depth: i32) {
            LEVEL.set(LEVEL.get() + 1);
            defer! {
                LEVEL.set(LEVEL.get() - 1);
            }
            log.add(LEVEL.get());
            if depth > 1 {
                f(log, depth - 1);
            }
        }
        for _ in 0..2 {
            let log = Log::default();
            f(&log, 3);
            assert_eq!(log.text(), "1 2 3");
            assert_eq!(LEVEL.get(), 0);
        }
    }

    // V015
    #[test]
    fn append_array_in_defer() {
        #[with_defer]
        fn f(list: &mut Vec<String>) {
            defer! {
                list.push("a".to_owned());
                list.push(format!("{}b{}", list[list.len() - 1], list.len()));
            }
            list.push("body".to_owned());
        }
        let mut list = vec![];
        f(&mut list);
        assert_eq!(list, ["body", "a", "ab2"]);
    }

    // V017
    #[test]
    fn reserved_word_names() {
        #[with_defer]
        fn f(log: &Log, r#fn: i32) {
            let mut r#type = 1;
            let r#struct = "struct".to_owned();
            defer!(log.add(r#type));
            defer!(log.add(&r#struct));
            defer! {
                log.add(format_args!("{fn}{type}"));
            }
            r#type += 1;
        }
        let log = Log::default();
        f(&log, 5);
        assert_eq!(log.text(), "52 struct 1");
    }

    // V021
    #[test]
    fn function_variable_live() {
        fn f1(log: &Log) {
            log.add("f1");
        }
        fn f2(log: &Log) {
            log.add("f2");
        }
        fn call(log: &Log, function: fn(&Log)) {
            function(log);
        }
        #[with_defer]
        fn block_form(log: &Log) {
            let mut function: fn(&Log) = f1;
            defer! {
                function(log);
            }
            defer! {
                call(log, function);
            }
            function(log);
            function = f2;
        }
        #[with_defer]
        fn call_form(log: &Log) {
            let mut function: fn(&Log) = f1;
            defer!(function(log));
            defer!(call(log, function));
            function = f2;
            function(log);
        }
        let log = Log::default();
        block_form(&log);
        call_form(&log);
        assert_eq!(log.text(), "f1 f2 f2 f2 f1 f1");
    }

    // V029
    #[test]
    fn nested_defer_allowed() {
        #[with_defer]
        fn f(log: &Log) {
            defer! {
                defer!(log.add("inner"));
                log.add("outer");
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "outer inner");
    }
}

mod c3 {
    use super::*;

    // K013
    #[test]
    fn nested_defer_in_defer() {
        #[with_defer]
        fn f(log: &mut Vec<i32>) {
            defer! {
                defer!(log.push(1));
                log.push(2);
                defer!(log.push(3));
            }
            log.push(4);
        }
        let mut log = vec![];
        f(&mut log);
        assert_eq!(log, [4, 2, 3, 1]);
    }

    // K019
    #[test]
    fn helper_that_takes_the_body_as_a_closure() {
        #[with_defer]
        fn with<R>(log: &Log, body: impl FnOnce(i32) -> R) -> R {
            defer!(log.add("helper"));
            body(17)
        }
        #[with_defer]
        fn f(log: &Log) -> i32 {
            defer!(log.add("outside"));
            let n = with(log, |n| {
                defer!(log.add("inside_defer"));
                log.add(n * 2);
                if n > 10 {
                    return 3;
                }
                n
            });
            log.add(n);
            n
        }
        let log = Log::default();
        assert_eq!(f(&log), 3);
        assert_eq!(log.text(), "34 inside_defer helper 3 outside");
    }

    // K021
    #[test]
    fn overloaded_method_deferred() {
        use std::ops::{AddAssign, IndexMut, Neg};
        #[derive(Clone, Copy, Debug, PartialEq)]
        struct Number(i32);
        impl AddAssign<i32> for Number {
            fn add_assign(&mut self, n: i32) {
                self.0 += n;
            }
        }
        impl Neg for Number {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        #[with_defer]
        fn f(numbers: &mut Vec<Number>) {
            let mut i = 0;
            defer!(numbers[i].add_assign(5));
            defer! {
                let number = numbers.index_mut(1);
                *number = -*number;
            }
            i = 1;
            numbers[i] += 1;
        }
        let mut numbers = vec![Number(1), Number(2)];
        f(&mut numbers);
        assert_eq!(numbers, [Number(6), Number(-3)]);
    }
}

mod cpp {
    use super::*;

    // O009
    #[test]
    fn cpp_function_reference() {
        thread_local! {
            static CALLS: Cell<i32> = const { Cell::new(0) };
        }
        fn item() {
            CALLS.set(CALLS.get() + 1);
        }
        #[with_defer]
        fn f(pointer: fn(), reference: &dyn Fn()) -> i32 {
            defer!(item());
            defer!(pointer());
            defer!(reference());
            CALLS.get()
        }
        assert_eq!(f(item, &item), 0);
        assert_eq!(CALLS.get(), 3);
    }
}

mod python {
    use super::*;

    // P001
    #[test]
    fn callbacks_lifo_args() {
        #[derive(Clone, Copy, Default)]
        struct Named {
            example: Option<i32>,
            this: Option<i32>,
            callback: Option<i32>,
        }
        struct Calls(Log);
        impl Calls {
            fn call(&self, positional: &[i32], named: Named) {
                let Named { example, this, callback } = named;
                self.0.add(format_args!("{positional:?}{:?}", [example, this, callback].as_slice()));
            }
            #[with_defer]
            fn f(&self) {
                let mut named = Named::default();
                defer!(self.call(&[], named));
                defer!(self.call(&[1], named));
                defer!(self.call(&[1, 2], named));
                named.example = Some(1);
                defer!(self.call(&[], named));
                defer!(self.call(&[1], named));
                defer!(self.call(&[1, 2], named));
                named = Named { example: None, this: Some(3), callback: Some(4) };
                defer!(self.call(&[1, 2], named));
                named.callback = None;
                assert!(named.callback.is_none());
            }
        }
        let calls = Calls(Log::default());
        calls.f();
        let expected = [
            "[1, 2][None, Some(3), Some(4)]",
            "[1, 2][Some(1), None, None]",
            "[1][Some(1), None, None]",
            "[][Some(1), None, None]",
            "[1, 2][None, None, None]",
            "[1][None, None, None]",
            "[][None, None, None]",
        ];
        assert_eq!(calls.0.text(), expected.join(" "));
    }

    // P001: names that generated code could use
    #[test]
    fn arguments_named_like_glue() {
        #[with_defer]
        fn f(log: &Log, exit: i32, out: i32, slot: i32) {
            let (result, stack, p, ty, attempt, failure, recover, value) = (1, 2, 3, 4, 5, 6, 7, 8);
            let (callback, guard, defer, after, rt, deferred, payload, record) =
                (9, 10, 11, 12, 13, 14, 15, 16);
            let (__out, __result, out_0, taken_0, value_0, __with_defer) = (17, 18, 19, 20, 21, 22);
            defer!(log.add(format_args!("{exit} {out} {slot}")));
            defer!(log.add(format_args!("{result} {stack} {p} {ty} {attempt} {failure} {recover} {value}")));
            let exit = exit + 100;
            let out = out + 100;
            let slot = slot + 100;
            let ty = ty + 100;
            let attempt = attempt + 100;
            defer! {
                log.add(format_args!("{callback} {guard} {defer} {after} {rt} {deferred} {payload} {record}"));
            }
            defer! {
                log.add(format_args!("{exit} {out} {slot} {ty} {attempt}"));
            }
            log.add(format_args!("{__out} {__result} {out_0} {taken_0} {value_0} {__with_defer}"));
        }
        let log = Log::default();
        f(&log, -1, -2, -3);
        let expected = [
            "17 18 19 20 21 22",
            "99 98 97 104 105",
            "9 10 11 12 13 14 15 16",
            "1 2 3 4 5 6 7 8",
            "-1 -2 -3",
        ];
        assert_eq!(log.text(), expected.join(" "));
    }

    // P021
    #[test]
    fn resource_not_kept_alive() {
        #[with_defer]
        fn f(resource: Rc<()>) -> usize {
            let weak = Rc::downgrade(&resource);
            defer!(assert_eq_zero(weak.strong_count()));
            defer! {
                assert_eq!(weak.strong_count(), 0);
            }
            assert_eq!(weak.strong_count(), 1);
            drop(resource);
            weak.strong_count()
        }
        fn assert_eq_zero(taken_at_the_statement: usize) {
            assert_eq!(taken_at_the_statement, 1);
        }
        let resource = Rc::new(());
        let weak = Rc::downgrade(&resource);
        assert_eq!(f(resource), 0);
        assert_eq!(weak.strong_count(), 0);
    }
}

mod scopeguard {
    use super::*;

    // R001
    #[test]
    fn runs_at_scope_end() {
        #[with_defer]
        fn f(drops: &Cell<i32>) -> i32 {
            defer!(drops.set(1000));
            drops.get()
        }
        let drops = Cell::new(0);
        assert_eq!(f(&drops), 0);
        assert_eq!(drops.get(), 1000);
    }

    // R007
    #[test]
    fn file_used_after_guard() {
        #[with_defer]
        fn f(path: &std::path::Path) -> std::io::Result<usize> {
            let mut file = fs::File::create(path)?;
            defer!(file.sync_all()?);
            defer!(file.write_all(b", deferred")?);
            let mut written = file.write(b"body")?;
            written += file.write(b", again")?;
            Ok(written)
        }
        let path =
            std::env::temp_dir().join(format!("with_defer_file_used_after_guard_{}", std::process::id()));
        assert_eq!(f(&path).unwrap(), 11);
        assert_eq!(fs::read_to_string(&path).unwrap(), "body, again, deferred");
        fs::remove_file(&path).unwrap();
    }
}
