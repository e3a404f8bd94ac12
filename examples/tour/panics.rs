//! Deferred statements while a panic passes through, and how they stop it.

use with_defer::{defer, recover, with_defer};

use crate::keyword::panics as keyword;
use crate::{Chapter, Classic};

pub(crate) const CHAPTER: Chapter =
    Chapter { title: "Panics", classics: &[PANIC, RECOVER, REPLACED, TO_ERROR] };

const PANIC: Classic = Classic {
    name: "panic",
    shows: "a panic runs them too, and `recover` ends it",
    go: r#"
func panics() {
    defer func() { fmt.Println("recovered:", recover()) }()
    defer fmt.Println("second")
    defer fmt.Println("first")
    panic("out of paper")
}

panics()
fmt.Println("still here")
"#,
    rust: || {
        panics();
        println!("still here");
    },
    keyword: || {
        keyword::panics();
        println!("still here");
    },
    prints: "\
first
second
recovered: out of paper
still here
",
};

#[with_defer]
fn panics() {
    defer! { println!("recovered: {}", recover!().unwrap()); }
    defer!(println!("second"));
    defer!(println!("first"));
    panic!("out of paper");
}

const RECOVER: Classic = Classic {
    name: "recover",
    shows: "through several functions (The Go Blog: Defer, Panic, and Recover)",
    go: r#"
func f() {
    defer func() {
        if r := recover(); r != nil {
            fmt.Println("Recovered in f", r)
        }
    }()
    fmt.Println("Calling g.")
    g(0)
    fmt.Println("Returned normally from g.")
}

func g(i int) {
    if i > 3 {
        fmt.Println("Panicking!")
        panic(fmt.Sprintf("%v", i))
    }
    defer fmt.Println("Defer in g", i)
    fmt.Println("Printing in g", i)
    g(i + 1)
}

f()
fmt.Println("Returned normally from f.")
"#,
    rust: || {
        f();
        println!("Returned normally from f.");
    },
    keyword: || {
        keyword::f();
        println!("Returned normally from f.");
    },
    prints: "\
Calling g.
Printing in g 0
Printing in g 1
Printing in g 2
Printing in g 3
Panicking!
Defer in g 3
Defer in g 2
Defer in g 1
Defer in g 0
Recovered in f 4
Returned normally from f.
",
};

#[with_defer]
fn f() {
    defer! {
        if let Some(panic) = recover!() {
            println!("Recovered in f {panic}");
        }
    }
    println!("Calling g.");
    g(0);
    println!("Returned normally from g.");
}

#[with_defer]
fn g(i: i32) {
    if i > 3 {
        println!("Panicking!");
        panic!("{i}");
    }
    defer!(println!("Defer in g {i}"));
    println!("Printing in g {i}");
    g(i + 1);
}

const REPLACED: Classic = Classic {
    name: "replaced",
    shows: "a panic in deferred code replaces the one in flight, and the rest still runs",
    go: r#"
func replaced() {
    defer func() { fmt.Println("recovered:", recover()) }()
    defer fmt.Println("still runs")
    defer func() { panic("two") }()
    panic("one")
}

replaced()
"#,
    rust: replaced,
    keyword: keyword::replaced,
    prints: "still runs\nrecovered: two\n",
};

#[with_defer]
fn replaced() {
    defer! { println!("recovered: {}", recover!().unwrap()); }
    defer!(println!("still runs"));
    defer! { panic!("two"); }
    panic!("one");
}

const TO_ERROR: Classic = Classic {
    name: "to_error",
    shows: "a panic becomes an error",
    go: r#"
func parse(text string) (err error) {
    defer func() {
        if r := recover(); r != nil {
            err = fmt.Errorf("parse %s: %v", text, r)
        }
    }()
    panic("unexpected end")
}

fmt.Println(parse("1 +"))
"#,
    rust: || println!("{}", parse("1 +").unwrap_err()),
    keyword: || println!("{}", keyword::parse("1 +").unwrap_err()),
    prints: "parse 1 +: unexpected end\n",
};

#[with_defer(result = Ok(()))]
fn parse(text: &str) -> Result<(), String> {
    defer! {
        if let Some(panic) = recover!() {
            *result = Err(format!("parse {text}: {panic}"));
        }
    }
    panic!("unexpected end");
}
