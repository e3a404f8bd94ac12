//! `Panic`: a payload as a value.

#![cfg(feature = "std")]

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::thread;

use with_defer_runtime::Panic;

fn of(payload: impl Any + Send) -> Panic {
    Panic::new(Box::new(payload))
}

fn caught(code: impl FnOnce()) -> Panic {
    Panic::new(catch_unwind(AssertUnwindSafe(code)).expect_err("a panic"))
}

/// No text, not `Sync`, and with a destructor.
#[derive(Debug)]
struct Payload {
    number: Cell<u32>,
    _alive: Arc<()>,
}

impl Payload {
    fn new(number: u32) -> Self {
        Self { number: Cell::new(number), _alive: Arc::new(()) }
    }
}

// `message`

#[test]
fn message_of_text() {
    assert_eq!(of("a literal").message(), Some("a literal"));
    assert_eq!(of("owned".to_owned()).message(), Some("owned"));
    assert_eq!(of("").message(), Some(""));
}

#[test]
fn message_of_anything_else() {
    assert_eq!(of(7).message(), None);
    assert_eq!(of(()).message(), None);
    assert_eq!(of(Payload::new(1)).message(), None);
    let boxed: Box<str> = "boxed".into();
    assert_eq!(of(boxed).message(), None);
    let nested: Box<dyn Any + Send> = Box::new("in another box");
    assert_eq!(of(nested).message(), None);
    assert_eq!(of(of("a panic in a panic")).message(), None);
}

#[test]
fn message_of_a_caught_panic() {
    let numbers = [1, 2, 3];
    assert_eq!(caught(|| panic!("a literal")).message(), Some("a literal"));
    assert_eq!(caught(|| panic!("{numbers:?}")).message(), Some("[1, 2, 3]"));
    assert_eq!(caught(|| panic_any(numbers)).message(), None);
}

// `is` and `downcast`

#[test]
fn is_exactly_the_payload_s_type() {
    let text = of("text");
    assert!(text.is::<&str>());
    assert!(!text.is::<String>());
    assert!(!text.is::<Box<&str>>());
    let owned = of(String::new());
    assert!(owned.is::<String>());
    assert!(!owned.is::<&str>());
    let other = of(Payload::new(1));
    assert!(other.is::<Payload>());
    assert!(!other.is::<Cell<u32>>());
    assert!(!other.is::<Box<dyn Any + Send>>());
    assert!(of(()).is::<()>());
}

#[test]
fn downcast_to_the_payload() {
    assert_eq!(*of("text").downcast::<&str>().expect("text"), "text");
    assert_eq!(*of("text".to_owned()).downcast::<String>().expect("text"), "text");
    assert_eq!(of(Payload::new(5)).downcast::<Payload>().expect("the payload").number.get(), 5);
}

#[test]
fn downcast_gives_the_panic_back() {
    let panic = of("text").downcast::<String>().expect_err("a `&str`");
    assert_eq!(panic.message(), Some("text"));
    let panic = panic.downcast::<u8>().expect_err("a `&str`");
    assert!(panic.is::<&str>());
    let panic = of(Payload::new(5)).downcast::<u8>().expect_err("a payload");
    assert_eq!(panic.downcast::<Payload>().expect("the payload").number.get(), 5);
}

#[test]
fn downcast_mut_changes_the_payload() {
    let mut text = of("one");
    assert_eq!(text.downcast_mut::<String>(), None);
    *text.downcast_mut::<&str>().expect("text") = "two";
    assert_eq!(text.message(), Some("two"));

    let mut owned = of("one".to_owned());
    assert_eq!(owned.downcast_mut::<&str>(), None);
    owned.downcast_mut::<String>().expect("text").push_str(" more");
    assert_eq!(owned.message(), Some("one more"));

    let mut other = of(Payload::new(1));
    assert_eq!(other.downcast_mut::<u32>(), None);
    *other.downcast_mut::<Payload>().expect("the payload").number.get_mut() += 1;
    assert_eq!(other.downcast::<Payload>().expect("the payload").number.get(), 2);
}

// `into_payload` and `resume`

fn address(payload: &(dyn Any + Send)) -> *const () {
    std::ptr::from_ref(payload).cast()
}

#[test]
fn into_payload_is_the_same_allocation() {
    let payloads: [Box<dyn Any + Send>; 3] =
        [Box::new("text"), Box::new("owned".to_owned()), Box::new(Payload::new(1))];
    for payload in payloads {
        let before = address(&*payload);
        let after = Panic::new(payload).into_payload();
        assert_eq!(address(&*after), before);
    }
}

#[test]
fn resume_lets_the_same_payload_go_on() {
    let payload: Box<dyn Any + Send> = Box::new(Payload::new(3));
    let before = address(&*payload);
    let after = caught(|| Panic::new(payload).resume()).into_payload();
    assert_eq!(address(&*after), before);
    assert_eq!(caught(|| of("again").resume()).message(), Some("again"));
}

#[test]
fn the_payload_is_dropped_once() {
    let alive = Arc::new(());
    let of_alive = || of(Payload { number: Cell::new(0), _alive: Arc::clone(&alive) });
    let (panic, other) = (of_alive(), of_alive());
    assert_eq!(Arc::strong_count(&alive), 3);
    drop(panic);
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(caught(|| other.resume()));
    assert_eq!(Arc::strong_count(&alive), 1);
    drop(of_alive().downcast::<u8>().expect_err("a payload"));
    drop(of_alive().downcast::<Payload>().expect("the payload"));
    drop(of_alive().into_payload());
    assert_eq!(Arc::strong_count(&alive), 1);
}

// As an error

#[test]
fn display() {
    assert_eq!(of("a literal").to_string(), "a literal");
    assert_eq!(of("owned".to_owned()).to_string(), "owned");
    assert_eq!(of(7).to_string(), "panicked with a payload that is not text");
}

#[test]
fn debug() {
    assert_eq!(format!("{:?}", of("a \"literal\"")), r#"Panic("a \"literal\"")"#);
    assert_eq!(format!("{:?}", of("owned".to_owned())), r#"Panic("owned")"#);
    assert_eq!(format!("{:?}", of(7)), "Panic(..)");
}

#[test]
fn error() {
    fn question_mark(panic: Panic) -> Result<(), Box<dyn Error>> {
        Err(panic)?;
        Ok(())
    }

    let error: Box<dyn Error + Send + Sync> = of("boxed").into();
    assert!(error.source().is_none());
    assert_eq!(error.to_string(), "boxed");
    assert_eq!(error.downcast::<Panic>().expect("the panic").message(), Some("boxed"));
    assert_eq!(question_mark(of("by `?`")).expect_err("the panic").to_string(), "by `?`");
}

#[test]
fn send_and_sync() {
    fn shared<T: Send + Sync + 'static>(value: T) -> Arc<T> {
        Arc::new(value)
    }

    let panic = shared(of(Payload::new(4)));
    let seen = thread::scope(|scope| {
        let [a, b] = [(); 2].map(|()| scope.spawn(|| panic.is::<Payload>() && panic.message().is_none()));
        (a.join().expect("no panic"), b.join().expect("no panic"))
    });
    assert_eq!(seen, (true, true));
    let panic = Arc::into_inner(panic).expect("the only one");
    let number = thread::spawn(move || panic.downcast::<Payload>().expect("the payload").number.get());
    assert_eq!(number.join().expect("no panic"), 4);
}
