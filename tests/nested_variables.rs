//! Which variables nested deferred code sees: those of outer blocks live, those of its own block until it is left,
//! and then as its own.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::{Log, panic_message};
use with_defer::{defer, with_defer};

struct File<'a> {
    log: &'a Log,
    name: String,
    lines: Vec<String>,
}

impl<'a> File<'a> {
    fn open(log: &'a Log, name: &str) -> Self {
        Self { log, name: name.to_owned(), lines: vec![] }
    }

    fn write(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn sync(&mut self) {
        self.log.add(format_args!("sync-{}-{}", self.name, self.lines.join("+")));
    }

    fn close(self) {
        self.log.add(format_args!("close-{}", self.name));
    }
}

impl Drop for File<'_> {
    fn drop(&mut self) {
        self.log.add(format_args!("drop-{}", self.name));
    }
}

mod outer_variables {
    use super::*;

    #[test]
    fn later_turns_change_what_deferred_code_sees() {
        #[with_defer]
        fn f() -> Vec<i32> {
            let mut list = vec![];
            let mut counter = 0;
            (|| {
                for _ in 0..3 {
                    counter += 1;
                    defer! {
                        list.push(counter);
                        counter += 10;
                    }
                    list.push(-counter);
                }
                list.push(100);
            })();
            list
        }
        assert_eq!(f(), [-1, -2, -3, 100, 3, 13, 23]);
    }

    #[test]
    fn body_and_deferred_code_push_to_the_same_vector() {
        #[with_defer]
        fn f(list: &mut Vec<i32>) -> usize {
            if list.is_empty() {
                defer!(list.push(2));
                defer! {
                    list.push(1);
                }
                list.push(0);
            }
            list.push(5);
            list.len()
        }
        let mut list = vec![];
        assert_eq!(f(&mut list), 2);
        assert_eq!(list, [0, 5, 1, 2]);
        assert_eq!(f(&mut list), 5);
        assert_eq!(list, [0, 5, 1, 2, 5]);
    }

    #[test]
    fn flag_saved_set_and_restored_in_a_match_arm() {
        struct Parser {
            in_loop: bool,
            seen: Vec<bool>,
        }
        impl Parser {
            #[with_defer]
            fn parse(&mut self, text: &str) {
                for word in text.split(' ') {
                    match word {
                        "loop" => {
                            let saved = self.in_loop;
                            defer! {
                                self.in_loop = saved;
                            }
                            self.in_loop = true;
                        }
                        _ => self.seen.push(self.in_loop),
                    }
                }
            }
        }
        let mut parser = Parser { in_loop: false, seen: vec![] };
        parser.parse("a loop b loop c");
        assert_eq!((parser.in_loop, parser.seen), (false, vec![false, true, true]));
    }

    #[test]
    fn variable_of_an_outer_block_in_a_loop() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let mut seen = vec![i];
                for j in 0..2 {
                    defer! {
                        seen.push(100);
                        log.add(format!("{i}{j}:{seen:?}"));
                    }
                    seen.push(j);
                }
                seen.push(9);
            }
        }
        let log = Log::default();
        f(&log);
        let expected = [
            "11:[1, 0, 1, 9, 100]",
            "10:[1, 0, 1, 9, 100, 100]",
            "01:[0, 0, 1, 9, 100]",
            "00:[0, 0, 1, 9, 100, 100]",
        ];
        assert_eq!(log.text(), expected.join(" "));
    }

    #[test]
    fn moved_into_a_block_that_runs_at_most_once() {
        #[with_defer]
        fn f(log: &Log, close: bool) {
            let file = File::open(log, "a");
            if close {
                defer! {
                    file.close();
                }
                log.add(file.lines.len());
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "0 body close-a drop-a");
        let log = Log::default();
        f(&log, false);
        assert_eq!(log.text(), "body drop-a");
    }
}

mod inner_variables {
    use super::*;

    #[test]
    fn file_of_each_turn_is_used_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log, names: &[&str]) -> Result<(), String> {
            for name in names {
                let mut file = File::open(log, name);
                defer!(file.sync());
                file.write("x");
                if name.is_empty() {
                    return Err("no name".to_owned());
                }
                file.write("y");
            }
            log.add("end");
            Ok(())
        }
        let log = Log::default();
        assert_eq!(f(&log, &["a", "b"]), Ok(()));
        assert_eq!(log.text(), "end sync-b-x+y drop-b sync-a-x+y drop-a");
        let log = Log::default();
        assert_eq!(f(&log, &["a", "", "c"]), Err("no name".to_owned()));
        assert_eq!(log.text(), "sync--x drop- sync-a-x+y drop-a");
    }

    #[test]
    fn left_by_every_way_out() {
        #[with_defer]
        fn f(log: &Log, way: &str) -> Option<i32> {
            'outer: for turn in 0..2 {
                for _ in 0..1 {
                    let mut file = File::open(log, way);
                    defer! {
                        file.sync();
                    }
                    file.write("1");
                    match way {
                        "break" => break,
                        "continue" => continue,
                        "outer" if turn == 0 => continue 'outer,
                        "outer" => break 'outer,
                        "return" => return Some(turn),
                        "question" => None?,
                        "panic" => panic!("panicked"),
                        _ => {}
                    }
                    file.write("2");
                }
            }
            None
        }
        let run = |way: &str| {
            let log = Log::default();
            let result = f(&log, way);
            (result, log.text().replace(&format!("-{way}"), ""))
        };
        assert_eq!(run("end"), (None, "sync-1+2 drop sync-1+2 drop".to_owned()));
        assert_eq!(run("break"), (None, "sync-1 drop sync-1 drop".to_owned()));
        assert_eq!(run("continue"), (None, "sync-1 drop sync-1 drop".to_owned()));
        assert_eq!(run("outer"), (None, "sync-1 drop sync-1 drop".to_owned()));
        assert_eq!(run("return"), (Some(0), "sync-1 drop".to_owned()));
        assert_eq!(run("question"), (None, "sync-1 drop".to_owned()));
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log, "panic")), "panicked");
        assert_eq!(log.text(), "sync-panic-1 drop-panic");
    }

    #[test]
    fn shared_by_two_statements() {
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            if condition {
                let mut file = File::open(log, "a");
                defer!(file.sync());
                file.write("1");
                defer! {
                    file.write("deferred");
                }
                file.write("2");
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "body sync-a-1+2+deferred drop-a");
    }

    #[test]
    fn used_in_a_deeper_block_than_its_own() {
        #[with_defer]
        fn f(log: &Log, dirs: &[&str]) {
            for dir in dirs {
                let mut file = File::open(log, dir);
                defer!(file.sync());
                for n in 0..2 {
                    let mut x = n;
                    defer! {
                        x += 1;
                        file.write(&format!("b{x}"));
                    }
                    x *= 10;
                    file.write(&format!("{x}"));
                }
                if *dir == "b" {
                    defer! {
                        file.write("c");
                    }
                }
                file.write("end");
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, &["a", "b"]);
        let expected = ["body", "sync-b-0+10+end+c+b11+b1", "drop-b", "sync-a-0+10+end+b11+b1", "drop-a"];
        assert_eq!(log.text(), expected.join(" "));
    }

    #[test]
    fn of_several_levels_in_one_statement() {
        #[with_defer]
        fn f(log: &Log) {
            let outermost = String::from("o");
            for i in 0..2 {
                let a = format!("a{i}");
                if i == 1 {
                    let b = format!("b{i}");
                    {
                        let c = String::from("c");
                        defer! {
                            log.add(format_args!("{outermost}{i}{a}{b}{c}"));
                        }
                        log.add(&c);
                    }
                    log.add(&b);
                }
                log.add(&a);
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "a0 c b1 a1 o1a1b1c");
    }

    #[test]
    fn copies_see_the_last_value_in_block_form_and_the_first_in_call_form() {
        #[with_defer]
        fn f(log: &Log) {
            for start in [1, 5] {
                let mut n = start;
                defer!(log.add(format!("call{n}")));
                defer! {
                    log.add(format_args!("block{n}"));
                }
                n += 1;
                log.add(n);
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 6 block6 call5 block2 call1");
    }

    #[test]
    #[expect(clippy::needless_late_init, reason = "the point")]
    fn assigned_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> i32 {
            let mut total = 0;
            if condition {
                let x;
                let y: String;
                defer!(log.add("deferred"));
                x = 5;
                y = format!("y{x}");
                log.add(&y);
                total += x;
            }
            total
        }
        let log = Log::default();
        assert_eq!(f(&log, true), 5);
        assert_eq!(log.text(), "y5 deferred");
    }

    #[test]
    fn mutable_references_into_an_outer_vector() {
        #[with_defer]
        fn f(list: &mut [i32]) -> i32 {
            let mut sum = 0;
            for item in list.iter_mut() {
                defer! {
                    *item += 1;
                }
                *item *= 10;
                sum += *item;
            }
            sum
        }
        let mut list = [1, 2, 3];
        assert_eq!(f(&mut list), 60);
        assert_eq!(list, [11, 21, 31]);
    }

    #[test]
    fn pattern_bound() {
        struct Pair {
            first: String,
            second: Option<(i32, [u8; 3])>,
        }
        enum Shape {
            Circle { radius: i32 },
            Square(i32),
            Dot,
        }
        #[with_defer]
        #[expect(clippy::needless_pass_by_value, reason = "patterns that move and patterns that do not")]
        fn f(log: &Log, pairs: Vec<Pair>, shape: Shape, mut list: Vec<i32>) {
            for (i, Pair { first, second: extra }) in pairs.into_iter().enumerate() {
                defer! {
                    log.add(format_args!("{i}{first}"));
                }
                if let Some((ref n, [head, .., tail])) = extra {
                    let n = *n;
                    defer! {
                        log.add(format_args!("{n}{head}{tail}"));
                    }
                    log.add(n);
                }
                log.add(&first);
            }
            match shape {
                Shape::Circle { radius: size @ 1..9 } | Shape::Square(size) => {
                    defer! {
                        log.add(size);
                    }
                    log.add("shape");
                }
                Shape::Circle { radius } if radius > 100 => {
                    defer! {
                        log.add(radius);
                    }
                }
                Shape::Circle { .. } | Shape::Dot => {}
            }
            if let [first, rest @ ..] = &mut list[..] {
                defer! {
                    *first += i32::try_from(rest.len()).unwrap();
                    log.add(*first);
                }
                *first = 10;
            }
        }
        let pair = |first: &str, second| Pair { first: first.to_owned(), second };
        let log = Log::default();
        let pairs = vec![pair("a", None), pair("b", Some((7, [1, 2, 3])))];
        f(&log, pairs, Shape::Square(5), vec![0, 0, 0]);
        assert_eq!(log.text(), "a 7 b shape 12 5 713 1b 0a");
        let log = Log::default();
        f(&log, vec![], Shape::Circle { radius: 8 }, vec![]);
        f(&log, vec![], Shape::Circle { radius: 800 }, vec![]);
        f(&log, vec![], Shape::Circle { radius: 80 }, vec![]);
        f(&log, vec![], Shape::Dot, vec![]);
        assert_eq!(log.text(), "shape 8 800");
    }

    #[test]
    fn reference_patterns() {
        #[with_defer]
        fn f(log: &Log, pairs: &[(i32, String)], mut slot: Option<String>) {
            for &(n, ref text) in pairs {
                defer! {
                    log.add(format_args!("{n}{text}"));
                }
            }
            if let Some(ref mut text) = slot {
                text.push('!');
                defer! {
                    text.push('?');
                    log.add(&*text);
                }
                text.push('.');
            }
        }
        let log = Log::default();
        f(&log, &[(1, "a".to_owned()), (2, "b".to_owned())], Some("slot".to_owned()));
        assert_eq!(log.text(), "slot!.? 2b 1a");
    }

    #[test]
    fn constants_in_patterns_are_no_variables() {
        const LIMIT: i32 = 3;
        #[with_defer]
        fn f(log: &Log, n: Option<i32>) {
            match n {
                Some(LIMIT) => {
                    defer! {
                        log.add(LIMIT);
                    }
                }
                Some(i32::MAX) => {
                    defer! {
                        log.add(i32::MAX);
                    }
                }
                None => {
                    defer! {
                        log.add(format_args!("{:?}", None::<i32>));
                    }
                }
                Some(n) => {
                    defer! {
                        log.add(n);
                    }
                }
            }
        }
        let log = Log::default();
        for n in [Some(3), Some(i32::MAX), None, Some(4)] {
            f(&log, n);
        }
        assert_eq!(log.text(), "3 2147483647 None 4");
    }

    #[test]
    fn named_only_in_a_format_string_or_another_macro() {
        #[with_defer]
        fn f(log: &Log, names: &[&str]) {
            for name in names {
                let owned = name.to_uppercase();
                let width = 4;
                let list = vec![1];
                defer! {
                    log.add(format!("<{owned:>width$}>"));
                }
                defer! {
                    log.add(format_args!("{{owned}} {:?}", vec![list]));
                }
                assert_eq!(owned.len(), 1);
            }
        }
        let log = Log::default();
        f(&log, &["a", "b"]);
        assert_eq!(log.text(), "{owned} [[1]] <   B> {owned} [[1]] <   A>");
    }

    #[test]
    fn in_struct_shorthand_and_closures_of_the_deferred_block() {
        #[derive(Debug)]
        struct Point {
            x: i32,
            y: i32,
        }
        #[with_defer]
        fn f(log: &Log, condition: bool) {
            if condition {
                let x = 1;
                let y = x + 1;
                let add = 10;
                defer! {
                    let point = Point { x, y };
                    let sum = |n: i32| n + point.x + point.y + add;
                    log.add(format_args!("{point:?}{}", sum(100)));
                }
                log.add(x + y);
            }
        }
        let log = Log::default();
        f(&log, true);
        assert_eq!(log.text(), "3 Point { x: 1, y: 2 }113");
    }

    #[test]
    fn each_value_is_dropped_once_right_after_its_statement() {
        #[with_defer]
        fn f(log: &Log, count: usize) {
            for name in ["a", "b", "c"].iter().take(count) {
                let file = File::open(log, name);
                let unused = File::open(log, &format!("unused-{name}"));
                defer! {
                    log.add(format_args!("see-{}", file.name));
                }
                log.add(unused.lines.len() + file.lines.len());
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, 2);
        let expected =
            ["0", "drop-unused-a", "0", "drop-unused-b", "body", "see-b", "drop-b", "see-a", "drop-a"];
        assert_eq!(log.text(), expected.join(" "));
    }

    #[test]
    fn dropped_once_when_a_later_statement_panics() {
        #[with_defer]
        fn f(log: &Log) {
            for name in ["a", "b", "c"] {
                let file = File::open(log, name);
                defer! {
                    log.add(format_args!("see-{}", file.name));
                    assert!(file.name != "b", "b is broken");
                }
                log.add(file.lines.len());
            }
        }
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log)), "b is broken");
        assert_eq!(log.text(), "0 0 0 see-c drop-c see-b drop-b see-a drop-a");
    }

    #[test]
    fn counted_references_are_all_released() {
        #[with_defer]
        fn f(shared: &Rc<()>) -> usize {
            for _ in 0..3 {
                let clone = shared.clone();
                defer!(drop(clone));
                let clone = shared.clone();
                defer! {
                    drop(clone);
                }
            }
            Rc::strong_count(shared)
        }
        let shared = Rc::new(());
        assert_eq!(f(&shared), 7);
        assert_eq!(Rc::strong_count(&shared), 1);
    }
}

mod shadowing {
    use super::*;

    #[test]
    fn inner_variable_behind_the_statement_is_another() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> i32 {
            let mut x = 1;
            if condition {
                defer! {
                    log.add(x);
                }
                x += 1;
                let x = "inner";
                log.add(x);
            }
            x
        }
        let log = Log::default();
        assert_eq!(f(&log, true), 2);
        assert_eq!(log.text(), "inner 2");
    }

    #[test]
    fn shadowed_again_behind_the_statement() {
        #[with_defer]
        fn f(log: &Log, condition: bool) -> i32 {
            let x = 1;
            if condition {
                let mut x = 2;
                defer! {
                    log.add(x);
                }
                x += 10;
                let x = format!("x{x}");
                defer! {
                    log.add(&x);
                }
                let x = x.len();
                log.add(x);
            }
            x
        }
        let log = Log::default();
        assert_eq!(f(&log, true), 1);
        assert_eq!(log.text(), "3 x12 12");
    }

    #[test]
    fn same_name_in_sibling_blocks_of_different_types() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            if n == 0 {
                let value = "text";
                defer! {
                    log.add(value);
                }
            } else {
                let value = 5;
                defer! {
                    log.add(value + n);
                }
            }
            for value in [1.5, 2.5].into_iter().take(1) {
                defer! {
                    log.add(value);
                }
            }
            let value = 'c';
            defer! {
                log.add(value);
            }
        }
        let log = Log::default();
        f(&log, 0);
        f(&log, 1);
        assert_eq!(log.text(), "c 1.5 text c 1.5 6");
    }

    #[test]
    fn loop_variable_that_shadows_an_argument() {
        #[with_defer]
        fn f(log: &Log, n: i32) {
            for n in 0..n {
                defer! {
                    log.add(n);
                }
                let n = n * 10;
                defer! {
                    log.add(n);
                }
            }
            log.add(n);
        }
        let log = Log::default();
        f(&log, 2);
        assert_eq!(log.text(), "2 10 1 0 0");
    }

    #[test]
    fn names_that_the_deferred_block_declares_are_its_own() {
        struct Holder {
            file: i32,
        }
        impl Holder {
            fn file(&self) -> i32 {
                self.file
            }
        }
        mod file {
            pub(super) const NUMBER: i32 = 5;
        }
        #[with_defer]
        fn f(log: &Log, holder: &Holder, condition: bool) {
            if condition {
                let file = File::open(log, "a");
                defer! {
                    let file = holder.file;
                    log.add(file);
                }
                defer! {
                    let numbers = [1, 2];
                    log.add(numbers.iter().map(|file| file + 1).sum::<i32>());
                }
                defer! {
                    for file in 3..4 {
                        log.add(file);
                    }
                    if let Some(file) = Some(4) {
                        log.add(file);
                    }
                    match holder.file {
                        0 => log.add("zero"),
                        file => log.add(file - 5),
                    }
                }
                defer! {
                    log.add(holder.file() + holder.file + file::NUMBER);
                    let Holder { file: number } = Holder { file: 6 };
                    log.add(number);
                }
                defer!(log.add(holder.file));
                file.close();
            }
            log.add("body");
        }
        let log = Log::default();
        f(&log, &Holder { file: 10 }, true);
        assert_eq!(log.text(), "close-a drop-a body 10 25 6 3 4 5 5 10");
    }
}

mod call_form {
    use super::*;

    fn show(log: &Log, value: &(impl std::fmt::Debug + ?Sized)) {
        log.add(format_args!("{value:?}"));
    }

    #[test]
    fn reference_to_an_inner_variable_is_live() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let mut list = vec![i];
                defer!(show(log, &list));
                defer!(show(log, &list[0]));
                defer!(list.push(i + 10));
                list.push(5);
                list[0] += 1;
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "2 [2, 5, 11] 1 [1, 5, 10]");
    }

    #[test]
    fn reference_to_a_temporary_lives_until_the_call() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let text = format!("t{i}");
                defer!(show(log, &format!("{text}-{i}")));
                defer!(show(log, &text.len()));
                defer!(show(log, &[i, i + 1]));
                defer!(show(log, &mut Rc::new(Cell::new(i))));
            }
        }
        let log = Log::default();
        f(&log);
        let turn = |i| format!("Cell {{ value: {i} }} [{i}, {}] 2 \"t{i}-{i}\"", i + 1);
        assert_eq!(log.text(), format!("{} {}", turn(1), turn(0)));
    }

    #[test]
    fn moved_values_and_indices() {
        fn consume(log: &Log, file: File, at: usize, list: &[i32]) {
            log.add(format_args!("{}{at}{list:?}", file.name));
            drop(file);
        }
        #[with_defer]
        fn f(log: &Log, numbers: &mut [Vec<i32>]) {
            let mut at = 0;
            for name in ["a", "b"] {
                let file = File::open(log, name);
                defer!(consume(log, file, at, &numbers[at]));
                at += 1;
            }
            numbers[0].push(100);
            numbers[1] = vec![];
            log.add(at);
        }
        let log = Log::default();
        f(&log, &mut [vec![1], vec![2]]);
        assert_eq!(log.text(), "2 b1[] drop-b a0[1, 100] drop-a");
    }

    #[test]
    fn closures() {
        fn run(f: impl FnOnce() -> i32, log: &Log) {
            log.add(f());
        }
        #[with_defer]
        fn f(log: &Log) {
            let mut outer = 0;
            for i in 1..3 {
                let mut inner = i;
                defer!(run(move || inner, log));
                defer!((|n: i32| log.add(format_args!("{n}{inner}{outer}")))(inner));
                defer!((move || log.add(format_args!("moved{inner}")))());
                inner *= 10;
                outer += inner;
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "moved2 22030 2 moved1 11030 1");
    }

    #[test]
    fn callees_of_callees_and_variables() {
        fn trace<'a>(log: &'a Log, name: &str) -> impl FnOnce() + use<'a> {
            log.add(format_args!("enter-{name}"));
            let name = name.to_owned();
            move || log.add(format_args!("leave-{name}"))
        }
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let name = format!("n{i}");
                let say = |n: i32| log.add(n);
                defer!(trace(log, &name)());
                defer!(say(i));
                say(100);
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "enter-n0 100 enter-n1 100 1 leave-n1 0 leave-n0");
    }

    #[test]
    fn print_macros() {
        #[with_defer]
        fn f(log: &Log) {
            for i in 0..2 {
                let name = format!("n{i}");
                defer!(println!("{name}"));
                defer!(println!("{}", log.value(i, i)));
                defer!(println!("plain"));
                log.add(&name);
            }
        }
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "0 n0 1 n1");
    }
}
