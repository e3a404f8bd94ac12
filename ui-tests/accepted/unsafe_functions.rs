// Functions and calls that need `unsafe`, in a crate that allows it.

#![deny(warnings, unsafe_op_in_unsafe_fn)]

use with_defer::{defer, with_defer};

union Bits {
    number: u32,
    float: f32,
}

unsafe fn add(list: *mut Vec<i32>, n: i32) {
    unsafe { (*list).push(n) }
}

#[with_defer]
unsafe fn unsafe_function(list: *mut Vec<i32>, n: i32) -> i32 {
    defer!(unsafe { add(list, n) });
    defer! {
        unsafe { add(list, n * 10) }
    }
    unsafe { add(list, 0) };
    n + 1
}

#[with_defer]
fn unsafe_call_forms(list: &mut Vec<i32>) {
    let mut n = 1;
    let pointer: *mut Vec<i32> = list;
    let callee: unsafe fn(*mut Vec<i32>, i32) = add;
    defer!(unsafe { add(pointer, n) });
    defer!(unsafe { callee(pointer, n + 1) });
    defer!(unsafe { (*pointer).push(n + 2) });
    defer!(unsafe { add(&mut *pointer, 4); });
    n = 100;
    unsafe { add(pointer, n) };
}

#[with_defer]
fn unsafe_block_at_the_end(list: &mut Vec<i32>) -> i32 {
    let pointer: *mut Vec<i32> = list;
    unsafe {
        defer!(add(pointer, 1));
        add(pointer, -1);
        7
    }
}

#[with_defer]
unsafe extern "C" fn unsafe_extern(list: *mut Vec<i32>) -> u32 {
    defer!(unsafe { add(list, 1) });
    1
}

#[unsafe(no_mangle)]
#[with_defer]
extern "C" fn with_defer_exported(n: i32) -> i32 {
    defer!(drop(vec![n]));
    n + 1
}

#[with_defer]
fn union_field(bits: &mut Bits) -> u32 {
    defer! {
        bits.float = 2.0;
    }
    bits.number = 2;
    unsafe { bits.number }
}

struct Shared(*mut Vec<i32>);

unsafe trait Push {
    unsafe fn push(&self, n: i32);

    #[with_defer]
    unsafe fn push_twice(&self, n: i32) {
        defer!(unsafe { self.push(n) });
        unsafe { self.push(-n) };
    }
}

unsafe impl Push for Shared {
    #[with_defer]
    unsafe fn push(&self, n: i32) {
        let list = self.0;
        defer!(unsafe { add(list, n) });
    }
}

fn main() {
    let mut list = vec![];
    assert_eq!(unsafe { unsafe_function(&mut list, 5) }, 6);
    assert_eq!(list, [0, 50, 5]);

    list.clear();
    unsafe_call_forms(&mut list);
    assert_eq!(list, [100, 4, 3, 2, 1]);

    list.clear();
    assert_eq!(unsafe_block_at_the_end(&mut list), 7);
    assert_eq!(list, [-1, 1]);

    list.clear();
    assert_eq!(unsafe { unsafe_extern(&mut list) }, 1);
    assert_eq!(list, [1]);
    assert_eq!(with_defer_exported(1), 2);

    let mut bits = Bits { number: 1 };
    assert_eq!(union_field(&mut bits), 2);
    assert_eq!(unsafe { bits.float }, 2.0);

    list.clear();
    unsafe { Shared(&mut list).push_twice(3) };
    assert_eq!(list, [-3, 3]);
}
