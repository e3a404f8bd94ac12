//! The measured functions, and the table of them.

mod asynchronous;
mod everyday;
mod nested;
mod opaque;
mod results;

use std::hint::black_box;

use self::asynchronous::Polls;
use crate::work::{Log, accept, double, fill, nothing, refuse};

/// Calls a form so many times.
pub type Run = fn(u64);

/// One thing to do, and the ways to write it.
pub struct Shape {
    /// Its name in the table.
    pub name: &'static str,
    /// Each way to write it.
    pub forms: &'static [(&'static str, Run)],
}

impl Shape {
    /// The shape of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| shape.name == name)
    }

    /// What calls this form so many times.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<Run> {
        self.forms.iter().find(|(form, _)| *form == name).map(|(_, run)| *run)
    }
}

macro_rules! shape {
    ($file:ident::$shape:ident($step:expr): $($form:ident)*) => {
        shape!(stringify!($shape), $file::$shape($step): $($form)*)
    };
    ($name:expr, $file:ident::$shape:ident($step:expr): $($form:ident)*) => {
        Shape {
            name: $name,
            forms: &[$((stringify!($form), |calls| repeat($file::$shape::$form, $step, calls)),)*],
        }
    };
}

/// All of them.
pub static SHAPES: &[Shape] = &[
    shape!(opaque::inl1(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::inl3(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::inl8(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::call1(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::call3(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::call8(double): hand raii scopeguard with_defer separated call_form),
    shape!(opaque::chain_inl3(double): hand raii scopeguard with_defer),
    shape!(opaque::chain_inl8(double): hand raii scopeguard with_defer),
    shape!(opaque::chain_call3(double): hand raii scopeguard with_defer),
    shape!(opaque::chain_call8(double): hand raii scopeguard with_defer),
    shape!(everyday::loopcall(double): hand raii scopeguard with_defer),
    shape!(everyday::res3(accept): hand raii scopeguard with_defer),
    shape!("res3_fails", everyday::res3(refuse): hand raii scopeguard with_defer),
    shape!(everyday::eager(double): hand raii scopeguard with_defer),
    shape!(results::words3(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::words8(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::vec3(nothing): hand copied raii scopeguard with_defer separated),
    shape!(results::big_inl3(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::big_inl8(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::big1(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::big3(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::big8(fill): hand copied raii scopeguard with_defer separated),
    shape!(results::built3(double): hand copied raii with_defer),
    shape!(results::named1(double): hand caught with_defer),
    shape!(results::named3(double): hand caught with_defer separated),
    shape!(results::named_big(fill): hand copied caught with_defer),
    shape!(results::try1(accept): hand with_defer),
    shape!(results::try3(accept): hand with_defer),
    shape!(results::failure(accept): hand scopeguard with_defer),
    shape!("failure_fails", results::failure(refuse): hand scopeguard with_defer),
    shape!(results::recovers(double): hand with_defer),
    shape!("cond_taken", nested::conditional((true, double)): hand scopeguard with_defer),
    shape!("cond_not", nested::conditional((false, double)): hand scopeguard with_defer),
    shape!("acquire_taken", nested::acquired((true, double)): hand scopeguard with_defer call_form),
    shape!("acquire_not", nested::acquired((false, double)): hand scopeguard with_defer call_form),
    shape!("records_0", nested::records((0, double)): hand boxed with_defer call_form),
    shape!("records_1", nested::records((1, double)): hand boxed with_defer call_form),
    shape!("records_4", nested::records((4, double)): hand boxed with_defer call_form),
    shape!("records_1000", nested::records((1000, double)): hand boxed with_defer call_form),
    shape!("scope_100", nested::scope((100, double)): hand raii with_defer),
    shape!("around1_0", asynchronous::around1(Polls::pending(0)): hand scopeguard with_defer),
    shape!("around1_100", asynchronous::around1(Polls::pending(100)): hand scopeguard with_defer),
    shape!("around1_cancelled", asynchronous::around1(Polls::cancelled()): hand scopeguard with_defer),
    shape!("around3_0", asynchronous::around3(Polls::pending(0)): hand scopeguard with_defer),
    shape!("around3_100", asynchronous::around3(Polls::pending(100)): hand scopeguard with_defer),
    shape!("around3_cancelled", asynchronous::around3(Polls::cancelled()): hand scopeguard with_defer),
    shape!("awaiting_0", asynchronous::awaiting(Polls::pending(0)): hand with_defer),
    shape!("awaiting_100", asynchronous::awaiting(Polls::pending(100)): hand with_defer),
    shape!("awaiting_cancelled", asynchronous::awaiting(Polls::cancelled()): hand with_defer),
    shape!("behind_0", asynchronous::behind(Polls::pending(0)): hand scopeguard with_defer),
    shape!("behind_100", asynchronous::behind(Polls::pending(100)): hand scopeguard with_defer),
    shape!("behind_cancelled", asynchronous::behind(Polls::cancelled()): hand scopeguard with_defer),
];

/// Calls a function so many times. Neither it nor what it calls is known to the optimizer.
#[inline(never)]
fn repeat<S: Copy, R>(function: fn(&Log, S, u64) -> R, step: S, calls: u64) {
    let log = Log::default();
    for x in 0..calls {
        black_box(&black_box(function)(&log, black_box(step), x));
    }
    black_box(log.get());
}
