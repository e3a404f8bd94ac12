//! `defer_keyword!`, which is no procedural macro itself: only `$crate` finds the crate whatever its name is.

/// Makes `defer` a keyword in the items inside.
///
/// `defer call;` means `defer!(call);`, `defer { … }` means `defer! { … }`, and so for `defer_on_failure`,
/// `defer_on_success` and `defer_on_panic`. Of these nothing has to be imported, and a function with such a statement
/// needs no `#[with_defer]`. If it has one, for a named result, its arguments count. No `crate = …` is needed.
///
/// The items are any items, functions in functions, `impl`s, traits and modules among them, or members of an `impl` or
/// trait. A statement may stand wherever a statement can, and as a match arm, `Some(file) => defer file.close(),`.
///
/// `defer` is the keyword at the start of a statement, where the next token begins a call or a block. Elsewhere it is
/// a name like others: `self.defer(x)`, `let defer = 1;`, `defer += 1;`, `defer::path()`, `defer[0].f()`. A call of
/// a function `defer(x);` is spelled `self::defer(x);`, and a deferred call of a global path `defer (::krate::f)(x);`.
/// Other macros have a language of their own: in their arguments only functions defer, and so do those that a
/// `macro_rules!` in here writes.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use with_defer::defer_keyword;
///
/// defer_keyword! {
///     /// Runs a job.
///     pub fn job(log: &RefCell<Vec<String>>, parts: u32) -> Result<u32, String> {
///         log.borrow_mut().push("begin".into());
///         defer {
///             log.borrow_mut().push("end".into());
///         }
///         for part in 0..parts {
///             defer clean(log, part);
///         }
///         if parts > 2 {
///             return Err("too many parts".into());
///         }
///         Ok(parts)
///     }
/// }
///
/// fn clean(log: &RefCell<Vec<String>>, part: u32) {
///     log.borrow_mut().push(format!("clean {part}"));
/// }
///
/// let log = RefCell::default();
/// assert_eq!(job(&log, 2), Ok(2));
/// assert_eq!(log.into_inner(), ["begin", "clean 1", "clean 0", "end"]);
/// ```
#[macro_export]
macro_rules! defer_keyword {
    ($($items:tt)*) => {
        $crate::__defer_keyword! { ($crate) $($items)* }
    };
}
