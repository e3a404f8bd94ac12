//! Values that are counted: a program that makes them must drop each exactly once, and give back all memory.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;

/// How a program is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    End,
    Return,
    /// `?`
    Failure,
    /// Of the innermost loop, if there is one.
    Break,
    Panic,
    /// Deferred code panics,
    DeferredPanic,
    /// or fails by `?`.
    DeferredFailure,
}

impl Exit {
    const ALL: [Self; 7] = [
        Self::End,
        Self::Return,
        Self::Failure,
        Self::Break,
        Self::Panic,
        Self::DeferredPanic,
        Self::DeferredFailure,
    ];
}

/// What programs return: values that are counted too.
pub(crate) type Outcome = Result<Tracked, Tracked>;

/// Makes values, and knows what became of them. Values are numbered in the order in which they are made.
#[derive(Clone)]
pub(crate) struct World {
    exit: Exit,
    ledger: Arc<Mutex<Ledger>>,
}

struct Ledger {
    /// How often each value was dropped.
    drops: Vec<u32>,
    /// The values that deferred code used, in that order.
    used: Vec<usize>,
}

/// More than a program makes: the ledger must not grow while memory is counted.
const CAPACITY: usize = 256;

impl World {
    fn new(exit: Exit) -> Self {
        let ledger = Ledger { drops: Vec::with_capacity(CAPACITY), used: Vec::with_capacity(CAPACITY) };
        Self { exit, ledger: Arc::new(Mutex::new(ledger)) }
    }

    pub(crate) fn value(&self) -> Tracked {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.drops.push(0);
        let number = ledger.drops.len() - 1;
        drop(ledger);
        Tracked { world: self.clone(), number: Box::new(number) }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn is(&self, exit: Exit) -> bool {
        self.exit == exit
    }

    /// A statement of the body: fails or panics, with a value, if that is how the program is left.
    pub(crate) fn body(&self) -> Result<(), Tracked> {
        match self.exit {
            Exit::Failure => Err(self.value()),
            Exit::Panic => resume_unwind(Box::new(self.value())),
            _ => Ok(()),
        }
    }

    /// The same for a statement of deferred code.
    pub(crate) fn deferred(&self) -> Result<(), Tracked> {
        match self.exit {
            Exit::DeferredFailure => Err(self.value()),
            Exit::DeferredPanic => resume_unwind(Box::new(self.value())),
            _ => Ok(()),
        }
    }

    /// What deferred code used, and of how many values. Each has been dropped once.
    fn report(self) -> String {
        let Ok(ledger) = Arc::try_unwrap(self.ledger) else { panic!("a value was lost") };
        let Ledger { drops, used } = ledger.into_inner().unwrap();
        assert!(drops.len() < CAPACITY && used.len() < CAPACITY, "the capacity is too small");
        assert!(drops.iter().all(|&drops| drops == 1), "dropped other than once: {drops:?}");
        let used: Vec<String> = used.iter().map(usize::to_string).collect();
        format!("{} of {}", used.join(" "), drops.len())
    }
}

/// A value that owns memory.
pub(crate) struct Tracked {
    world: World,
    number: Box<usize>,
}

impl Tracked {
    /// Deferred code looks at it.
    pub(crate) fn touch(&self) {
        self.world.ledger.lock().unwrap().used.push(*self.number);
    }

    /// Deferred code takes it.
    pub(crate) fn finish(self) {
        self.touch();
    }

    /// The same, of a fallible call.
    pub(crate) fn close(self) -> Result<(), Tracked> {
        self.touch();
        self.world.deferred()
    }

    /// Something to call at exit.
    pub(crate) fn closing(self) -> impl FnOnce() {
        move || self.touch()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.world.ledger.lock().unwrap().drops[*self.number] += 1;
    }
}

/// Runs a program, and says what deferred code used, and of how many values.
#[track_caller]
fn run(exit: Exit, program: impl FnOnce(&World)) -> String {
    let world = World::new(exit);
    let memory = measure(|| drop(catch_unwind(AssertUnwindSafe(|| program(&world)))));
    assert_eq!((memory.bytes_current, memory.count_current), (0, 0), "memory was lost: {exit:?}");
    assert!(memory.count_total > 0, "nothing was counted");
    world.report()
}

/// The same for each exit of a function, one a line.
#[track_caller]
pub(crate) fn every_exit<R>(program: fn(&World) -> R) -> String {
    let line = |exit| format!("{exit:?}: {}\n", run(exit, |world| drop(program(world))));
    Exit::ALL.into_iter().map(line).collect()
}

/// The same for each poll after which a future that would come to its end may be dropped.
#[track_caller]
pub(crate) fn every_cancellation<R>(program: fn(&World, usize) -> Option<R>) -> String {
    let mut lines = Vec::new();
    let mut is_done = false;
    while !is_done {
        let polls = lines.len() + 1;
        let report = run(Exit::End, |world| is_done = program(world, polls).is_some());
        lines.push(format!("{polls}: {report}\n"));
    }
    lines.concat()
}

/// Polls a future so many times, or until it is done, and drops it.
pub(crate) fn poll<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Is pending once.
pub(crate) async fn pause() {
    let mut polled = false;
    poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}
