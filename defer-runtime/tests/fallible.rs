//! `Fallible`: return types that can say that the function failed.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::task::Poll;

use with_defer_runtime::Fallible;

#[test]
fn result() {
    type R = Result<u8, &'static str>;
    assert!(!R::Ok(1).is_failure());
    assert!(R::Err("e").is_failure());
    assert_eq!(R::done(), Ok(()));
    assert_eq!(R::failure(Ok(())), None);
    assert_eq!(R::failure(Err("e")), Some(Err("e")));
}

#[test]
fn result_that_cannot_fail() {
    type R = Result<u8, Infallible>;
    assert!(!R::Ok(1).is_failure());
    assert_eq!(R::failure(R::done()), None);
}

#[test]
fn option() {
    assert!(!Some(1).is_failure());
    assert!(None::<u8>.is_failure());
    assert_eq!(Option::<u8>::done(), Some(()));
    assert_eq!(Option::<u8>::failure(Some(())), None);
    assert_eq!(Option::<u8>::failure(None), Some(None));
}

#[test]
fn control_flow() {
    type F = ControlFlow<&'static str, u8>;
    assert!(!F::Continue(1).is_failure());
    assert!(F::Break("b").is_failure());
    assert_eq!(F::done(), ControlFlow::Continue(()));
    assert_eq!(F::failure(ControlFlow::Continue(())), None);
    assert_eq!(F::failure(ControlFlow::Break("b")), Some(ControlFlow::Break("b")));
}

#[test]
fn poll_of_a_result() {
    type P = Poll<Result<u8, &'static str>>;
    assert!(!P::Pending.is_failure());
    assert!(!P::Ready(Ok(1)).is_failure());
    assert!(P::Ready(Err("e")).is_failure());
    assert_eq!(P::done(), Poll::Ready(Ok(())));
    assert_eq!(P::failure(Poll::Pending), None);
    assert_eq!(P::failure(Poll::Ready(Ok(()))), None);
    assert_eq!(P::failure(Poll::Ready(Err("e"))), Some(Poll::Ready(Err("e"))));
}

#[test]
fn poll_of_an_option() {
    type P = Poll<Option<u8>>;
    assert!(!P::Pending.is_failure());
    assert!(!P::Ready(Some(1)).is_failure());
    assert!(P::Ready(None).is_failure());
    assert_eq!(P::done(), Poll::Ready(Some(())));
    assert_eq!(P::failure(Poll::Ready(None)), Some(Poll::Ready(None)));
}

#[test]
fn poll_of_a_control_flow() {
    type P = Poll<ControlFlow<u8>>;
    assert!(P::Ready(ControlFlow::Break(1)).is_failure());
    assert_eq!(P::done(), Poll::Ready(ControlFlow::Continue(())));
    assert_eq!(P::failure(Poll::Ready(ControlFlow::Break(2))), Some(Poll::Ready(ControlFlow::Break(2))));
}

#[test]
fn poll_of_unit() {
    assert!(!Poll::Ready(()).is_failure());
    assert_eq!(Poll::<()>::done(), Poll::Ready(()));
    assert_eq!(Poll::<()>::failure(Poll::Ready(())), None);
}

#[test]
fn unit() {
    assert!(!().is_failure());
    <()>::done();
    assert_eq!(<()>::failure(()), None);
}

// A type of the user's, whose deferred statements fail by an `Option`.

#[derive(Debug, PartialEq)]
enum Answer {
    Yes(u8),
    No,
    DontKnow,
}

impl Fallible for Answer {
    type Deferred = Option<()>;

    fn is_failure(&self) -> bool {
        matches!(self, Answer::No)
    }

    fn done() -> Self::Deferred {
        Some(())
    }

    fn failure(deferred: Self::Deferred) -> Option<Self> {
        deferred.is_none().then_some(Answer::No)
    }
}

#[test]
fn of_a_user() {
    assert!(!Answer::Yes(1).is_failure());
    assert!(!Answer::DontKnow.is_failure());
    assert!(Answer::No.is_failure());
    assert_eq!(Answer::failure(Answer::done()), None);
    assert_eq!(Answer::failure(None), Some(Answer::No));
}

#[test]
fn poll_of_a_user_s() {
    assert!(Poll::Ready(Answer::No).is_failure());
    assert!(!Poll::<Answer>::Pending.is_failure());
    assert_eq!(Poll::<Answer>::done(), Poll::Ready(Some(())));
    assert_eq!(Poll::<Answer>::failure(Poll::Ready(None)), Some(Poll::Ready(Answer::No)));
}

// What a deferred statement returns can be judged in its own turn: it is a frame as well.
#[test]
fn what_deferred_code_returns_is_fallible_too() {
    fn fails<R: Fallible<Deferred: Fallible>>(deferred: &R::Deferred) -> bool {
        deferred.is_failure()
    }

    assert!(fails::<Result<u8, &str>>(&Err("e")));
    assert!(!fails::<Result<u8, &str>>(&Ok(())));
    assert!(fails::<Option<u8>>(&None));
    assert!(fails::<ControlFlow<u8, u8>>(&ControlFlow::Break(1)));
    assert!(fails::<Poll<Option<u8>>>(&Poll::Ready(None)));
    assert!(fails::<Answer>(&None));
    assert!(!fails::<()>(&()));
}
