//! Deferred statements that see the function's result, and change it.

use std::mem;

use with_defer::{defer, defer_on_failure, defer_on_success, with_defer};

use crate::keyword::results as keyword;
use crate::{Chapter, Classic};

pub(crate) const CHAPTER: Chapter =
    Chapter { title: "Results", classics: &[DOUBLE, TRIPLE, ABC, WRAPPED, CLOSED, JOINED, TRANSACTION] };

const DOUBLE: Classic = Classic {
    name: "double",
    shows: "a deferred block reads the result (The Go Programming Language)",
    go: r#"
func double(x int) (result int) {
    defer func() {
        fmt.Printf("double(%d) = %d\n", x, result)
    }()
    return x + x
}

double(4)
"#,
    rust: || {
        double(4);
    },
    keyword: || {
        keyword::double(4);
    },
    prints: "double(4) = 8\n",
};

#[with_defer(result = 0)]
fn double(x: i32) -> i32 {
    defer! { println!("double({x}) = {result}"); }
    x + x
}

const TRIPLE: Classic = Classic {
    name: "triple",
    shows: "and changes it",
    go: "
func triple(x int) (result int) {
    defer func() { result += x }()
    return double(x)
}

fmt.Println(triple(4))
",
    rust: || println!("{}", triple(4)),
    keyword: || println!("{}", keyword::triple(4)),
    prints: "double(4) = 8\n12\n",
};

#[with_defer(result = 0)]
fn triple(x: i32) -> i32 {
    defer! { *result += x; }
    double(x)
}

const ABC: Classic = Classic {
    name: "abc",
    shows: "the result, a variable that was returned, or a copy made now?",
    go: r#"
func a() (i int) {
    defer func() { i++ }()
    return 1
}

func b() int {
    i := 1
    defer func() { i++ }()
    return i
}

func c() (i int) {
    defer fmt.Println("c's copy:", i)
    return 1
}

fmt.Println(a(), b(), c())
"#,
    rust: || println!("{} {} {}", a(), b(), c()),
    keyword: || println!("{} {} {}", keyword::a(), keyword::b(), keyword::c()),
    prints: "c's copy: 0\n2 1 1\n",
};

#[with_defer(i = 0)]
fn a() -> i32 {
    defer! { *i += 1; }
    1
}

#[with_defer]
fn b() -> i32 {
    let mut i = 1;
    defer! { i += 1; }
    i
}

#[with_defer(i = 0)]
fn c() -> i32 {
    defer!(println!("c's copy: {i}"));
    1
}

const WRAPPED: Classic = Classic {
    name: "wrapped",
    shows: "every error of a function gets its context in one place",
    go: r#"
func load(name string) (err error) {
    defer func() {
        if err != nil {
            err = fmt.Errorf("load %s: %w", name, err)
        }
    }()
    return errors.New("no such file")
}

fmt.Println(load("settings"))
"#,
    rust: || println!("{}", load("settings").unwrap_err()),
    keyword: || println!("{}", keyword::load("settings").unwrap_err()),
    prints: "load settings: no such file\n",
};

#[with_defer(result = Ok(()))]
fn load(name: &str) -> Result<(), String> {
    defer! {
        if let Err(error) = result {
            *error = format!("load {name}: {error}");
        }
    }
    Err("no such file".to_owned())
}

/// Has room for one text.
struct Disk {
    full: bool,
}

impl Disk {
    fn write(&mut self, _text: &str) -> Result<(), String> {
        if mem::replace(&mut self.full, true) { Err("write: disk full".to_owned()) } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.full { Err("close: disk full".to_owned()) } else { Ok(()) }
    }
}

const CLOSED: Classic = Classic {
    name: "closed",
    shows: "a failed close is the function's error, unless it had one before: in Rust, `?`",
    go: r#"
func save(disk *Disk, text string) (err error) {
    defer func() {
        if e := disk.Close(); err == nil {
            err = e
        }
    }()
    return disk.Write(text)
}

fmt.Println(save(&Disk{}, "text"))
fmt.Println(save(&Disk{full: true}, "text"))
"#,
    rust: || {
        println!("{}", save(&mut Disk { full: false }, "text").unwrap_err());
        println!("{}", save(&mut Disk { full: true }, "text").unwrap_err());
    },
    keyword: || {
        println!("{}", keyword::save(&mut keyword::Disk { full: false }, "text").unwrap_err());
        println!("{}", keyword::save(&mut keyword::Disk { full: true }, "text").unwrap_err());
    },
    prints: "close: disk full\nwrite: disk full\n",
};

#[with_defer]
fn save(disk: &mut Disk, text: &str) -> Result<(), String> {
    defer!(disk.close()?);
    disk.write(text)
}

const JOINED: Classic = Classic {
    name: "joined",
    shows: "or both errors are kept",
    go: r#"
func saveBoth(disk *Disk, text string) (err error) {
    defer func() {
        err = errors.Join(err, disk.Close())
    }()
    return disk.Write(text)
}

fmt.Println(saveBoth(&Disk{full: true}, "text"))
"#,
    rust: || println!("{}", save_both(&mut Disk { full: true }, "text").unwrap_err()),
    keyword: || println!("{}", keyword::save_both(&mut keyword::Disk { full: true }, "text").unwrap_err()),
    prints: "write: disk full\nclose: disk full\n",
};

#[with_defer(result = Ok(()))]
fn save_both(disk: &mut Disk, text: &str) -> Result<(), String> {
    defer! {
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

const TRANSACTION: Classic = Classic {
    name: "transaction",
    shows: "undo on failure, finish on success",
    go: r#"
func pay(amount int) (err error) {
    defer func() {
        if err != nil {
            fmt.Println("roll back")
        } else {
            fmt.Println("commit")
        }
    }()
    fmt.Println("begin")
    if amount > 100 {
        return errors.New("too much")
    }
    fmt.Println("pay", amount)
    return nil
}

pay(50)
pay(500)
"#,
    rust: || {
        drop(pay(50));
        drop(pay(500));
    },
    keyword: || {
        drop(keyword::pay(50));
        drop(keyword::pay(500));
    },
    prints: "\
begin
pay 50
commit
begin
roll back
",
};

#[with_defer]
fn pay(amount: i32) -> Result<(), String> {
    defer_on_failure!(println!("roll back"));
    defer_on_success!(println!("commit"));
    println!("begin");
    if amount > 100 {
        return Err("too much".to_owned());
    }
    println!("pay {amount}");
    Ok(())
}
