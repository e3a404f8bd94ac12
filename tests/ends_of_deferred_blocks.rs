//! A block or branch at the end of a deferred block that defers: its failure is the function's, too.

use with_defer::{defer, with_defer};

#[with_defer]
fn block(log: &mut Vec<u8>) -> Result<(), u8> {
    defer! {
        {
            defer! { log.push(1); }
            log.push(2);
            Err::<(), u8>(7)?;
        }
    }
    Ok(())
}

#[with_defer]
fn branch(log: &mut Vec<u8>, fails: bool) -> Result<(), u8> {
    defer! {
        if fails {
            defer! { log.push(1); }
            log.push(2);
            Err::<(), u8>(7)?;
        } else {
            log.push(3);
        }
    }
    Ok(())
}

#[with_defer]
fn branch_without_else(log: &mut Vec<u8>, fails: bool) -> Result<(), u8> {
    defer! {
        if fails {
            defer! { log.push(1); Err::<(), u8>(8)?; }
            log.push(2);
        }
    }
    Ok(())
}

#[test]
fn the_failure_reaches_the_caller() {
    let mut log = vec![];
    assert_eq!(block(&mut log), Err(7));
    assert_eq!(branch(&mut log, true), Err(7));
    assert_eq!(branch(&mut log, false), Ok(()));
    assert_eq!(branch_without_else(&mut log, true), Err(8));
    assert_eq!(branch_without_else(&mut log, false), Ok(()));
    assert_eq!(log, [2, 1, 2, 1, 3, 2, 1]);
}

#[with_defer]
fn scopes_without_statements(turns: u8) -> u8 {
    let mut sum = 0;
    defer!(drop(vec![0]));
    if turns > 0 {
        #[defer_scope]
        for turn in 0..turns {
            sum += turn;
        }
    }
    match turns {
        3 => {
            #[defer_scope]
            {
                sum += 1;
            }
        }
        _ => sum += 2,
    }
    sum
}

#[test]
fn scopes_in_which_nothing_is_deferred_are_blocks() {
    assert_eq!(scopes_without_statements(3), 4);
    assert_eq!(scopes_without_statements(0), 2);
}
