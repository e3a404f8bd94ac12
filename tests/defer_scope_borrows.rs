//! Deferred statements of a scope that borrow from its variables.

mod common;

use std::sync::Mutex;

use common::Log;
use with_defer::{defer, with_defer};

#[test]
fn reference_to_a_variable_of_the_turn() {
    #[with_defer]
    fn f(log: &Log) {
        #[defer_scope]
        for i in 0..2 {
            let mut list = vec![i];
            list.push(i + 1);
            let first = &list[0];
            defer! {
                log.add(format_args!("{first}{}", list.len()));
            }
            log.add(first);
        }
    }
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "0 02 1 12");
}

#[test]
fn argument_that_borrows_from_a_variable_of_the_turn() {
    fn remove(log: &Log, path: &str) {
        log.add(format_args!("remove-{path}"));
    }
    #[with_defer]
    fn f(log: &Log, names: &[&str]) {
        #[defer_scope]
        for name in names {
            let path = format!("dir/{name}");
            defer!(remove(log, path.as_str()));
            log.add(&path);
        }
    }
    let log = Log::default();
    f(&log, &["a", "b"]);
    assert_eq!(log.text(), "dir/a remove-dir/a dir/b remove-dir/b");
}

#[test]
fn mutable_reference_out_of_a_lock() {
    #[with_defer]
    fn f(mutex: &Mutex<Vec<i32>>) -> usize {
        let length = #[defer_scope]
        {
            let mut guard = mutex.lock().unwrap();
            let list = &mut *guard;
            defer! {
                list.clear();
            }
            list.push(1);
            list.len()
        };
        length + mutex.lock().unwrap().len()
    }
    assert_eq!(f(&Mutex::new(vec![5])), 2);
}
