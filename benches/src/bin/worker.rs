//! Calls every form of every shape, under callgrind: see `with_defer_benches::callgrind`.

use std::hint::black_box;

use with_defer_benches::callgrind::CALLS;
use with_defer_benches::{Run, SHAPES};

fn main() {
    for (_, run) in SHAPES.iter().flat_map(|shape| shape.forms) {
        measured(*run, u64::from(CALLS));
        measured(*run, 2 * u64::from(CALLS));
        measured(*run, 0);
    }
}

#[inline(never)]
fn measured(run: Run, calls: u64) {
    black_box(run)(calls);
}
