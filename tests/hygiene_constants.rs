//! A constant or static of the user's does not turn a generated variable into a pattern.
#![allow(non_upper_case_globals, reason = "named as generated variables could be")]

mod constants {
    use with_defer::{defer, with_defer};

    const out: i32 = 1;
    const slot: i32 = 2;
    const exit: i32 = 3;
    const ty: i32 = 4;
    const attempt: i32 = 5;
    const failure: i32 = 6;
    const recover: i32 = 7;
    const value: i32 = 8;
    const taken: i32 = 9;
    static value_0: i32 = 10;

    #[with_defer]
    pub(super) fn f(log: &mut Vec<i32>) -> Result<(), i32> {
        let mut n = 0;
        defer!(log.push(n));
        defer!(log.extend([out, slot, exit, ty, attempt, failure, recover, value, taken, value_0]));
        n += 1;
        defer!(if_positive(n)?);
        Ok(())
    }

    fn if_positive(n: i32) -> Result<(), i32> {
        if n > 0 { Ok(()) } else { Err(n) }
    }
}

#[test]
fn constants_named_like_generated_variables() {
    let mut log = vec![];
    assert_eq!(constants::f(&mut log), Ok(()));
    assert_eq!(log, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0]);
}
