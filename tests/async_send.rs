//! A future that is `Send` or `Sync` without `#[with_defer]` is so with it; none is `Unpin` or `UnwindSafe`.

use std::cell::Cell;
use std::fmt::{Debug, Write};
use std::future::ready;
use std::marker::PhantomData;
use std::panic::UnwindSafe;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use with_defer::{defer, defer_on_failure, defer_on_success, recover, with_defer};

use self::inject::{pause, run};

#[path = "common/inject.rs"]
mod inject;

/// Fails to compile for a future that is not both.
fn send_and_sync<T: Send + Sync>(future: T) -> T {
    future
}

fn send<T: Send>(future: T) -> T {
    future
}

/// Whether the type of a value has a trait: if it has, the first of two methods is found.
macro_rules! has {
    ($trait:path, $value:expr) => {{
        #[allow(dead_code, reason = "one of the two methods is not called")]
        trait Yes {
            fn has(&self) -> bool {
                true
            }
        }
        #[allow(dead_code, reason = "one of the two methods is not called")]
        trait No {
            fn has(&self) -> bool {
                false
            }
        }
        impl<T: $trait> Yes for Of<T> {}
        impl<T> No for &Of<T> {}
        (&of(&$value)).has()
    }};
}

struct Of<T>(PhantomData<T>);

fn of<T>(_: &T) -> Of<T> {
    Of(PhantomData)
}

#[with_defer]
async fn direct(v: &mut Vec<u8>) -> u8 {
    defer! { v.push(1) }
    pause().await;
    v.push(2);
    3
}

#[with_defer]
async fn awaiting(v: &mut Vec<u8>) -> Result<u8, String> {
    defer! { pause().await; v.push(1); }
    defer_on_failure! { v.push(4); pause().await; }
    pause().await;
    v.push(2);
    Ok(3)
}

#[with_defer(result = 0)]
async fn named(v: &mut Vec<u8>) -> u8 {
    defer! { v.push(*result); *result += 1; }
    pause().await;
    *result = 2;
    pause().await;
    7
}

#[with_defer]
async fn recovers(v: &mut Vec<u8>) -> u8 {
    defer! { drop(recover!()); pause().await; v.push(1); }
    pause().await;
    v.push(2);
    3
}

#[with_defer]
async fn nested(v: &mut Vec<u8>) -> u8 {
    for number in 0..2 {
        let mut owned = vec![number];
        defer! { v.append(&mut owned); }
        pause().await;
        owned.push(9);
    }
    if v.is_empty() {
        defer! { pause().await; v.push(1); }
    }
    pause().await;
    3
}

#[with_defer]
async fn scoped(v: &mut Vec<u8>) -> u8 {
    #[defer_scope]
    for number in 0..2 {
        let owned = vec![number];
        defer! { pause().await; v.extend(&owned); }
        pause().await;
        if number == 7 {
            return 1;
        }
    }
    3
}

#[test]
fn futures_that_hold_a_mutable_reference() {
    let mut v = Vec::new();
    assert_eq!(run(send_and_sync(direct(&mut v))), 3);
    assert_eq!(run(send_and_sync(awaiting(&mut v))), Ok(3));
    assert_eq!(run(send_and_sync(named(&mut v))), 8);
    assert_eq!(run(send_and_sync(recovers(&mut v))), 3);
    assert_eq!(v, [2, 1, 2, 1, 7, 2, 1]);
    v.clear();
    assert_eq!(run(send_and_sync(nested(&mut v))), 3);
    assert_eq!(v, [1, 1, 9, 0, 9]);
    v.clear();
    assert_eq!(run(send_and_sync(scoped(&mut v))), 3);
    assert_eq!(v, [0, 1]);
}

#[with_defer]
async fn objects(out: &mut (dyn Write + Send), boxed: Box<dyn Debug + Send + Sync>) -> usize {
    defer! { write!(out, " end").unwrap() }
    pause().await;
    write!(out, "{boxed:?}").unwrap();
    pause().await;
    1
}

#[test]
fn futures_that_hold_trait_objects() {
    let mut out = String::new();
    assert_eq!(run(send(objects(&mut out, Box::new(5)))), 1);
    assert_eq!(out, "5 end");
}

#[with_defer]
async fn generic<T, W>(value: T, out: &mut W) -> T
where
    T: Debug + Clone,
    W: Write,
{
    defer! { write!(out, "|{value:?}").unwrap(); }
    pause().await;
    write!(out, "{value:?}").unwrap();
    value.clone()
}

/// The bounds that the plain function needs are enough.
fn generic_is_send<T: Debug + Clone + Send + Sync, W: Write + Send>(
    value: T,
    out: &mut W,
) -> impl Future<Output = T> + Send {
    generic(value, out)
}

#[test]
fn futures_of_generic_functions() {
    let mut out = String::new();
    assert_eq!(run(generic_is_send([1, 2], &mut out)), [1, 2]);
    assert_eq!(out, "[1, 2]|[1, 2]");
}

trait Store {
    fn save(&mut self, value: u8) -> impl Future<Output = usize> + Send;
}

impl Store for Vec<u8> {
    #[with_defer]
    async fn save(&mut self, value: u8) -> usize {
        defer!(self.push(0));
        pause().await;
        self.push(value);
        self.len()
    }
}

#[expect(clippy::manual_async_fn, reason = "the point is the `Send`")]
fn save_twice<S: Store + Send>(store: &mut S) -> impl Future<Output = usize> + Send {
    async move {
        store.save(1).await;
        store.save(2).await
    }
}

#[test]
fn methods_of_a_trait_that_demands_send() {
    let mut store = Vec::new();
    assert_eq!(run(save_twice(&mut store)), 3);
    assert_eq!(store, [1, 0, 2, 0]);
}

#[with_defer]
fn countdown(v: &mut Vec<u8>, n: u8) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
    Box::pin(async move {
        defer! { pause().await; v.push(n); }
        pause().await;
        if n == 0 { 100 } else { countdown(v, n - 1).await + 1 }
    })
}

#[test]
fn recursion_through_a_boxed_future() {
    let mut v = Vec::new();
    assert_eq!(run(send(countdown(&mut v, 3))), 103);
    assert_eq!(v, [0, 1, 2, 3]);
}

#[with_defer]
async fn returns_rc(v: &mut Vec<u8>) -> Rc<u8> {
    defer! { v.push(1) }
    pause().await;
    v.push(2);
    defer_on_success! { v.push(3) }
    Rc::new(4)
}

#[with_defer]
async fn returns_rc_from_a_branch(v: &mut Vec<u8>, branch: bool) -> Option<Rc<u8>> {
    if branch {
        let owned = vec![5];
        defer! { v.extend(&owned) }
        pause().await;
        return Some(Rc::new(4));
    }
    pause().await;
    None
}

#[with_defer]
async fn returns_rc_from_a_scope(v: &mut Vec<u8>) -> Rc<u8> {
    #[defer_scope]
    for number in 0..3 {
        defer!(v.push(number));
        pause().await;
        if number == 1 {
            return Rc::new(4);
        }
    }
    pause().await;
    Rc::new(5)
}

#[test]
fn result_that_is_not_send() {
    let mut v = Vec::new();
    assert_eq!(*run(send(returns_rc(&mut v))), 4);
    assert_eq!(v, [2, 3, 1]);
    v.clear();
    assert_eq!(run(send(returns_rc_from_a_branch(&mut v, true))), Some(Rc::new(4)));
    assert_eq!(run(send(returns_rc_from_a_branch(&mut v, false))), None);
    assert_eq!(v, [5]);
    v.clear();
    assert_eq!(*run(send(returns_rc_from_a_scope(&mut v))), 4);
    assert_eq!(v, [0, 1]);
}

#[with_defer]
async fn rc_waits_for_deferred_code() -> Rc<u8> {
    defer!(pause().await);
    Rc::new(1)
}

#[with_defer(result = Rc::new(0))]
async fn rc_waits_in_the_slot() -> Rc<u8> {
    defer! { *result = Rc::new(**result + 1); }
    pause().await;
    Rc::new(1)
}

#[test]
fn result_that_is_not_send_and_waits_while_something_is_awaited() {
    assert!(!has!(Send, rc_waits_for_deferred_code()));
    assert!(!has!(Send, rc_waits_in_the_slot()));
    assert_eq!(*run(rc_waits_for_deferred_code()), 1);
    assert_eq!(*run(rc_waits_in_the_slot()), 2);
}

#[with_defer]
async fn rc_between_awaits(v: &mut Vec<u8>) {
    defer! {
        let count = Rc::new(Cell::new(1));
        count.set(count.get() + 1);
        v.push(count.get());
    }
    {
        let shared = Rc::new(5);
        v.push(*shared);
    }
    pause().await;
    let shared = Rc::new(6);
    v.push(*shared);
}

#[test]
fn values_that_are_not_send_and_see_no_await() {
    let mut v = Vec::new();
    run(send(rc_between_awaits(&mut v)));
    assert_eq!(v, [5, 6, 2]);
}

#[with_defer]
async fn lock_behind_the_last_await(list: &Mutex<Vec<u8>>) -> usize {
    pause().await;
    let mut locked = list.lock().unwrap();
    defer! { locked.push(2) }
    let shared = Rc::new(1);
    defer! { assert_eq!(Rc::strong_count(&shared), 1) }
    locked.push(*shared);
    println!("{locked:?}");
    locked.len()
}

#[with_defer]
async fn lock_while_nothing_but_deferred_code_awaits(list: &Mutex<Vec<u8>>) -> Result<usize, String> {
    defer! { pause().await; list.lock().unwrap().push(2); }
    pause().await;
    defer! { pause().await; list.lock().unwrap().push(1); }
    let mut locked = list.lock().map_err(|error| error.to_string())?;
    locked.push(0);
    Ok(locked.len())
}

#[with_defer(result = 0)]
async fn lock_in_a_frame_that_keeps_its_result(list: &Mutex<Vec<u8>>) -> usize {
    pause().await;
    defer! { pause().await; *result += recover!().is_some() as usize; }
    let mut locked = list.lock().unwrap();
    locked.push(9);
    *result = locked.len();
    panic!("recovered")
}

#[with_defer]
async fn lock_in_a_block_that_gives_a_variable_away(list: &Mutex<Vec<u8>>, early: bool) -> usize {
    for number in 0..2 {
        let owned = vec![number];
        defer! { pause().await; list.lock().unwrap().extend(&owned); }
        let mut locked = list.lock().unwrap();
        locked.extend(&owned);
        if early {
            return locked.len();
        }
        if number == 1 {
            break;
        }
        locked.push(7);
    }
    pause().await;
    0
}

#[with_defer]
async fn lock_in_a_scope(list: &Mutex<Vec<u8>>) -> usize {
    #[defer_scope]
    for number in 0..2 {
        let mut locked = list.lock().unwrap();
        defer! { locked.push(number + 10) }
        let shared = Rc::new(number);
        locked.push(*shared);
    }
    #[defer_scope]
    for number in 0..3 {
        defer! { pause().await; list.lock().unwrap().push(number + 20); }
        let mut locked = list.lock().unwrap();
        if number == 1 {
            return locked.len();
        }
        locked.push(number);
    }
    0
}

#[test]
fn lock_guards_where_nothing_is_awaited() {
    let list = Mutex::new(Vec::new());
    let taken = || std::mem::take(&mut *list.lock().unwrap());
    assert_eq!(run(send_and_sync(lock_behind_the_last_await(&list))), 1);
    assert_eq!(taken(), [1, 2]);
    assert_eq!(run(send_and_sync(lock_while_nothing_but_deferred_code_awaits(&list))), Ok(1));
    assert_eq!(taken(), [0, 1, 2]);
    assert_eq!(run(send_and_sync(lock_in_a_frame_that_keeps_its_result(&list))), 2);
    assert!(list.is_poisoned());
    list.clear_poison();
    assert_eq!(taken(), [9]);
    assert_eq!(run(send_and_sync(lock_in_a_block_that_gives_a_variable_away(&list, true))), 1);
    assert_eq!(taken(), [0, 0]);
    assert_eq!(run(send_and_sync(lock_in_a_block_that_gives_a_variable_away(&list, false))), 0);
    assert_eq!(taken(), [0, 7, 1, 1, 0]);
    assert_eq!(run(send_and_sync(lock_in_a_scope(&list))), 6);
    assert_eq!(taken(), [0, 10, 1, 11, 0, 20, 21]);
}

fn consume(shared: Rc<u8>) -> u8 {
    Rc::unwrap_or_clone(shared)
}

async fn plain_moved_away(v: &mut Vec<u8>) {
    let shared = Rc::new(1);
    v.push(consume(shared));
    pause().await;
}

#[with_defer]
async fn moved_away_behind_a_statement(v: &mut Vec<u8>) {
    let shared = Rc::new(1);
    defer!(v.push(2));
    v.push(consume(shared));
    pause().await;
}

#[with_defer]
async fn moved_away_before_a_statement(v: &mut Vec<u8>) {
    let shared = Rc::new(1);
    v.push(consume(shared));
    defer!(v.push(2));
    pause().await;
}

#[test]
fn value_that_is_not_send_and_crosses_a_statement_behind_which_something_is_awaited() {
    let mut v = Vec::new();
    assert!(has!(Send, plain_moved_away(&mut v)));
    assert!(!has!(Send, moved_away_behind_a_statement(&mut v)));
    run(plain_moved_away(&mut v));
    run(moved_away_behind_a_statement(&mut v));
    run(send_and_sync(moved_away_before_a_statement(&mut v)));
    assert_eq!(v, [1, 1, 2, 1, 2]);
}

async fn plain_not_sync(queue: Receiver<u8>) -> u8 {
    pause().await;
    queue.recv().unwrap()
}

#[with_defer]
async fn not_sync(queue: Receiver<u8>, v: &mut Vec<u8>) -> u8 {
    defer!(v.push(1));
    pause().await;
    queue.recv().unwrap()
}

#[with_defer]
async fn rebound(queue: Receiver<u8>, v: &mut Vec<u8>) -> u8 {
    defer!(v.push(1));
    let queue = queue;
    pause().await;
    queue.recv().unwrap()
}

#[with_defer]
async fn rebound_by_reference(mut queue: Receiver<u8>, v: &mut Vec<u8>) -> u8 {
    defer! { v.extend(queue.try_iter()) }
    let queue = &mut queue;
    pause().await;
    queue.recv().unwrap()
}

#[test]
fn variable_that_is_not_sync_is_rebound_behind_the_statement() {
    let full = || {
        let (sender, queue) = channel();
        sender.send(3).unwrap();
        sender.send(4).unwrap();
        queue
    };
    let mut v = Vec::new();
    assert!(has!(Send, plain_not_sync(full())));
    assert!(!has!(Send, not_sync(full(), &mut v)));
    assert_eq!(run(plain_not_sync(full())), 3);
    assert_eq!(run(not_sync(full(), &mut v)), 3);
    assert_eq!(run(send(rebound(full(), &mut v))), 3);
    assert_eq!(run(send(rebound_by_reference(full(), &mut v))), 3);
    assert_eq!(v, [1, 1, 4]);
}

#[test]
fn blocks_and_closures() {
    #[with_defer]
    #[expect(clippy::manual_async_fn, reason = "the point is the block")]
    fn block(v: &mut Vec<u8>) -> impl Future<Output = usize> + Send {
        async {
            defer! { v.push(1) }
            pause().await;
            v.push(2);
            v.len()
        }
    }

    #[with_defer]
    fn closure() -> impl AsyncFn(&mut Vec<u8>) -> usize {
        async |v: &mut Vec<u8>| {
            defer! { v.push(1) }
            pause().await;
            v.push(2);
            v.len()
        }
    }

    let mut v = Vec::new();
    assert_eq!(run(send(block(&mut v))), 1);
    assert_eq!(run(closure()(&mut v)), 3);
    assert_eq!(v, [2, 1, 2, 1]);
}

#[test]
fn no_future_is_unpin() {
    let mut v = Vec::new();
    assert!(has!(Unpin, ready(1)));
    assert!(!has!(Unpin, plain_not_sync(channel().1)));
    assert!(!has!(Unpin, direct(&mut v)));
    assert!(!has!(Unpin, awaiting(&mut v)));
    assert!(!has!(Unpin, scoped(&mut v)));
}

#[test]
fn no_future_with_a_deferred_statement_is_unwind_safe() {
    async fn plain() -> u8 {
        ready(()).await;
        1
    }

    #[with_defer]
    async fn defers() -> u8 {
        defer!(drop(vec![0]));
        ready(()).await;
        2
    }

    assert!(has!(UnwindSafe, plain()));
    assert!(!has!(UnwindSafe, defers()));
    assert_eq!(run(plain()) + run(defers()), 3);
}
