//! `cfg_attr` has a condition of its own, and may be about a lint or a `cfg`.

#![deny(warnings)]

use with_defer::{defer, with_defer};

#[with_defer]
fn job(log: &mut Vec<u32>) {
    #[cfg_attr(all(), allow(unused_must_use))]
    defer! { write(log, 1); }
    #[cfg_attr(all(), expect(unused_must_use))]
    defer! { write(log, 2); }
    #[cfg_attr(all(), cfg(any()))]
    defer!(unknown());
    for n in [3, 4] {
        #[cfg_attr(all(), allow(unused_must_use))]
        defer!(write(&mut *log, n));
    }
}

fn write(log: &mut Vec<u32>, n: u32) -> Result<(), String> {
    log.push(n);
    Ok(())
}

fn main() {
    let mut log = Vec::new();
    job(&mut log);
    assert_eq!(log, [4, 3, 2, 1]);
}
