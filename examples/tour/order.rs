//! When deferred statements run, and in which order.

use std::num::ParseIntError;

use with_defer::{defer, with_defer};

use crate::keyword::order as keyword;
use crate::{Chapter, Classic};

pub(crate) const CHAPTER: Chapter =
    Chapter { title: "Order", classics: &[HELLO, LIFO, EARLY, ERROR, TRACE, FRAMES, NESTED] };

const HELLO: Classic = Classic {
    name: "hello",
    shows: "a deferred call runs when the function returns",
    go: r#"
func hello() {
    defer fmt.Println("world")
    fmt.Println("hello")
}

hello()
"#,
    rust: hello,
    keyword: keyword::hello,
    prints: "hello\nworld\n",
};

#[with_defer]
fn hello() {
    defer!(println!("world"));
    println!("hello");
}

const LIFO: Classic = Classic {
    name: "lifo",
    shows: "the last one deferred runs first",
    go: r#"
func lifo() {
    defer fmt.Println("first")
    defer fmt.Println("second")
    defer fmt.Println("third")
}

lifo()
"#,
    rust: lifo,
    keyword: keyword::lifo,
    prints: "third\nsecond\nfirst\n",
};

#[with_defer]
fn lifo() {
    defer!(println!("first"));
    defer!(println!("second"));
    defer!(println!("third"));
}

const EARLY: Classic = Classic {
    name: "early",
    shows: "every way out runs what was deferred before it, and nothing else",
    go: r#"
func early(n int) {
    defer fmt.Println("done with", n)
    if n == 0 {
        return
    }
    defer fmt.Println("was not zero")
    fmt.Println("using", n)
}

early(0)
early(7)
"#,
    rust: || {
        early(0);
        early(7);
    },
    keyword: || {
        keyword::early(0);
        keyword::early(7);
    },
    prints: "\
done with 0
using 7
was not zero
done with 7
",
};

#[with_defer]
fn early(n: i32) {
    defer!(println!("done with {n}"));
    if n == 0 {
        return;
    }
    defer!(println!("was not zero"));
    println!("using {n}");
}

const ERROR: Classic = Classic {
    name: "error",
    shows: "`?` is such a way out",
    go: r#"
func parse(text string) (int, error) {
    defer fmt.Println("looked at", text)
    n, err := strconv.Atoi(text)
    if err != nil {
        return 0, err
    }
    fmt.Println("found", n)
    return n, nil
}

parse("12")
parse("twelve")
"#,
    rust: || {
        drop(parse("12"));
        drop(parse("twelve"));
    },
    keyword: || {
        drop(keyword::parse("12"));
        drop(keyword::parse("twelve"));
    },
    prints: "\
found 12
looked at 12
looked at twelve
",
};

#[with_defer]
fn parse(text: &str) -> Result<i32, ParseIntError> {
    defer!(println!("looked at {text}"));
    let n = text.parse()?;
    println!("found {n}");
    Ok(n)
}

const TRACE: Classic = Classic {
    name: "trace",
    shows: "the callee is evaluated now, and its result called at exit (Effective Go)",
    go: r#"
func trace(s string) func() {
    fmt.Println("entering:", s)
    return func() { fmt.Println("leaving:", s) }
}

func a() {
    defer trace("a")()
    fmt.Println("in a")
}

func b() {
    defer trace("b")()
    fmt.Println("in b")
    a()
}

b()
"#,
    rust: b,
    keyword: keyword::b,
    prints: "\
entering: b
in b
entering: a
in a
leaving: a
leaving: b
",
};

fn trace(s: &str) -> impl FnOnce() {
    println!("entering: {s}");
    move || println!("leaving: {s}")
}

#[with_defer]
fn a() {
    defer!(trace("a")());
    println!("in a");
}

#[with_defer]
fn b() {
    defer!(trace("b")());
    println!("in b");
    a();
}

const FRAMES: Classic = Classic {
    name: "frames",
    shows: "a closure is a function of its own",
    go: r#"
func frames() {
    defer fmt.Println("function ends")
    func() {
        defer fmt.Println("closure ends")
        fmt.Println("in the closure")
    }()
    fmt.Println("after the closure")
}

frames()
"#,
    rust: frames,
    keyword: keyword::frames,
    prints: "\
in the closure
closure ends
after the closure
function ends
",
};

#[with_defer]
fn frames() {
    defer!(println!("function ends"));
    let closure = || {
        defer!(println!("closure ends"));
        println!("in the closure");
    };
    closure();
    println!("after the closure");
}

const NESTED: Classic = Classic {
    name: "nested",
    shows: "so is a deferred block, which may defer in turn",
    go: r#"
func nested() {
    defer func() {
        defer fmt.Println("four")
        fmt.Println("two")
        defer fmt.Println("three")
    }()
    fmt.Println("one")
}

nested()
"#,
    rust: nested,
    keyword: keyword::nested,
    prints: "one\ntwo\nthree\nfour\n",
};

#[with_defer]
fn nested() {
    defer! {
        defer!(println!("four"));
        println!("two");
        defer!(println!("three"));
    }
    println!("one");
}
