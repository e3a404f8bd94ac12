//! Go: in which order deferred statements run, and on which ways out.

mod common;

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use common::{Log, panic_message};
use with_defer::{defer, recover, with_defer};

fn with_stack<R: Send>(megabytes: usize, f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        thread::Builder::new().stack_size(megabytes << 20).spawn_scoped(scope, f).unwrap().join().unwrap()
    })
}

// G043
#[test]
fn nine_defers() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(1));
        defer!(log.push(2));
        defer!(log.push(3));
        defer!(log.push(4));
        defer!(log.push(5));
        defer!(log.push(6));
        defer!(log.push(7));
        defer!(log.push(8));
        defer!(log.push(9));
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

/// Two functions that defer one statement for each number: one after the other, and with a statement in between.
macro_rules! deferring {
    ($neighbours:ident, $apart:ident: $($n:literal)*) => {
        #[with_defer]
        fn $neighbours(log: &mut Vec<i32>) {
            $(defer!(log.push($n));)*
        }
        #[with_defer]
        fn $apart(log: &mut Vec<i32>) {
            $(
                log.push(-$n);
                defer!(log.push($n));
            )*
        }
    };
}

fn assert_lifo(count: i32, neighbours: fn(&mut Vec<i32>), apart: fn(&mut Vec<i32>)) {
    let mut log = vec![];
    neighbours(&mut log);
    assert_eq!(log, (1..=count).rev().collect::<Vec<_>>());
    log.clear();
    apart(&mut log);
    assert_eq!(log, (1..=count).map(|n| -n).chain((1..=count).rev()).collect::<Vec<_>>());
}

// G043
#[test]
fn sixteen_defers() {
    deferring!(neighbours, apart: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    assert_lifo(16, neighbours, apart);
}

// G043
#[test]
fn thirty_three_defers() {
    deferring!(neighbours, apart: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        31 32 33);
    assert_lifo(33, neighbours, apart);
}

// G043
#[test]
fn sixty_four_defers() {
    deferring!(neighbours, apart: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64);
    with_stack(16, || assert_lifo(64, neighbours, apart));
}

// G043
#[test]
fn sixty_five_defers() {
    deferring!(neighbours, apart: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65);
    with_stack(16, || assert_lifo(65, neighbours, apart));
}

// G043
#[test]
fn one_hundred_and_twenty_defers() {
    deferring!(neighbours, apart: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66
        67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101
        102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120);
    with_stack(16, || assert_lifo(120, neighbours, apart));
}

// G075
#[test]
fn frames_nested_calls() {
    #[with_defer]
    fn f1(log: &Log) {
        defer!(log.add("f1-begin"));
        f2(log);
        defer!(log.add("f1-end"));
    }
    #[with_defer]
    fn f2(log: &Log) {
        defer!(log.add("f2-begin"));
        f3(log);
        defer!(log.add("f2-end"));
    }
    #[with_defer]
    fn f3(log: &Log) {
        defer!(log.add("f3-begin"));
        log.add("hello");
        defer!(log.add("f3-end"));
    }
    let log = Log::default();
    f1(&log);
    assert_eq!(log.text(), "hello f3-end f3-begin f2-end f2-begin f1-end f1-begin");
}

// G077
#[test]
fn return_inside_deferred() {
    #[with_defer]
    fn f(log: &Log, early: bool) -> i32 {
        defer!(log.add("first"));
        defer! {
            log.add("second");
            if early {
                return;
            }
            log.add("rest");
        }
        defer!(log.add("third"));
        7
    }
    let log = Log::default();
    assert_eq!(f(&log, true), 7);
    assert_eq!(log.text(), "third second first");
    let log = Log::default();
    assert_eq!(f(&log, false), 7);
    assert_eq!(log.text(), "third second rest first");
}

// G077
#[test]
fn return_inside_a_loop_and_a_match_of_deferred_code() {
    #[with_defer]
    fn f(log: &Log, stop: i32) -> &'static str {
        defer!(log.add("earlier"));
        defer! {
            for n in 0.. {
                match n {
                    n if n == stop => return,
                    n => log.add(n),
                }
            }
        }
        "result"
    }
    let log = Log::default();
    assert_eq!(f(&log, 3), "result");
    assert_eq!(log.text(), "0 1 2 earlier");
}

// G081
#[test]
fn thread_closure_defers() {
    #[with_defer]
    fn spawn(
        shared: &Arc<()>,
        done: &Arc<AtomicI32>,
        barrier: &Arc<Barrier>,
    ) -> Vec<thread::JoinHandle<i32>> {
        let spawn_one = |n| {
            let (shared, done, barrier) = (shared.clone(), done.clone(), barrier.clone());
            thread::spawn(move || {
                defer!(done.fetch_add(1, Ordering::SeqCst));
                defer! {
                    drop(shared);
                }
                barrier.wait();
                n
            })
        };
        (0..10).map(spawn_one).collect()
    }
    let shared = Arc::new(());
    let done = Arc::new(AtomicI32::new(0));
    let barrier = Arc::new(Barrier::new(10));
    let results: Vec<i32> = spawn(&shared, &done, &barrier).into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(results, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(done.load(Ordering::SeqCst), 10);
    assert_eq!(
        [Arc::strong_count(&shared), Arc::strong_count(&done), Arc::strong_count(&barrier)],
        [1, 1, 1]
    );
}

// G083
#[test]
fn deep_recursion_8000() {
    fn check(array: [i32; 20], sums: &AtomicI32) {
        assert_eq!(array.iter().sum::<i32>(), 20);
        sums.fetch_add(1, Ordering::SeqCst);
    }
    #[with_defer]
    fn recurse(n: i32, sums: &AtomicI32) {
        let mut array = [1; 20];
        defer!(check(array, sums));
        array[0] = n;
        if array[0] > 1 {
            recurse(n - 1, sums);
        }
    }
    let sums = AtomicI32::new(0);
    with_stack(64, || recurse(8000, &sums));
    assert_eq!(sums.load(Ordering::SeqCst), 8000);
}

// G085
#[test]
fn big_frame_deferred() {
    const WORDS: usize = 100_000;
    #[with_defer]
    #[expect(clippy::large_stack_arrays, reason = "the point")]
    fn f(log: &Log) {
        defer! {
            let mut big = [0_u64; WORDS];
            big[0] = 7;
            let panic = recover!().map(|panic| panic.downcast::<u64>().unwrap());
            log.add(format_args!("second {panic:?} {}", big.iter().sum::<u64>()));
        }
        defer! {
            let mut big = [0_u64; WORDS];
            big[WORDS - 1] = 8;
            let panic = recover!().map(|panic| panic.downcast::<u64>().unwrap());
            log.add(format_args!("first {panic:?} {}", big.iter().sum::<u64>()));
        }
        std::panic::panic_any(6_u64);
    }
    with_stack(16, || {
        let log = Log::default();
        f(&log);
        assert_eq!(log.text(), "first Some(6) 8 second None 7");
    });
}

#[test]
fn every_way_out() {
    #[derive(Debug, PartialEq)]
    enum Way {
        End,
        Return,
        Question,
        Macro,
    }
    macro_rules! bail {
        ($way:expr) => {
            return Err($way)
        };
    }
    #[with_defer]
    fn f(log: &Log, way: &str) -> Result<Way, Way> {
        defer!(log.add("deferred"));
        match way {
            "return" => return Ok(Way::Return),
            "question" => Err(Way::Question)?,
            "macro" => bail!(Way::Macro),
            "panic" => panic!("panicked"),
            _ => {}
        }
        log.add("end");
        Ok(Way::End)
    }
    let log = Log::default();
    assert_eq!(f(&log, "end"), Ok(Way::End));
    assert_eq!(f(&log, "return"), Ok(Way::Return));
    assert_eq!(f(&log, "question"), Err(Way::Question));
    assert_eq!(f(&log, "macro"), Err(Way::Macro));
    assert_eq!(panic_message(|| f(&log, "panic")), "panicked");
    assert_eq!(log.text(), "end deferred deferred deferred deferred deferred");
}

#[test]
fn only_what_was_reached_runs() {
    #[with_defer]
    fn f(log: &Log, stop: i32) -> Option<i32> {
        log.add("0");
        if stop == 0 {
            return None;
        }
        defer!(log.add("a"));
        (stop != 1).then_some(())?;
        defer!(log.add("b"));
        assert!(stop != 2, "stopped at 2");
        defer!(log.add("c"));
        Some(stop)
    }
    let log = Log::default();
    assert_eq!((f(&log, 0), log.text().as_str()), (None, "0"));
    let log = Log::default();
    assert_eq!((f(&log, 1), log.text().as_str()), (None, "0 a"));
    let log = Log::default();
    assert_eq!(panic_message(|| f(&log, 2)), "stopped at 2");
    assert_eq!(log.text(), "0 b a");
    let log = Log::default();
    assert_eq!((f(&log, 3), log.text().as_str()), (Some(3), "0 c b a"));
}

#[test]
fn return_value_is_computed_before_deferred_code_runs() {
    #[with_defer]
    fn f(log: &Log) -> usize {
        let mut list = vec![1, 2, 3];
        defer!(log.add(list.len()));
        defer!(list.clear());
        list.len()
    }
    let log = Log::default();
    assert_eq!(f(&log), 3);
    assert_eq!(log.text(), "3");
}

#[test]
fn deferred_statements_of_deferred_blocks_belong_to_them() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add("outer1"));
        defer! {
            defer!(log.add("inner1"));
            defer! {
                defer!(log.add("innermost"));
                log.add("inner2");
            }
            log.add("block");
        }
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "body block inner2 innermost inner1 outer1");
}

#[test]
fn closures_are_frames_of_their_own() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        defer!(log.add("f"));
        let frame = |n: i32| {
            defer!(log.add(format_args!("closure{n}")));
            log.add(format_args!("in{n}"));
            n * 2
        };
        let sum = frame(1) + frame(2);
        log.add("body");
        sum
    }
    let log = Log::default();
    assert_eq!(f(&log), 6);
    assert_eq!(log.text(), "in1 closure1 in2 closure2 body f");
}

#[test]
fn closure_frames_in_arguments_of_calls() {
    #[with_defer]
    fn f(log: &Log) -> Vec<i32> {
        defer!(log.add("f"));
        [1, 2, 3]
            .into_iter()
            .filter_map(|n| {
                defer!(log.add(n));
                if n == 2 {
                    return None;
                }
                Some(n * 10)
            })
            .collect()
    }
    let log = Log::default();
    assert_eq!(f(&log), [10, 30]);
    assert_eq!(log.text(), "1 2 3 f");
}

// G057: `for_each` takes a closure, and that is a frame
#[test]
fn for_each_runs_per_item() {
    #[with_defer]
    fn f(log: &Log) {
        defer!(log.add(-1));
        (1..=4).for_each(|x| {
            defer!(log.add(x));
            log.add("in");
        });
        defer!(log.add(5));
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "in 1 in 2 in 3 in 4 5 -1");
}

#[test]
fn frame_of_a_closure_only() {
    #[with_defer]
    fn f(log: &Log) -> i32 {
        let twice = |n| {
            defer!(log.add("closure"));
            n * 2
        };
        twice(4)
    }
    let log = Log::default();
    assert_eq!(f(&log), 8);
    assert_eq!(log.text(), "closure");
}

#[test]
fn statement_behind_the_last_one_runs_before_it() {
    #[with_defer]
    fn f(log: &Log) {
        log.add("first");
        defer!(log.add("deferred"));
        log.add("last");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "first last deferred");
}

#[test]
fn deferred_statement_alone() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        defer!(log.push(1));
    }
    #[with_defer]
    fn without_semicolon(log: &mut Vec<i32>) {
        defer! {
            log.push(2);
        }
    }
    #[with_defer]
    fn rustfmt_spelling(log: &mut Vec<i32>) {
        defer!({
            log.push(3);
            log.push(4);
        });
    }
    #[with_defer]
    fn brackets(log: &mut Vec<i32>) {
        defer![log.push(5)];
    }
    let mut log = vec![];
    f(&mut log);
    without_semicolon(&mut log);
    rustfmt_spelling(&mut log);
    brackets(&mut log);
    assert_eq!(log, [1, 2, 3, 4, 5]);
}

#[test]
fn path_to_the_macro() {
    #[with_defer::with_defer]
    fn f(log: &mut Vec<i32>) {
        with_defer::defer!(log.push(1));
        ::with_defer::defer! { log.push(2) }
        log.push(3);
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [3, 2, 1]);
}

#[test]
fn function_without_deferred_statements() {
    #[with_defer]
    fn f(n: i32) -> i32 {
        n + 1
    }
    assert_eq!(f(1), 2);
}

#[test]
fn called_again_while_it_runs() {
    #[with_defer]
    fn f(log: &Log, n: i32) {
        defer!(log.add(n));
        defer! {
            if n > 0 {
                f(log, n - 1);
            }
        }
        log.add(format_args!("body{n}"));
    }
    let log = Log::default();
    f(&log, 2);
    assert_eq!(log.text(), "body2 body1 body0 0 1 2");
}
