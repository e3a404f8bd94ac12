// What is deferred in an `unsafe` block is in it.

#![deny(warnings)]

use with_defer::{defer, with_defer};

unsafe fn add(list: *mut Vec<i32>, n: i32) {
    unsafe { (*list).push(n) }
}

#[with_defer]
fn unsafe_blocks(list: &mut Vec<i32>, condition: bool) -> i32 {
    let pointer: *mut Vec<i32> = list;
    unsafe {
        defer!(add(pointer, 1));
        add(pointer, 0);
    }
    if condition {
        unsafe {
            let kept = vec![2];
            defer! {
                add(pointer, kept[0]);
            }
            add(pointer, -2);
        }
    }
    unsafe {
        defer!(add(pointer, 3));
        add(pointer, -3);
        7
    }
}

unsafe fn taken(list: &mut Vec<i32>) -> Vec<i32> {
    std::mem::take(list)
}

#[with_defer]
fn returned_from_an_unsafe_block(list: &mut Vec<i32>) -> Vec<i32> {
    for n in 0..3 {
        let kept = vec![n];
        defer! {
            drop(kept);
        }
        if n == 1 {
            unsafe {
                return taken(list);
            }
        }
    }
    Vec::new()
}

fn main() {
    let mut list = vec![];
    assert_eq!(unsafe_blocks(&mut list, true), 7);
    assert_eq!(list, [0, -2, -3, 3, 2, 1]);
    assert_eq!(returned_from_an_unsafe_block(&mut list), [0, -2, -3, 3, 2, 1]);
}
