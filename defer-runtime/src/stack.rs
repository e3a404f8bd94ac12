//! Deferred code that is no function's: a list that anybody can add to.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::{fmt, mem};

use crate::catch::{Outcome, discard, guard, is_unwinding, resume};

type Entry<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Deferred code for a lifetime that is no function's: a stack of closures that run last in first out, when
/// [`run`](Self::run) is called or the stack is dropped.
///
/// It is what Python calls an `ExitStack`. Helpers that are given the stack add what undoes their work, and whoever
/// owns it decides when that happens: at the end of a function, after an error half-way, or when a service is told
/// to stop. Where a function's own exit is the end of it, `defer!` is simpler and costs nothing.
///
/// Every entry runs, each once. An entry that panics does not stop the others; when all have run the last panic goes
/// on. An entry that was pushed while the stack runs is run too, before the older ones.
///
/// A push and a run need no more than `&DeferStack`, so a stack may be a `static` or in an [`Arc`](alloc::sync::Arc),
/// for any thread to add to, and an entry may add another. (Without the feature `std` it is not [`Sync`].)
///
/// # Panics
///
/// Dropping a stack runs it, and panics when an entry does, like [`run`](Self::run). While the thread is panicking
/// already, that panic stands and the entries' panics are swallowed: the process is never aborted for them.
///
/// Without the feature `std` no panic is caught: one that leaves an entry leaves `run`, and the entries below it
/// run when the stack is dropped.
///
/// # Costs
///
/// One allocation for each entry that captures something, and an uncontended lock for each call; an empty stack
/// allocates nothing. The size is not limited, and running needs no stack space for it. No lock is held while an
/// entry runs.
///
/// # Examples
///
/// ```
/// # use with_defer_runtime as with_defer;
/// use std::sync::Mutex;
/// use with_defer::DeferStack;
///
/// let log = Mutex::new(Vec::new());
/// let write = |line| log.lock().unwrap().push(line);
///
/// fn start_listener<'a>(write: impl Fn(&'static str) + Send + 'a, shutdown: &DeferStack<'a>) {
///     write("listen");
///     shutdown.push(move || write("close listener"));
/// }
///
/// let shutdown = DeferStack::new();
/// start_listener(write, &shutdown);
/// write("accept");
/// shutdown.push(|| write("drain"));
/// shutdown.run();
/// write("bye");
///
/// assert_eq!(*log.lock().unwrap(), ["listen", "accept", "drain", "close listener", "bye"]);
/// ```
#[derive(Default)]
pub struct DeferStack<'a> {
    entries: Shared<Vec<Entry<'a>>>,
}

impl<'a> DeferStack<'a> {
    /// An empty stack. Does not allocate.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// use with_defer::DeferStack;
    ///
    /// static AT_EXIT: DeferStack<'static> = DeferStack::new();
    ///
    /// AT_EXIT.push(|| println!("bye"));
    /// AT_EXIT.run();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Shared::new(Vec::new()) }
    }

    /// Adds an entry, which will run before all that are there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// use with_defer::DeferStack;
    ///
    /// let mut last = 0;
    /// let stack = DeferStack::new();
    /// stack.push(|| last = 1);
    /// drop(stack);
    /// assert_eq!(last, 1);
    /// ```
    pub fn push(&self, entry: impl FnOnce() + Send + 'a) {
        let entry = Box::new(entry);
        self.entries.with(|entries| entries.push(entry));
    }

    /// How many entries there are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// let stack = with_defer::DeferStack::new();
    /// stack.push(|| ());
    /// assert_eq!(stack.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.with(|entries| entries.len())
    }

    /// Whether there are no entries.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// assert!(with_defer::DeferStack::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Runs all entries, the one that was pushed last first, and leaves the stack empty and usable.
    ///
    /// # Panics
    ///
    /// If an entry does, when all have run: with the last panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// use std::sync::Arc;
    /// use with_defer::DeferStack;
    ///
    /// let stack = Arc::new(DeferStack::new());
    /// let handle = Arc::clone(&stack);
    /// stack.push(move || handle.push(|| println!("pushed during the run, and run too")));
    /// stack.run();
    /// assert!(stack.is_empty());
    /// ```
    pub fn run(&self) {
        if let Err(payload) = self.pop_each(|entry| entry()) {
            resume(payload);
        }
    }

    /// Forgets all entries without running them: what they captured is dropped.
    ///
    /// # Panics
    ///
    /// If a destructor of what they captured does, when all are dropped: with the last panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// use with_defer::DeferStack;
    ///
    /// let mut undone = false;
    /// {
    ///     let undo = DeferStack::new();
    ///     undo.push(|| undone = true);
    ///     undo.clear(); // all went well: nothing to undo
    /// }
    /// assert!(!undone);
    /// ```
    pub fn clear(&self) {
        if let Err(payload) = self.pop_each(drop) {
            resume(payload);
        }
    }

    /// Hands all entries on to a new stack, in their order, and leaves this one empty.
    ///
    /// This is how a start-up that worked keeps what it would undo if it had failed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use with_defer_runtime as with_defer;
    /// use with_defer::DeferStack;
    ///
    /// fn start<'a>(undo: &DeferStack<'a>, fails: bool) -> Result<DeferStack<'a>, &'static str> {
    ///     undo.push(|| println!("stop"));
    ///     if fails {
    ///         return Err("no port left"); // the caller's stack undoes it
    ///     }
    ///     Ok(undo.take()) // runs when the caller is done with it
    /// }
    ///
    /// let undo = DeferStack::new();
    /// let shutdown = start(&undo, false)?;
    /// assert_eq!((undo.len(), shutdown.len()), (0, 1));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use = "dropping the new stack runs the entries"]
    pub fn take(&self) -> Self {
        Self { entries: Shared::new(self.entries.with(mem::take)) }
    }

    /// Does something with each entry, also with those that are pushed meanwhile. Gives the last panic.
    fn pop_each(&self, mut each: impl FnMut(Entry<'a>)) -> Outcome<()> {
        let mut out = Ok(());
        while let Some(entry) = self.entries.with(Vec::pop) {
            if let Err(payload) = guard(|| each(entry)) {
                if let Err(replaced) = mem::replace(&mut out, Err(payload)) {
                    discard(replaced);
                }
            }
        }
        out
    }
}

impl Drop for DeferStack<'_> {
    fn drop(&mut self) {
        match self.pop_each(|entry| entry()) {
            Ok(()) => {}
            Err(payload) if is_unwinding() => discard(payload),
            Err(payload) => resume(payload),
        }
    }
}

impl fmt::Debug for DeferStack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferStack").field("len", &self.len()).finish_non_exhaustive()
    }
}

use imp::Shared;

#[cfg(feature = "std")]
mod imp {
    use std::sync::{Mutex, PoisonError};

    /// What can be changed through a shared reference.
    #[derive(Default)]
    pub(super) struct Shared<T>(Mutex<T>);

    impl<T> Shared<T> {
        pub(super) const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        pub(super) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
            change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    use core::cell::RefCell;

    /// What can be changed through a shared reference.
    #[derive(Default)]
    pub(super) struct Shared<T>(RefCell<T>);

    impl<T> Shared<T> {
        pub(super) const fn new(value: T) -> Self {
            Self(RefCell::new(value))
        }

        pub(super) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
            change(&mut self.0.borrow_mut())
        }
    }
}
