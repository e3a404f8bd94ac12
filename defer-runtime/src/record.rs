//! Where the records of nested statements wait for the end of the frame.

/// A record of one of several kinds.
#[derive(Debug)]
pub enum Either<A, B> {
    /// The first kind,
    Left(A),
    /// or one of the others.
    Right(B),
}

/// Gives a variable of an inner block to a deferred statement, when the block is left: from then on the statement
/// owns it.
#[inline(always)]
pub fn moved_into_defer<T>(variable: T) -> T {
    variable
}

/// How many records of a loop wait without an allocation.
#[cfg(feature = "alloc")]
const INLINE: usize = 4;

/// The records of the deferred statements in a loop. The first few are inline.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct Stack<T> {
    inline: [Option<T>; INLINE],
    len: usize,
    spilled: alloc::vec::Vec<T>,
}

#[cfg(feature = "alloc")]
impl<T> Stack<T> {
    /// An empty stack.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub fn new() -> Self {
        Self { inline: [const { None }; INLINE], len: 0, spilled: alloc::vec::Vec::new() }
    }

    /// Stores a record.
    #[inline(always)]
    pub fn push(&mut self, record: T) {
        match self.inline.get_mut(self.len) {
            Some(place) => {
                *place = Some(record);
                self.len += 1;
            }
            None => self.spilled.push(record),
        }
    }

    /// Takes the record that was stored last.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<T> {
        if let Some(record) = self.spilled.pop() {
            return Some(record);
        }
        self.len = self.len.checked_sub(1)?;
        self.inline[self.len].take()
    }
}

/// Without `alloc` there is no list that grows.
#[cfg(not(feature = "alloc"))]
#[derive(Debug)]
pub struct Stack<T>(core::marker::PhantomData<T>);

#[cfg(not(feature = "alloc"))]
impl<T> Stack<T> {
    /// Cannot be called.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "nobody can make one")]
    pub fn new() -> Self
    where
        Self: Grows,
    {
        Self(core::marker::PhantomData)
    }

    /// Is never called.
    pub fn push(&mut self, _record: T) {}

    /// Is never called.
    pub fn pop(&mut self) -> Option<T> {
        None
    }
}

/// What deferred statements in loops need, and only `alloc` has.
#[cfg(not(feature = "alloc"))]
#[diagnostic::on_unimplemented(
    message = "a deferred statement in a loop needs the feature `alloc` of `with_defer`",
    label = "there may be any number of these when the function exits; `#[defer_scope]` on the loop needs no list"
)]
pub trait Grows {}
