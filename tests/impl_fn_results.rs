//! Functions that return `impl Fn(…) -> …`: a closure without annotations gets its signature from the return type.

mod common;

use std::collections::HashMap;
use std::fmt::Display;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn tuples_vectors_and_slices() {
    #[with_defer]
    fn tuple(log: &Log) -> impl Fn(i32) -> (i32, Vec<i32>) + use<> {
        defer!(log.add("made"));
        |n| (n, vec![n])
    }
    #[with_defer]
    fn vector(log: &Log) -> impl Fn(&[i32]) -> Vec<i32> + use<> {
        defer!(log.add("made"));
        |slice| slice.to_vec()
    }
    #[with_defer]
    fn several(log: &Log) -> impl Fn(String, &mut Vec<u8>, Option<&str>) -> Result<String, Box<str>> + use<> {
        defer!(log.add("made"));
        |text, bytes, more| {
            bytes.push(1);
            more.map(|more| text + more).ok_or_else(|| "none".into())
        }
    }
    let log = Log::default();
    assert_eq!(tuple(&log)(1), (1, vec![1]));
    assert_eq!(vector(&log)(&[1, 2]), [1, 2]);
    let mut bytes = vec![];
    assert_eq!(several(&log)("a".to_owned(), &mut bytes, Some("b")), Ok("ab".to_owned()));
    assert_eq!(several(&log)("a".to_owned(), &mut bytes, None), Err("none".into()));
    assert_eq!((bytes, log.text().as_str()), (vec![1, 1], "made made made made"));
}

#[test]
fn unsized_and_nested_types() {
    #[expect(clippy::type_complexity, reason = "every kind of type")]
    #[with_defer]
    fn f(log: &Log) -> impl Fn(&str, &dyn Display, &(i32, [u8; 2])) -> Box<dyn Fn(&str) -> usize> + use<> {
        defer!(log.add("made"));
        |text, shown, pair| {
            let length = text.len() + shown.to_string().len() + pair.1.len();
            Box::new(move |more| length + more.len())
        }
    }
    let log = Log::default();
    assert_eq!(f(&log)("ab", &123, &(0, [0; 2]))("four"), 11);
}

#[test]
fn self_and_generic_parameters() {
    #[derive(Clone, PartialEq, Debug)]
    struct Id(i32);
    struct Store<T>(HashMap<i32, T>);
    impl Id {
        #[with_defer]
        fn equals(&self, log: &Log) -> impl Fn(&Self) -> bool + use<> {
            let id = self.clone();
            defer!(log.add(id.0));
            let other = id.clone();
            move |candidate| *candidate == other
        }
    }
    impl<T: Clone + Default> Store<T> {
        #[with_defer]
        fn getter<'a>(&'a self, log: &Log) -> impl Fn(&i32) -> T + use<'a, T> {
            defer!(log.add("made"));
            |key| self.0.get(key).cloned().unwrap_or_default()
        }
        #[with_defer]
        fn setter<'a>(&'a mut self, log: &Log) -> impl FnMut(i32, T) -> Option<T> + use<'a, T> {
            defer!(log.add("made"));
            |key, value| self.0.insert(key, value)
        }
    }
    let log = Log::default();
    assert!(Id(5).equals(&log)(&Id(5)));
    let mut store = Store(HashMap::new());
    assert_eq!(store.setter(&log)(1, "one"), None);
    assert_eq!((store.getter(&log)(&1), store.getter(&log)(&2)), ("one", ""));
    assert_eq!(log.text(), "5 made made made");
}

#[test]
fn closure_that_is_a_frame() {
    #[with_defer]
    fn only_the_closure(start: i32) -> impl FnMut(i32) -> (i32, Vec<i32>) {
        let mut total = start;
        let mut history = vec![];
        move |n| {
            defer! {
                total += 1000;
            }
            defer!(history.push(total));
            total += n;
            (total, history.clone())
        }
    }
    #[with_defer]
    fn both(log: &Log) -> impl Fn(&str) -> usize {
        defer!(log.add("made"));
        |text| {
            defer!(log.add(text));
            text.len()
        }
    }
    let mut next = only_the_closure(1);
    assert_eq!(next(2), (3, vec![]));
    assert_eq!(next(4), (1007, vec![1]));
    assert_eq!(next(0), (2007, vec![1, 1003]));
    let log = Log::default();
    assert_eq!(both(&log)("called"), 6);
    assert_eq!(log.text(), "made called");
}

#[test]
fn early_return_of_the_same_closure() {
    #[with_defer]
    fn f(log: &Log, n: usize) -> impl Fn(&str) -> bool + use<> {
        defer!(log.add(n));
        let longer = move |text: &str| text.len() > n;
        if n == 0 {
            return longer;
        }
        log.add("positive");
        longer
    }
    let log = Log::default();
    assert_eq!((f(&log, 0)("a"), f(&log, 1)("a")), (true, false));
    assert_eq!(log.text(), "0 positive 1");
}
