//! What the measured functions are made of.

use std::cell::Cell;

/// A call that the optimizer knows nothing about: it may unwind.
pub(crate) type Step<R = u64> = fn(u64) -> R;

/// The error of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) u64);

/// A result that is returned in memory.
pub(crate) type Big = [u64; 32];

pub(crate) fn double(x: u64) -> u64 {
    x.wrapping_mul(2)
}

#[expect(clippy::unnecessary_wraps, reason = "a step that may fail")]
pub(crate) fn accept(x: u64) -> Result<u64, Refused> {
    Ok(x.wrapping_mul(2))
}

/// Fails at the third step at the latest.
pub(crate) fn refuse(x: u64) -> Result<u64, Refused> {
    if x % 4 == 0 { Err(Refused(4)) } else { Ok(x * 2) }
}

/// A result in memory with something to drop, which allocates nothing.
pub(crate) fn nothing(_: u64) -> Vec<u8> {
    Vec::new()
}

pub(crate) fn fill<const N: usize>(x: u64) -> [u64; N] {
    [x; N]
}

/// What deferred code changes.
#[derive(Debug, Default)]
pub(crate) struct Log(Cell<u64>);

impl Log {
    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }

    /// Deferred code that is inlined: two instructions.
    #[inline(always)]
    pub(crate) fn mix(&self, word: u64) {
        self.0.set(self.0.get().rotate_left(5) ^ word);
    }

    /// Deferred code that is called, and may unwind.
    #[inline(never)]
    pub(crate) fn add(&self, word: u64) {
        self.0.set(self.0.get().checked_add(word).expect("the log overflowed"));
    }

    /// A cleanup that may fail.
    #[inline(never)]
    pub(crate) fn close(&self, word: u64) -> Result<(), Refused> {
        self.0.set(self.0.get().checked_add(word).ok_or(Refused(1))?);
        Ok(())
    }
}

/// Mixes at the end of its scope.
pub(crate) struct Mix<'a>(pub(crate) &'a Log, pub(crate) u64);

impl Drop for Mix<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.mix(self.1);
    }
}

/// Adds at the end of its scope.
pub(crate) struct Add<'a>(pub(crate) &'a Log, pub(crate) u64);

impl Drop for Add<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}
