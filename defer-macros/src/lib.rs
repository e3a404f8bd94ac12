//! The procedural macros of [`with_defer`](https://docs.rs/with_defer), which re-exports and documents them.

use proc_macro::TokenStream;

/// Lets a function defer statements, and runs them when it exits, whatever the way.
///
/// The ways out are the end of the body, `return`, `?`, a macro that returns, and a panic. The statements are
/// [`defer!`](macro@defer), [`defer_on_failure!`](macro@defer_on_failure), [`defer_on_success!`](macro@defer_on_success)
/// and [`defer_on_panic!`](macro@defer_on_panic); the last one that execution reached runs first, each runs once, and
/// one that execution did not reach does not run. Nothing is borrowed until then.
///
/// The function's signature stays as it is. In an `if`, `match`, loop or inner block a statement is registered when
/// execution reaches it, and belongs to the function all the same. A closure in the body, and a deferred block, are
/// functions of their own: a statement in one of them runs when that one exits.
///
/// The attribute stands on a function, method or trait default, `async`, `unsafe`, generic or `extern` too; on one without
/// deferred statements it does nothing. It cannot stand on a `const fn`.
///
/// # Arguments
///
/// `#[with_defer(result = EXPR)]` gives the function's result a name, of your choice. In deferred statements, and in the
/// body, it is a `&mut` of the return type. `return e`, `?` and the final expression store their value there first;
/// deferred statements read or change it; then the caller gets it. `EXPR`, evaluated once at entry, is what it holds until
/// something is stored: after [`recover!()`](macro@recover), or after a bare `return;`, that is what the function returns.
/// A variable of that name hides it, as anywhere: in `for n in list { defer! { f(n) } }` it is the loop's `n`.
///
/// - `#[with_defer(result)]` means `result = Default::default()`.
/// - `#[with_defer((count, err) = (0, None))]`: tuple and struct patterns name parts of the result.
/// - `#[with_defer(crate = path)]` is for a crate that reaches this one by another path than `::with_defer`.
///
/// With an argument the attribute must be the outermost one that changes the function.
///
/// # Whole impls and traits
///
/// On an `impl` or `trait` the attribute applies to each function in it that defers; all else stays as it is. A function's
/// own `#[with_defer(…)]` names its result; `crate = path` of the `impl` is for all of them. If no function defers, that is
/// an error.
///
/// # One turn of a loop
///
/// `#[defer_scope]` on a block, `for`, `while` or `loop` in the function makes that block, or each turn of that loop, what
/// the deferred statements in it belong to. It needs no import. `return`, `?`, `break` and `continue` keep their meaning,
/// and leave the turn. It fails if it is left by returning a failure or by a panic; a `?` that fails in a deferred
/// statement is a `?` at the end of the turn.
///
/// # Panics
///
/// A panic runs the deferred statements and goes on with the payload it had, unless one of them panics, whose panic then
/// replaces it, or recovers.
///
/// # Costs
///
/// On the way of a return, what a guard with a `Drop` costs: no instruction more, and no allocation, but in a loop, for the
/// fifth statement that waits, and more. A result that is not
/// returned in registers is copied once. A panic is caught and raised again once for each deferred statement that is not
/// next to another one, about a microsecond each. In debug builds a deferred statement takes some 450 bytes of stack.
///
/// # Examples
///
/// ```
/// use std::fs::File;
/// use std::io::{self, Write};
/// use std::path::Path;
///
/// use with_defer::{defer, with_defer};
///
/// #[with_defer]
/// fn save(path: &Path, text: &str) -> io::Result<()> {
///     let mut file = File::create(path)?;
///     defer!(file.sync_all()?);
///     file.write_all(text.as_bytes())
/// }
/// # let path = std::env::temp_dir().join(format!("with_defer_{}", std::process::id()));
/// # save(&path, "text")?;
/// # assert_eq!(std::fs::read_to_string(&path)?, "text");
/// # std::fs::remove_file(&path)
/// # ; Ok::<_, io::Error>(())
/// ```
///
/// In a loop, to the end of the function and of each turn:
///
/// ```
/// use with_defer::{defer, with_defer};
///
/// #[with_defer]
/// fn turns(log: &mut Vec<String>) {
///     for i in 0..2 {
///         defer!(log.push(format_now("function", i)));
///     }
///     #[defer_scope]
///     for i in 0..2 {
///         defer!(log.push(format_now("turn", i)));
///         log.push(format!("in {i}"));
///     }
/// }
///
/// fn format_now(word: &str, i: u32) -> String {
///     format!("{word} {i}")
/// }
///
/// let mut log = Vec::new();
/// turns(&mut log);
/// assert_eq!(log, ["in 0", "turn 0", "in 1", "turn 1", "function 1", "function 0"]);
/// ```
///
/// The result by its name:
///
/// ```
/// use with_defer::{defer, with_defer};
///
/// #[with_defer(result = 0)]
/// fn triple(x: i32) -> i32 {
///     defer! { *result += x; }
///     x + x
/// }
///
/// assert_eq!(triple(4), 12);
/// ```
///
/// On an `impl`:
///
/// ```
/// use with_defer::{defer, with_defer};
///
/// struct Counter {
///     depth: u32,
/// }
///
/// #[with_defer]
/// impl Counter {
///     fn depth(&self) -> u32 {
///         self.depth
///     }
///
///     fn within<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
///         self.depth += 1;
///         defer! { self.depth -= 1; }
///         work(self)
///     }
/// }
///
/// let mut counter = Counter { depth: 0 };
/// assert_eq!(counter.within(|counter| counter.within(|counter| counter.depth())), 2);
/// assert_eq!(counter.depth(), 0);
/// ```
#[proc_macro_attribute]
pub fn with_defer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    with_defer_expand::with_defer(arguments.into(), item.into()).into()
}

/// Defers a call, or a block, to the exit of the function.
///
/// It is a statement of a function with [`#[with_defer]`](macro@with_defer), of a closure in one, or of a deferred block.
/// What the call or block leaves is dropped. An ignored `Result` is a warning, as everywhere: to ignore it on purpose
/// write `defer! { _ = fs::remove_file(path); }`. (`defer!(drop(fs::remove_file(path)))` removes the file now, and drops
/// what that returned at exit.)
///
/// # `defer!(call)`: the call waits
///
/// As in Go's `defer f(x)`, callee and arguments are evaluated now, from left to right, once. If that panics or leaves the
/// function, nothing is deferred.
///
/// | in the parentheses | evaluated |
/// |---|---|
/// | `f(…)`, `trace("f")(…)`: the callee | now |
/// | `f(x, next())`: the arguments | now: moved or copied |
/// | `file.close()`, `f(&x)`, `f(&mut self.log)`: a variable, or a field, index or dereference of one, before a method or behind `&` | at exit, as through a pointer; nothing is borrowed until then |
/// | `v[i].close()`: an index | now |
/// | `f(&path())`: any other reference | now; it lives until the call |
/// | a closure, as callee or argument | at exit; a `move` closure now |
/// | `call?`, `unsafe { call }` | the call, and so the `?`, at exit |
/// | `print!`, `println!`, `eprint!`, `eprintln!` | the text now, written at exit |
///
/// Other macros, and methods of anything but a variable or a part of one, are errors that say what to write.
///
/// # `defer! { statements }`: everything waits
///
/// As in Go's `defer func() { … }()`, everything is evaluated at exit, on the variables as they are then. `return;` ends
/// the block; it cannot return a value, nor `break` or `continue` a loop outside. `defer!({ … })` is the same, in the
/// spelling that rustfmt formats.
///
/// # A cleanup that fails: `?`
///
/// In a function whose return type is [`Fallible`], `?` makes a failed deferred statement fail the function: if it was
/// about to succeed it now returns the error, converted with `From`. If it had failed already, the first failure stands.
/// The other deferred statements run all the same.
///
/// # Panics
///
/// A panic of a deferred statement leaves the function, in place of any that is in flight; the other deferred statements
/// run all the same.
///
/// # Costs
///
/// What a guard with a `Drop` costs. Nothing is allocated, but for the text of the print macros.
///
/// # Examples
///
/// ```
/// use with_defer::{defer, with_defer};
///
/// #[with_defer]
/// fn work(log: &mut Vec<String>) {
///     let mut n = 1;
///     defer!(log.push(format_now("then", n))); // `n` now, `log` at exit
///     defer! { log.push(format!("at exit {n}")); } // both at exit
///     n += 1;
///     log.push(format!("in the body {n}"));
/// }
///
/// fn format_now(word: &str, n: i32) -> String {
///     format!("{word} {n}")
/// }
///
/// let mut log = Vec::new();
/// work(&mut log);
/// assert_eq!(log, ["in the body 2", "at exit 2", "then 1"]);
/// ```
///
/// A callee that is called now and returns what is called at exit, as in Effective Go:
///
/// ```
/// use with_defer::{defer, with_defer};
///
/// fn trace(name: &str) -> impl FnOnce() {
///     println!("entering {name}");
///     move || println!("leaving {name}")
/// }
///
/// #[with_defer]
/// fn work() {
///     defer!(trace("work")());
///     println!("working");
/// }
///
/// work(); // entering work, working, leaving work
/// ```
///
/// A failed cleanup fails the function:
///
/// ```
/// use std::io;
///
/// use with_defer::{defer, with_defer};
///
/// fn unlock() -> io::Result<()> {
///     Err(io::Error::other("no such lock"))
/// }
///
/// #[with_defer]
/// fn work() -> io::Result<u32> {
///     defer!(unlock()?);
///     Ok(1)
/// }
///
/// assert_eq!(work().unwrap_err().to_string(), "no such lock");
/// ```
///
/// [`Fallible`]: https://docs.rs/with_defer/latest/with_defer/trait.Fallible.html
#[proc_macro]
pub fn defer(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer", input.into()).into()
}

/// Defers like [`defer!`](macro@defer), and runs only if the function fails.
///
/// It fails if it returns a failure, like `Err` or `None`, or if it panics. The return type must be [`Fallible`]: `Result`,
/// `Option`, `ControlFlow`, `Poll` of those, `()`, which fails by a panic only, or a type of yours.
///
/// Both forms of [`defer!`](macro@defer) work, in the same order with all other deferred statements. Whether the function
/// has failed is asked when the statement's turn comes: a failure of deferred code that ran before it counts, and a panic
/// that was recovered does not.
///
/// # Panics
///
/// As [`defer!`](macro@defer) does.
///
/// # Costs
///
/// A test of the result.
///
/// # Examples
///
/// ```
/// use with_defer::{defer_on_failure, with_defer};
///
/// #[with_defer]
/// fn reserve(seats: &mut u32, wanted: u32) -> Result<u32, &'static str> {
///     *seats -= wanted;
///     defer_on_failure! { *seats += wanted; }
///     if wanted > 4 {
///         return Err("too many for one order");
///     }
///     Ok(wanted)
/// }
///
/// let mut seats = 10;
/// assert_eq!(reserve(&mut seats, 3), Ok(3));
/// assert_eq!(seats, 7);
/// assert!(reserve(&mut seats, 6).is_err());
/// assert_eq!(seats, 7);
/// ```
///
/// [`Fallible`]: https://docs.rs/with_defer/latest/with_defer/trait.Fallible.html
#[proc_macro]
pub fn defer_on_failure(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_failure", input.into()).into()
}

/// Defers like [`defer!`](macro@defer), and runs only if the function returns and has not failed.
///
/// A return type that cannot say that it failed, as it is not [`Fallible`], succeeds whenever the function returns. That
/// is decided where the function is defined: a bare generic `T` is not `Fallible`.
///
/// Both forms of [`defer!`](macro@defer) work, in the same order with all other deferred statements. Whether the function
/// has failed is asked when the statement's turn comes.
///
/// # Panics
///
/// As [`defer!`](macro@defer) does.
///
/// # Costs
///
/// A test of the result.
///
/// # Examples
///
/// ```
/// use with_defer::{defer_on_failure, defer_on_success, with_defer};
///
/// #[with_defer]
/// fn pay(account: &mut i32, amount: i32) -> Result<(), &'static str> {
///     let before = *account;
///     defer_on_failure! { *account = before; }
///     defer_on_success!(println!("paid {amount}"));
///     *account -= amount;
///     if *account < 0 { Err("not enough") } else { Ok(()) }
/// }
///
/// let mut account = 5;
/// assert_eq!(pay(&mut account, 3), Ok(())); // paid 3
/// assert_eq!(pay(&mut account, 3), Err("not enough"));
/// assert_eq!(account, 2);
/// ```
///
/// [`Fallible`]: https://docs.rs/with_defer/latest/with_defer/trait.Fallible.html
#[proc_macro]
pub fn defer_on_success(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_success", input.into()).into()
}

/// Defers like [`defer!`](macro@defer), and runs only if the function panics.
///
/// Both forms of [`defer!`](macro@defer) work, in the same order with all other deferred statements. Whether a panic is
/// passing through this function is asked when the statement's turn comes: a panic of deferred code that ran before it
/// counts, one that was recovered does not, nor does a panic elsewhere, from which this function was called.
///
/// # Panics
///
/// As [`defer!`](macro@defer) does.
///
/// # Costs
///
/// Nothing on the way of a return.
///
/// # Examples
///
/// ```
/// use with_defer::{defer, defer_on_panic, recover, with_defer};
///
/// #[with_defer]
/// fn half(n: u32, broken: &mut bool) -> Option<u32> {
///     defer! { drop(recover!()); }
///     defer_on_panic! { *broken = true; }
///     assert!(n % 2 == 0, "{n} is odd");
///     Some(n / 2)
/// }
///
/// let mut broken = false;
/// assert_eq!(half(8, &mut broken), Some(4));
/// assert!(!broken);
/// assert_eq!(half(7, &mut broken), None);
/// assert!(broken);
/// ```
#[proc_macro]
pub fn defer_on_panic(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("defer_on_panic", input.into()).into()
}

/// Ends the panic in flight, in a deferred statement: returns it as `Some(`[`Panic`]`)`, or `None` if there is none.
///
/// The other deferred statements then run as on a normal return, and the function returns its result: what was last
/// stored there, which for a function that panicked before it returned is what `#[with_defer(result = EXPR)]` says. Without
/// a name for the result it is `Default::default()`; a return type without a default is a compile error.
///
/// It sees the panic of the function whose deferred statement it stands in: in a deferred statement of a closure or of a
/// deferred block, that one's. It works within the arguments of other macros, like `println!("{:?}", recover!())`. In a
/// closure, and where it would be evaluated at the statement, it is an error.
///
/// The panic hook has reported the panic already, when it was raised.
///
/// # Panics
///
/// Never. `recover!().unwrap()` does when there is no panic.
///
/// # Costs
///
/// A function that recovers keeps its result in memory while deferred statements run. A panic costs what
/// [`catch_unwind`](std::panic::catch_unwind) costs.
///
/// # Examples
///
/// ```
/// use with_defer::{defer, recover, with_defer};
///
/// #[with_defer(result = Ok(0))]
/// fn divide(a: i32, b: i32) -> Result<i32, String> {
///     defer! {
///         if let Some(panic) = recover!() {
///             *result = Err(panic.to_string());
///         }
///     }
///     Ok(a / b)
/// }
///
/// assert_eq!(divide(6, 3), Ok(2));
/// assert_eq!(divide(6, 0), Err("attempt to divide by zero".to_owned()));
/// ```
///
/// [`Panic`]: https://docs.rs/with_defer/latest/with_defer/struct.Panic.html
#[proc_macro]
pub fn recover(input: TokenStream) -> TokenStream {
    with_defer_expand::statement("recover", input.into()).into()
}

/// What `with_defer::defer_keyword!` expands to: `(PATH) items`, with the path of the facade.
#[doc(hidden)]
#[proc_macro]
pub fn defer_keyword(input: TokenStream) -> TokenStream {
    with_defer_expand::defer_keyword(input.into()).into()
}
