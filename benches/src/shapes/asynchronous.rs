//! Deferred statements in async code.

#![allow(clippy::wildcard_imports, reason = "each shape is a module, so that all call their forms alike")]

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use scopeguard::guard;
use with_defer::{defer, with_defer};

use crate::work::Log;

/// How often a future is polled at most, and how often it is pending.
#[derive(Clone, Copy)]
pub(crate) struct Polls {
    most: u32,
    pending: u32,
}

impl Polls {
    /// Until it is done.
    pub(crate) const fn pending(pending: u32) -> Self {
        Self { most: u32::MAX, pending }
    }

    /// Dropped while it is pending.
    pub(crate) const fn cancelled() -> Self {
        Self { most: 1, pending: 1 }
    }
}

/// Pending so many times, and nothing that the optimizer knows about: polling it may unwind.
struct Yield(u32);

impl Future for Yield {
    type Output = ();

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if black_box(self.0) == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        Poll::Pending
    }
}

/// As an executor does: by a pointer to it, and without knowing which future it is.
fn drive(mut future: Pin<&mut dyn Future<Output = u64>>, polls: Polls) -> u64 {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls.most {
        if let Poll::Ready(value) = black_box(&mut future).as_mut().poll(&mut context) {
            return value;
        }
    }
    0
}

macro_rules! driven {
    ($($form:ident)*) => {
        $(pub(crate) fn $form(log: &Log, polls: Polls, x: u64) -> u64 {
            drive(pin!(futures::$form(log, Yield(polls.pending), x)), polls)
        })*
    };
}

/// One statement around an await.
pub(crate) mod around1 {
    use super::*;

    driven!(hand scopeguard with_defer);

    mod futures {
        use super::*;

        pub(super) async fn hand(log: &Log, waits: Yield, x: u64) -> u64 {
            waits.await;
            log.add(1);
            x
        }

        pub(super) async fn scopeguard(log: &Log, waits: Yield, x: u64) -> u64 {
            let _add = guard((), |()| log.add(1));
            waits.await;
            x
        }

        #[with_defer]
        pub(super) async fn with_defer(log: &Log, waits: Yield, x: u64) -> u64 {
            defer! { log.add(1) }
            waits.await;
            x
        }
    }
}

/// Three of them, with an await between each and the next.
pub(crate) mod around3 {
    use super::*;

    driven!(hand scopeguard with_defer);

    mod futures {
        use super::*;

        pub(super) async fn hand(log: &Log, waits: Yield, x: u64) -> u64 {
            Yield(0).await;
            Yield(0).await;
            waits.await;
            log.add(3);
            log.add(2);
            log.add(1);
            x
        }

        pub(super) async fn scopeguard(log: &Log, waits: Yield, x: u64) -> u64 {
            let _first = guard((), |()| log.add(1));
            Yield(0).await;
            let _second = guard((), |()| log.add(2));
            Yield(0).await;
            let _third = guard((), |()| log.add(3));
            waits.await;
            x
        }

        #[with_defer]
        pub(super) async fn with_defer(log: &Log, waits: Yield, x: u64) -> u64 {
            defer! { log.add(1) }
            Yield(0).await;
            defer! { log.add(2) }
            Yield(0).await;
            defer! { log.add(3) }
            waits.await;
            x
        }
    }
}

/// A statement that awaits. No guard can.
pub(crate) mod awaiting {
    use super::*;

    driven!(hand with_defer);

    mod futures {
        use super::*;

        pub(super) async fn hand(log: &Log, waits: Yield, x: u64) -> u64 {
            Yield(0).await;
            waits.await;
            log.add(1);
            x
        }

        #[with_defer]
        pub(super) async fn with_defer(log: &Log, waits: Yield, x: u64) -> u64 {
            defer! {
                waits.await;
                log.add(1);
            }
            Yield(0).await;
            x
        }
    }
}

/// A statement behind the last await.
pub(crate) mod behind {
    use super::*;

    driven!(hand scopeguard with_defer);

    mod futures {
        use super::*;

        pub(super) async fn hand(log: &Log, waits: Yield, x: u64) -> u64 {
            waits.await;
            log.add(x);
            log.add(1);
            x
        }

        pub(super) async fn scopeguard(log: &Log, waits: Yield, x: u64) -> u64 {
            waits.await;
            let _add = guard((), |()| log.add(1));
            log.add(x);
            x
        }

        #[with_defer]
        pub(super) async fn with_defer(log: &Log, waits: Yield, x: u64) -> u64 {
            waits.await;
            defer! { log.add(1) }
            log.add(x);
            x
        }
    }
}
