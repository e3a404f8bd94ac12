//! Deferred statements that see the function's result, and change it.

use std::mem;

use with_defer::{defer_keyword, with_defer};

defer_keyword! {
    #[with_defer(result = 0)]
    pub(crate) fn double(x: i32) -> i32 {
        defer { println!("double({x}) = {result}"); }
        x + x
    }

    #[with_defer(result = 0)]
    pub(crate) fn triple(x: i32) -> i32 {
        defer { *result += x; }
        double(x)
    }

    #[with_defer(i = 0)]
    pub(crate) fn a() -> i32 {
        defer { *i += 1; }
        1
    }

    pub(crate) fn b() -> i32 {
        let mut i = 1;
        defer { i += 1; }
        i
    }

    #[with_defer(i = 0)]
    pub(crate) fn c() -> i32 {
        defer println!("c's copy: {i}");
        1
    }

    #[with_defer(result = Ok(()))]
    pub(crate) fn load(name: &str) -> Result<(), String> {
        defer {
            if let Err(error) = result {
                *error = format!("load {name}: {error}");
            }
        }
        Err("no such file".to_owned())
    }

    /// Has room for one text.
    pub(crate) struct Disk {
        pub(crate) full: bool,
    }

    impl Disk {
        fn write(&mut self, _text: &str) -> Result<(), String> {
            if mem::replace(&mut self.full, true) { Err("write: disk full".to_owned()) } else { Ok(()) }
        }

        fn close(&mut self) -> Result<(), String> {
            if self.full { Err("close: disk full".to_owned()) } else { Ok(()) }
        }
    }

    pub(crate) fn save(disk: &mut Disk, text: &str) -> Result<(), String> {
        defer disk.close()?;
        disk.write(text)
    }

    #[with_defer(result = Ok(()))]
    pub(crate) fn save_both(disk: &mut Disk, text: &str) -> Result<(), String> {
        defer {
            *result = join(mem::replace(result, Ok(())), disk.close());
        }
        disk.write(text)
    }

    fn join(first: Result<(), String>, second: Result<(), String>) -> Result<(), String> {
        match (first, second) {
            (Err(first), Err(second)) => Err(format!("{first}\n{second}")),
            (first, second) => first.and(second),
        }
    }

    pub(crate) fn pay(amount: i32) -> Result<(), String> {
        defer_on_failure println!("roll back");
        defer_on_success println!("commit");
        println!("begin");
        if amount > 100 {
            return Err("too much".to_owned());
        }
        println!("pay {amount}");
        Ok(())
    }
}
