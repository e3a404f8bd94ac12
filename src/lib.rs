//! Go's `defer` for Rust: a cleanup is written next to what it cleans up, and runs when the *function* exits.
//!
//! ```
//! use with_defer::{defer, with_defer};
//!
//! #[with_defer]
//! fn main() {
//!     defer!(println!("world"));
//!     println!("hello");
//! }
//! ```
//!
//! It runs on every way out: at the end of the body, on `return` and `?`, on a macro that returns, and on a panic. The
//! last one deferred runs first. Until it runs it borrows nothing, so the body goes on using, and changing, what the
//! deferred code names. And it may fail: `?` in it makes the failure the function's.
//!
//! # A real file
//!
//! Puts a new file in the place of an old one, when it is complete and on the disk:
//!
//! ```
//! use std::fs::{self, File};
//! use std::io::{self, Write};
//! use std::path::Path;
//!
//! use with_defer::{defer, defer_on_failure, defer_on_success, with_defer};
//!
//! #[with_defer]
//! fn replace(path: &Path, text: &str) -> io::Result<()> {
//!     let new = path.with_extension("new");
//!     let mut file = File::create(&new)?;
//!     defer_on_failure! { drop(fs::remove_file(&new)); }  // 3: if anything failed until now
//!     defer_on_success!(fs::rename(&new, path)?);         // 2: if nothing did
//!     defer!(file.sync_all()?);                           // 1
//!     file.write_all(text.as_bytes())?;                   // `file` is free to use, mutably
//!     Ok(())
//! }
//! # let path = std::env::temp_dir().join(format!("with_defer_front_{}", std::process::id()));
//! # replace(&path, "text")?;
//! # assert_eq!(fs::read_to_string(&path)?, "text");
//! # assert!(!path.with_extension("new").exists());
//! # fs::remove_file(&path)
//! # ; Ok::<_, io::Error>(())
//! ```
//!
//! If the sync fails, the file is not renamed but removed, and `replace` returns the error of the sync. No destructor can
//! do that: it cannot return an error, and it does not see the function's.
//!
//! # The pieces
//!
//! | name | what it does |
//! |---|---|
//! | [`#[with_defer]`](macro@with_defer) | stands on the function; with `result = EXPR` it names its result |
//! | [`defer!`] | defers to every exit |
//! | [`defer_on_failure!`], [`defer_on_success!`], [`defer_on_panic!`] | defer to some exits |
//! | [`recover!()`](recover!) | ends a panic, in a deferred statement: `Option<Panic>` |
//! | [`Panic`] | is the panic that was ended, as an `Error` |
//! | [`Fallible`] | is a return type that can say that the function failed |
//! | [`defer_keyword!`] | has functions in it where `defer f(x);` is a statement |
//! | [`DeferStack`] | holds deferred code that is no function's, for helpers to add to |
//! | [`prelude`] | has all of these but `Fallible` |
//!
//! Each statement has two forms. `defer!(f(x))` defers a call, as Go's `defer f(x)`: `f` and `x` are evaluated now.
//! `defer! { … }` defers a block, as Go's `defer func() { … }()`: all of it is evaluated at exit. A receiver or an operand
//! of `&` is an address in both: `defer!(file.close())` closes `file` as it is at exit.
//!
//! Both stand anywhere in the function. In an `if`, `match`, loop or block they are registered when execution reaches
//! them, and belong to the function all the same; [`#[defer_scope]`](macro@with_defer#one-turn-of-a-loop) makes them
//! belong to one block, or to each turn of one loop.
//!
//! # Recipes
//!
//! **Put back what was changed**, on an error and on a panic too:
//!
//! ```
//! # use with_defer::{defer, with_defer};
//! # struct Parser { depth: u32, strict: bool }
//! # impl Parser { fn literal(&mut self) -> Result<(), String> { assert!(!self.strict); Ok(()) } }
//! use std::mem;
//!
//! impl Parser {
//!     #[with_defer]
//!     fn quoted(&mut self) -> Result<(), String> {
//!         let strict = mem::replace(&mut self.strict, false);
//!         defer! { self.strict = strict; }
//!         self.depth += 1;
//!         defer! { self.depth -= 1; }
//!         self.literal()
//!     }
//! }
//! # let mut parser = Parser { depth: 0, strict: true };
//! # parser.quoted().unwrap();
//! # assert!(parser.strict);
//! # assert_eq!(parser.depth, 0);
//! ```
//!
//! **Measure a function**:
//!
//! ```
//! # use with_defer::{defer, with_defer};
//! use std::time::Instant;
//!
//! #[with_defer]
//! fn load() {
//!     defer!(report("load", Instant::now())); // the time is now, the report at exit
//!     // …
//! }
//!
//! fn report(what: &str, since: Instant) {
//!     println!("{what} took {:?}", since.elapsed());
//! }
//! # load();
//! ```
//!
//! **Undo what was done so far**, if a later step fails:
//!
//! ```
//! # use with_defer::{defer_on_failure, with_defer};
//! # use std::cell::RefCell;
//! # thread_local!(static LOG: RefCell<Vec<String>> = RefCell::default());
//! # fn log(what: &str) { LOG.with_borrow_mut(|log| log.push(what.to_owned())) }
//! # fn add_user(_: &str) -> Result<(), String> { Ok(()) }
//! # fn remove_user(_: &str) { log("removed user") }
//! # fn add_mailbox(_: &str) -> Result<(), String> { Ok(()) }
//! # fn remove_mailbox(_: &str) { log("removed mailbox") }
//! # fn send_welcome(_: &str) -> Result<(), String> { Err("no such address".to_owned()) }
//! #[with_defer]
//! fn sign_up(name: &str) -> Result<(), String> {
//!     add_user(name)?;
//!     defer_on_failure!(remove_user(name));
//!     add_mailbox(name)?;
//!     defer_on_failure!(remove_mailbox(name));
//!     send_welcome(name)
//! }
//! # assert_eq!(sign_up("ada"), Err("no such address".to_owned()));
//! # assert_eq!(LOG.take(), ["removed mailbox", "removed user"]);
//! ```
//!
//! **Say where an error came from**, once for the whole function:
//!
//! ```
//! # use with_defer::{defer, with_defer};
//! # use std::{fs, path::Path};
//! #[with_defer(result = Ok(0))]
//! fn count(path: &Path) -> Result<usize, String> {
//!     defer! {
//!         if let Err(error) = result {
//!             *error = format!("{}: {error}", path.display());
//!         }
//!     }
//!     let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
//!     if text.is_empty() {
//!         return Err("is empty".to_owned());
//!     }
//!     Ok(text.lines().count())
//! }
//! # assert!(count(Path::new("/no/such/file")).unwrap_err().starts_with("/no/such/file: "));
//! ```
//!
//! **Turn a panic into an error**, at the border of a plug-in, a worker or a foreign caller:
//!
//! ```
//! # use with_defer::{defer, recover, with_defer};
//! # use std::error::Error;
//! #[with_defer(result = Ok(()))]
//! fn run(job: fn()) -> Result<(), Box<dyn Error + Send + Sync>> {
//!     defer! {
//!         if let Some(panic) = recover!() {
//!             *result = Err(panic.into());
//!         }
//!     }
//!     job();
//!     Ok(())
//! }
//! # assert!(run(|| ()).is_ok());
//! # assert_eq!(run(|| panic!("no paper")).unwrap_err().to_string(), "no paper");
//! ```
//!
//! **Hold a lock for each turn** of a loop, where no guard does:
//!
//! ```
//! # use with_defer::{defer, with_defer};
//! # use std::cell::RefCell;
//! # thread_local!(static LOG: RefCell<Vec<String>> = RefCell::default());
//! # fn log(what: &str) { LOG.with_borrow_mut(|log| log.push(what.to_owned())) }
//! # struct Account(&'static str);
//! # impl Account {
//! #     fn lock(&self) -> Result<(), String> { log(&format!("lock {}", self.0)); Ok(()) }
//! #     fn unlock(&self) { log(&format!("unlock {}", self.0)); }
//! #     fn audit(&self) -> Result<bool, String> { Ok(self.0 == "b") }
//! # }
//! #[with_defer]
//! fn first_suspect(accounts: &[Account]) -> Result<Option<&Account>, String> {
//!     #[defer_scope]
//!     for account in accounts {
//!         account.lock()?;
//!         defer!(account.unlock());
//!         if account.audit()? {
//!             return Ok(Some(account));
//!         }
//!     }
//!     Ok(None)
//! }
//! # assert_eq!(first_suspect(&[Account("a"), Account("b"), Account("c")]).unwrap().unwrap().0, "b");
//! # assert_eq!(LOG.take(), ["lock a", "unlock a", "lock b", "unlock b"]);
//! ```
//!
//! **Clean up in a thread**: a closure is a function of its own, and its deferred statements run when it exits.
//!
//! ```
//! # use with_defer::{defer, with_defer};
//! use std::sync::atomic::{AtomicUsize, Ordering};
//! use std::thread;
//!
//! #[with_defer]
//! fn work(running: &AtomicUsize) {
//!     thread::scope(|scope| {
//!         for _ in 0..4 {
//!             scope.spawn(|| {
//!                 running.fetch_add(1, Ordering::Relaxed);
//!                 defer!(running.fetch_sub(1, Ordering::Relaxed));
//!                 // …
//!             });
//!         }
//!     });
//! }
//! # let running = AtomicUsize::new(0);
//! # work(&running);
//! # assert_eq!(running.into_inner(), 0);
//! ```
//!
//! # Async code
//!
//! Deferred statements of `async` functions, blocks and closures may `.await`. They run when the future is dropped
//! half-way, too: what can run then, what a future costs, and what is [`Send`] is in
#![cfg_attr(feature = "std", doc = "[a chapter of its own](async_code).")]
#![cfg_attr(not(feature = "std"), doc = "the documentation of the feature `std`.")]
//!
//! # Costs
//!
//! | of what | how much |
//! |---|---|
//! | a function that returns | what `Drop` guards cost, in instructions: 33 with one deferred call around a call that the compiler cannot see into (guard: 33), 47 with three (47), 82 with eight (82) |
//! | a result too large for registers | one copy of it a function, and up to one more for each statement that may panic |
//! | a panic | about a microsecond for each deferred statement that it passes, as `catch_unwind` and `resume_unwind` cost; neighbours share |
//! | memory | none on the heap, but for the text of a deferred `println!` and the like, and for the fifth statement that waits in a loop, and more; in debug builds half a kilobyte of stack a statement |
//! | building | 2 s once for `syn`, 0.3 ms a function for the attribute, 3 ms a statement in release builds |
//!
//! # Questions
//!
//! **Why an attribute?** Something must see the rest of the function, or deferred code would have to borrow what it names
//! from the statement on, as guards do.
//!
//! **Why not `defer f(x);`, without `!` and parentheses?** The compiler parses a function's body before an attribute sees
//! it, and stops at this. Inside [`defer_keyword!`] it works.
//!
//! **Is a destructor not enough?** Where there is a type to put it on, nothing to return, and nothing that can fail, it is.
//! A deferred statement is for the rest: one function's own cleanup, that needs its variables, can fail, or depends on how
//! the function went.
//!
//! **Does `mem::forget` or `process::exit` skip it?** There is no guard to forget. `process::exit` and `abort` end the
//! process, and skip it.
//!
//! **May I use it with other attributes?** Yes, in either order, as long as this one has no arguments.
//!
//! **`no_std`?** Yes, without the feature `std`: a panic then skips deferred statements, and there is no `recover!()`. The
//! print macros in call form, and statements in loops, need the feature `alloc`.
//!
//! **Is there `unsafe` in it?** No.
//!
//! # Limits
//!
//! ## What the compiler does not accept
//!
//! The statements behind a `defer!` become a closure. Some code compiles without a `defer!` and does not with one:
//!
//! - The body moves a variable away and assigns it anew, and deferred code names it (E0382, or E0502 and E0597 for a
//!   reference). Take the value out instead: `mem::take(&mut v)`, or an `Option` and its `take()`. Behind `#[defer_scope]`
//!   this holds for all variables that the block moves from outside of it. Behind a statement that names a variable of an
//!   inner block it holds for those that have no value when the block begins, and that the block initialises: give them one.
//! - Deferred code names a value that the body returns or consumes: `defer! { println!("{v:?}") } v`, or `tx.commit()`
//!   beside a deferred `tx.rollback()`. Name the result, or keep the value in an `Option` and `take()` it.
//! - A reference is taken before a `defer!` and used behind it, and the body changes what it was taken from after its last
//!   use: `let first = self.list.first(); defer!(…); show(first); self.list.clear();` (E0499, E0500, E0502, E0505, E0506).
//!   The closure holds it to the end. Take it behind the `defer!`, or give it a block of its own there.
//! - An argument that is a `&mut` reference moves, as all arguments do: `defer!(f(w))` leaves no `w` to the body. Write
//!   `defer!(f(&mut *w))`.
//! - The body moves one field out of a `Box`, and deferred code names another. Unbox it first: `let s = *s;` before the
//!   `defer!`.
//! - The body puts borrows of younger variables into an older one (E0597). Move it: `let mut list = list;` behind the
//!   `defer!`.
//! - A block moves a variable of its own away, and code deferred in that block names it (E0382): it passes to the deferred
//!   statement when the block is left. A reference to such a variable passes too, and must not outlive it: name the
//!   variable itself, or a clone of it. A reference to something older keeps that borrowed until the statement has run:
//!   `for e in list.iter_mut() { defer! { *e = 0; } }` leaves no `list` to the rest. Use an index, or `#[defer_scope]`.
//!   So `match value { Some(ref x) => { defer! { f(x) } … } None => drop(value) }` needs a clone of `x` (E0521).
//! - A `break` or `continue` in the arguments of a macro leaves a block whose variables deferred code names, or one with
//!   `#[defer_scope]` (E0267, with a label E0767). Write it outside of the macro.
//! - A block whose variables deferred code names ends with a reference to a temporary, `&Arc::clone(x)` (E0716), or with
//!   parts that only together have the type that is written at the `let` in front of it (E0308). Bind or convert them in
//!   the block.
//! - A `defer!` stands in the arguments of another macro: `vec![…]`, `pin!(async { … })`, `select!`. Bind the closure or
//!   future first. Or a macro of yours writes it into its caller, as C's do: let it write a whole function, or only what
//!   is deferred, `defer! { unlock!(m); }`.
//! - The function returns a borrow of what deferred code changes (E0524). Rust has no way to allow that: return an index
//!   or a clone, or defer on other fields.
//!
//! A closure, or a field, that is the callee of `defer!(f())` is taken now, as in Go: if it is not `Copy` it moves. Write
//! `defer! { f() }` to leave it where it is.
//!
//! `const fn` cannot defer: a panic cannot be caught while the compiler evaluates it.
//!
//! ## What is dropped when
//!
//! - Variables that the body moves only on some ways belong to the body: if they are still there at its end they are
//!   dropped there, in the order in which the body mentions them, *before* the deferred code. A lock guard that is dropped
//!   early on one way is thus not held in deferred code on the other. Keep it in an `Option` and `take()` it: then it stays
//!   to the end of the function.
//! - Variables of an inner block, and temporaries like the lock guard in `match *lock.lock().unwrap() { … }`, are dropped
//!   when the block ends, unless code that is deferred in it names them. It runs later, and without that lock.
//! - Temporaries of the final expression are dropped before deferred code runs, in all editions. (Guards in edition 2021
//!   run while they live.)
//!
//! ## Panics
//!
//! - Deferred code runs after the panic was caught: `thread::panicking()` is false in it. So a lock that is taken and
//!   released in deferred code is not poisoned, one that was held when the panic passed is. Whether there is a panic
//!   `recover!()` tells, and `defer_on_panic!`.
//! - With `panic = "abort"` a panic skips deferred statements. So do `process::exit` and `abort`.
//! - Exceptions of other languages, and `pthread_exit`, must not pass through a function that defers: Rust cannot catch
//!   them, and aborts.
//! - A panic of deferred code replaces the one in flight, and never aborts. The payload that is replaced is dropped; if
//!   its destructor panics too, that is the end of it.
//!
//! ## What else is seen of it
//!
//! - With `#[track_caller]`, `Location::caller()`, and a panic of the body, report the function itself from the first
//!   `defer!` on. Read the location before.
//! - Macros like `function_name!()` show `f::{{closure}}` behind a `defer!`, and backtraces five more frames for each.
//! - Some lints see less behind a `defer!`, like `unused_assignments`. One of clippy's restrictions,
//!   `semicolon_inside_block`, sees glue.
//! - In debug builds a recursive function gets 5 to 6 times less deep before the stack ends. `opt-level = 1` for the
//!   tests mends that.
//! - The compiler nests at most 128 guards in a chain of calls: for a chain of 130 functions with the attribute, or one
//!   with 60 statements that calls one with 70, write `#![recursion_limit = "256"]` at the top of the crate.
//!
//! # Features
//!
//! `std` (default), which implies `alloc`. Rust 1.85.

#![no_std]

mod keyword;
pub mod prelude;

pub use with_defer_macros::{defer, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer};
#[cfg(feature = "alloc")]
pub use with_defer_runtime::DeferStack;
pub use with_defer_runtime::Fallible;
#[cfg(feature = "std")]
pub use with_defer_runtime::Panic;

#[doc(hidden)]
pub use with_defer_macros::defer_keyword as __defer_keyword;
#[doc(hidden)]
pub use with_defer_runtime as __rt_0_1_0;

#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(any(doc, doctest), feature = "std"))]
#[doc = include_str!("../docs/async.md")]
pub mod async_code {}
