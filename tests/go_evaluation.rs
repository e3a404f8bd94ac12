//! Go: what is evaluated at the statement, and what at the exit.

mod common;

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use common::{Log, panic_message};
use with_defer::{defer, recover, with_defer};

const NONE_UNWRAPPED: &str = "called `Option::unwrap()` on a `None` value";

// G005
#[test]
fn arg_snapshot() {
    #[with_defer]
    fn f(log: &mut Vec<i32>) {
        let mut x = 1;
        defer!(log.push(x));
        x = 2;
        log.push(x);
    }
    let mut log = vec![];
    f(&mut log);
    assert_eq!(log, [2, 1]);
}

// G007
#[test]
fn callee_snapshot() {
    fn a(log: &Log) {
        log.add("A");
    }
    fn b(log: &Log) {
        log.add("B");
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut run: fn(&Log) = a;
        defer!(run(log));
        run = b;
        run(log);
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "B A");
}

// G007
#[test]
fn callee_in_a_field_snapshot() {
    struct Hook {
        run: fn(&Log),
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut hook = Hook { run: |log| log.add("A") };
        defer!((hook.run)(log));
        hook.run = |log| log.add("B");
        (hook.run)(log);
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "B A");
}

// G009, with the receiver bound first
#[test]
fn receiver_chain_bound_first_1342() {
    #[derive(Clone, Copy)]
    struct T<'a>(&'a Log);
    impl T<'_> {
        fn m(self, n: i32) -> Self {
            self.0.add(n);
            self
        }
    }
    #[with_defer]
    fn f(t: T<'_>) {
        let receiver = t.m(1);
        defer!(receiver.m(2));
        t.m(3).m(4);
    }
    let log = Log::default();
    f(T(&log));
    assert_eq!(log.text(), "1 3 4 2");
}

// G011
#[test]
fn eval_order_callee_args() {
    fn callee(log: &Log) -> impl Fn(i32, i32) {
        log.add("callee");
        move |a, b| log.add(format_args!("call({a},{b})"))
    }
    #[with_defer]
    fn f(log: &Log) {
        defer!(callee(log)(log.value("a", 1), log.value("b", 2)));
        log.add("body");
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "callee a b body call(1,2)");
}

// G013
#[test]
fn arg_index_panics() {
    fn show(log: &Log, x: i32) {
        log.add(x);
    }
    #[with_defer]
    fn f(log: &Log, x: &[i32], i: usize) {
        defer! {
            if let Some(panic) = recover!() {
                log.add(panic);
            }
        }
        defer!(show(log, x[i]));
        log.add("next statement");
    }
    let log = Log::default();
    f(&log, &[7, 8], 5);
    assert_eq!(log.text(), "index out of bounds: the len is 2 but the index is 5");
    let log = Log::default();
    f(&log, &[7, 8], 1);
    assert_eq!(log.text(), "next statement 8");
}

// G015: block form
#[test]
fn nil_func_panics_at_exit() {
    #[with_defer]
    fn f(log: &Log, nil: Option<fn()>) {
        let mut x = 0;
        defer! {
            log.add(x);
            log.add(recover!().map_or(String::new(), |panic| panic.to_string()));
        }
        defer! {
            nil.unwrap()();
        }
        x = 1;
    }
    let log = Log::default();
    f(&log, None);
    assert_eq!(log.text(), format!("1 {NONE_UNWRAPPED}"));
}

// G015: call form
#[test]
fn nil_func_unwrapped_in_call_form_panics_now() {
    #[with_defer]
    fn f(log: &Log, nil: Option<fn()>) {
        let mut x = 0;
        defer! {
            log.add(x);
            log.add(recover!().map_or(String::new(), |panic| panic.to_string()));
        }
        defer!((nil.unwrap())());
        x = 1;
    }
    let log = Log::default();
    f(&log, None);
    assert_eq!(log.text(), format!("0 {NONE_UNWRAPPED}"));
}

// G017
#[test]
fn nil_func_reassigned_13() {
    type Step = Option<fn(&mut i32)>;
    #[with_defer(r = 0)]
    fn f(nil: Step) -> i32 {
        let mut step = nil;
        defer! {
            *r += 4;
            if recover!().is_some() {
                *r += 8;
            }
        }
        defer!((|step: Step| step.unwrap()(r))(step));
        step = Some(|r| *r += 2);
        assert!(step.is_some());
        1
    }
    assert_eq!(f(None), 13);
    assert_eq!(f(Some(|r| *r += 16)), 21);
}

// G019
#[test]
fn nil_func_replaces_panic() {
    #[with_defer]
    fn f(nil: Option<fn()>) {
        defer! {
            nil.unwrap()();
        }
        panic!("1");
    }
    assert_eq!(panic_message(|| f(None)), NONE_UNWRAPPED);
}

// G021
#[test]
fn nil_iface_earlier_defer_runs() {
    trait Close {
        fn close(&self);
    }
    #[with_defer]
    fn f(log: &Log, nil: Option<&dyn Close>, panics: bool) {
        defer!(log.add("earlier"));
        defer! {
            nil.unwrap().close();
        }
        log.add("body");
        assert!(!panics, "1");
    }
    for panics in [false, true] {
        let log = Log::default();
        assert_eq!(panic_message(|| f(&log, None, panics)), NONE_UNWRAPPED);
        assert_eq!(log.text(), "body earlier");
    }
}

// G023: the receiver is an address, also where the method takes it by value
#[test]
fn value_receiver_is_live() {
    #[derive(Clone, Copy)]
    struct V {
        n: i32,
    }
    impl V {
        fn show(self, log: &Log) {
            log.add(self.n);
        }
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut v = V { n: 1 };
        defer!(v.show(log));
        v.n = 2;
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "2");
}

// G025
#[test]
fn pointer_reassigned() {
    fn add(cell: &Cell<i32>, n: i32) {
        cell.set(cell.get() + n);
    }
    #[with_defer]
    fn f(old: &Cell<i32>, new: &Cell<i32>) {
        let mut v = old;
        defer!(add(v, 5));
        v = new;
        v.set(100);
    }
    let (old, new) = (Cell::new(1), Cell::new(2));
    f(&old, &new);
    assert_eq!((old.get(), new.get()), (6, 100));
}

// G025: as a receiver the variable itself is the address
#[test]
fn receiver_reassigned_is_seen() {
    #[with_defer]
    fn f(old: &Cell<i32>, new: &Cell<i32>) {
        let mut v = old;
        defer!(v.set(7));
        v = new;
        v.set(100);
    }
    let (old, new) = (Cell::new(1), Cell::new(2));
    f(&old, &new);
    assert_eq!((old.get(), new.get()), (1, 7));
}

// G029
#[test]
fn channel_recv_arg_now() {
    fn copy(to: &mut [i32], from: &[i32]) {
        to[..from.len()].copy_from_slice(from);
    }
    #[with_defer]
    fn f(s: &mut [i32], c: &Receiver<Vec<i32>>) -> (i32, bool) {
        defer!(copy(&mut *s, &c.recv().unwrap()));
        (s[0], c.try_recv().is_err())
    }
    let (tx, rx) = channel();
    tx.send(vec![1]).unwrap();
    let mut s = [0];
    assert_eq!(f(&mut s, &rx), (0, true));
    assert_eq!(s, [1]);
}

// G031
#[test]
fn close_channel_after_send() {
    #[with_defer]
    fn send(tx: Sender<&'static str>) {
        defer! {
            drop(tx);
        }
        tx.send("foo").unwrap();
    }
    let (tx, rx) = channel();
    let receiver = thread::spawn(move || rx.iter().collect::<Vec<_>>());
    send(tx);
    assert_eq!(receiver.join().unwrap(), ["foo"]);
}

// G033
#[test]
fn struct_args_evaluated_once() {
    #[derive(Clone, Copy)]
    struct Six {
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        last: i32,
    }
    struct Nested {
        inner: Inner,
    }
    #[derive(Clone, Copy)]
    struct Inner {
        n: i32,
        padding: [u64; 8],
    }
    struct Calls {
        array: Cell<i32>,
        six: Cell<i32>,
        nested: Cell<i32>,
    }
    fn count<T>(calls: &Cell<i32>, value: T) -> T {
        calls.set(calls.get() + 1);
        value
    }
    fn nested(calls: &Calls, n: i32) -> Nested {
        count(&calls.nested, Nested { inner: Inner { n, padding: [0; 8] } })
    }
    fn first_byte(log: &Log, array: [u8; 128]) {
        log.add(array[0]);
    }
    fn last(log: &Log, six: Six) {
        assert_eq!([six.a, six.b, six.c, six.d, six.e], [1, 2, 3, 4, 5]);
        log.add(six.last);
    }
    fn inner(log: &Log, inner: Inner) {
        log.add(inner.n + i32::try_from(inner.padding.len()).unwrap() - 8);
    }
    #[with_defer]
    fn f(log: &Log, calls: &Calls) {
        defer! {
            log.add(format_args!("{}{}{}", calls.array.get(), calls.six.get(), calls.nested.get()));
        }
        let mut outer = Nested { inner: Inner { n: 4, padding: [0; 8] } };
        defer!(inner(log, nested(calls, 4).inner));
        defer!(inner(log, outer.inner));
        defer!(last(log, Six { a: 1, b: 2, c: 3, d: 4, e: 5, last: count(&calls.six, 2) }));
        defer!(first_byte(log, count(&calls.array, [5; 128])));
        outer.inner.n = 100;
        log.add(outer.inner.n);
    }
    let calls = Calls { array: Cell::new(0), six: Cell::new(0), nested: Cell::new(0) };
    let log = Log::default();
    f(&log, &calls);
    assert_eq!(log.text(), "100 5 2 4 4 111");
}

// G035
#[test]
fn ten_args_and_panic() {
    struct Device(&'static str);
    impl Device {
        fn close(&self, log: &Log) {
            log.add(self.0);
        }
    }
    #[with_defer]
    fn f(log: &Log, globals: &mut [i32; 8]) {
        let device = Device("closed");
        defer!(device.close(log));
        defer!((|a, b, c, d, e, f, g, h, _: &str, _: f64| {
            assert_eq!(recover!().unwrap().message(), Some("ff1"));
            *globals = [a, b, c, d, e, f, g, h];
        })(1, 2, 3, 4, 5, 6, 7, 8, "nine", 10.0));
        panic!("ff1");
    }
    let log = Log::default();
    let mut globals = [0; 8];
    f(&log, &mut globals);
    assert_eq!(globals, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(log.text(), "closed");
}

// G035: values of 0, 1, 2, 8, 12, 13 and 20 arguments, taken before they change
#[test]
#[expect(clippy::too_many_arguments, clippy::many_single_char_names, reason = "the number is the point")]
fn any_number_of_arguments() {
    type I = i32;
    fn zero(log: &Log) -> impl Fn() {
        || log.add("zero")
    }
    fn one(a: &Log) {
        a.add("one");
    }
    fn two(log: &Log, a: I) {
        log.add(a);
    }
    fn eight(log: &Log, a: I, b: I, c: I, d: I, e: I, f: I, g: I) {
        log.add(format!("{:?}", [a, b, c, d, e, f, g]));
    }
    fn twelve(log: &Log, a: I, b: I, c: I, d: I, e: I, f: I, g: I, h: I, i: I, j: I, k: I) {
        log.add(format!("{:?}", [a, b, c, d, e, f, g, h, i, j, k]));
    }
    fn thirteen(log: &Log, a: I, b: I, c: I, d: I, e: I, f: I, g: I, h: I, i: I, j: I, k: I, l: I) {
        log.add(format!("{:?}", [a, b, c, d, e, f, g, h, i, j, k, l]));
    }
    #[rustfmt::skip]
    fn twenty(
        log: &Log, a: I, b: I, c: I, d: I, e: I, f: I, g: I, h: I, i: I, j: I, k: I, l: I, m: I, n: I, o: I, p: I,
        q: I, r: I, s: I,
    ) {
        log.add(format!("{:?}", [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s]));
    }
    #[with_defer]
    fn f(log: &Log) {
        let mut n = 0;
        let mut next = || {
            n += 1;
            n
        };
        defer!(zero(log)());
        defer!(one(log));
        defer!(two(log, next()));
        defer!(eight(log, next(), next(), next(), next(), next(), next(), next()));
        defer!(twelve(log, next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, next()));
        defer!(thirteen(log, next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, next()));
        defer!(twenty(log, next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, next()));
    }
    let log = Log::default();
    f(&log);
    let expected = [
        "[13, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 14]",
        "[11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]",
        "[9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
        "[2, 3, 4, 5, 6, 7, 8]",
        "1 one zero",
    ];
    assert_eq!(log.text(), expected.join(" "));
}

// G037
#[test]
fn results_discarded() {
    fn number(log: &Log) -> i32 {
        log.value("number", 1)
    }
    fn truth(log: &Log) -> bool {
        log.value("truth", true)
    }
    fn function(log: &Log) -> fn() -> i32 {
        log.value("function", || 1)
    }
    fn result(log: &Log) -> Result<(), String> {
        log.value("result", Err("ignored".to_owned()))
    }
    #[with_defer]
    fn f(log: &Log) -> i32 {
        defer!(number(log));
        defer!(truth(log));
        defer!(function(log));
        #[expect(unused_must_use)]
        defer!(result(log));
        #[expect(unused_must_use)]
        defer! {
            result(log)
        }
        7
    }
    let log = Log::default();
    assert_eq!(f(&log), 7);
    assert_eq!(log.text(), "result result function truth number");
}

// G039
#[test]
fn generic_receiver_deferred() {
    struct Map<K, V>(HashMap<K, V>);
    fn remove<K: Hash + Eq, V>(map: &mut Map<K, V>, key: &K) {
        map.0.remove(key);
    }
    impl<K: Hash + Eq + Clone, V> Map<K, V> {
        #[with_defer]
        fn with(&mut self, key: &K, value: V) -> usize {
            defer!(self.0.remove(key));
            self.0.insert(key.clone(), value);
            self.0.len()
        }
        #[with_defer]
        fn with_in_a_closure(&mut self, key: &K, value: V) -> usize {
            defer! {
                self.0.remove(key);
            }
            self.0.insert(key.clone(), value);
            self.0.len()
        }
        #[with_defer]
        fn with_through_a_function(&mut self, key: &K, value: V) -> usize {
            defer!(remove::<K, V>(&mut *self, key));
            self.0.insert(key.clone(), value);
            self.0.len()
        }
    }
    let mut map = Map(HashMap::from([("kept", 1)]));
    assert_eq!(map.with(&"gone", 2), 2);
    assert_eq!(map.with_in_a_closure(&"gone", 3), 2);
    assert_eq!(map.with_through_a_function(&"gone", 4), 2);
    assert_eq!(map.0, HashMap::from([("kept", 1)]));
}

// G041, issue9738: in block form
#[test]
fn block_sees_42() {
    #[with_defer(result = 0)]
    fn f(log: &Log) -> i32 {
        defer! {
            log.add(*result);
        }
        42
    }
    #[with_defer]
    fn g(log: &Log) {
        let mut x = 1;
        defer! {
            log.add(x);
        }
        x += 41;
    }
    let log = Log::default();
    assert_eq!(f(&log), 42);
    g(&log);
    assert_eq!(log.text(), "42 42");
}

// G089
#[test]
fn operands_after_a_panicking_one_are_not_evaluated() {
    fn both(_: i32, _: i32) {}
    #[with_defer]
    fn f(log: &Log, nil: Option<i32>) {
        defer!(log.add("earlier"));
        defer!(both(nil.unwrap(), log.value("second", 2)));
    }
    let log = Log::default();
    assert_eq!(panic_message(|| f(&log, None)), NONE_UNWRAPPED);
    assert_eq!(log.text(), "earlier");
}
