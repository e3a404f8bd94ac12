//! What is evaluated now, and what at exit.

use with_defer::{defer, with_defer};

use crate::keyword::values as keyword;
use crate::{Chapter, Classic};

pub(crate) const CHAPTER: Chapter =
    Chapter { title: "Values", classics: &[ARGUMENTS, BLOCK, LIVE, CALLEE, ONCE] };

const ARGUMENTS: Classic = Classic {
    name: "arguments",
    shows: "the arguments of a call are evaluated now (The Go Blog)",
    go: "
func arguments() {
    i := 0
    defer fmt.Println(i)
    i++
}

arguments()
",
    rust: arguments,
    keyword: keyword::arguments,
    prints: "0\n",
};

#[with_defer]
fn arguments() {
    let mut i = 0;
    defer!(println!("{i}"));
    i += 1;
}

const BLOCK: Classic = Classic {
    name: "block",
    shows: "a deferred block sees variables as they are at exit",
    go: "
func block() {
    i := 0
    defer func() { fmt.Println(i) }()
    i++
}

block()
",
    rust: block,
    keyword: keyword::block,
    prints: "1\n",
};

#[with_defer]
fn block() {
    let mut i = 0;
    defer! { println!("{i}"); }
    i += 1;
}

const LIVE: Classic = Classic {
    name: "live",
    shows: "until then it borrows nothing: the function goes on using what it names",
    go: r#"
func live() {
    log := []string{"begin"}
    defer func() {
        log = append(log, "end")
        fmt.Println(strings.Join(log, ", "))
    }()
    log = append(log, "work")
    fmt.Println("entries so far:", len(log))
}

live()
"#,
    rust: live,
    keyword: keyword::live,
    prints: "\
entries so far: 2
begin, work, end
",
};

#[with_defer]
fn live() {
    let mut log = vec!["begin"];
    defer! {
        log.push("end");
        println!("{}", log.join(", "));
    }
    log.push("work");
    println!("entries so far: {}", log.len());
}

const CALLEE: Classic = Classic {
    name: "callee",
    shows: "the callee is a value too, and taken now",
    go: r#"
func hi()  { fmt.Println("hi") }
func bye() { fmt.Println("bye") }

func callee() {
    greet := hi
    defer greet()
    greet = bye
    greet()
}

callee()
"#,
    rust: callee,
    keyword: keyword::callee,
    prints: "bye\nhi\n",
};

fn hi() {
    println!("hi");
}

fn bye() {
    println!("bye");
}

#[with_defer]
fn callee() {
    let mut greet: fn() = hi;
    defer!(greet());
    greet = bye;
    greet();
}

const ONCE: Classic = Classic {
    name: "once",
    shows: "callee and arguments are evaluated from left to right, once",
    go: r#"
func choose() func(int, int) {
    fmt.Println("choose")
    return func(a, b int) { fmt.Println("sum", a+b) }
}

func say(n int) int {
    fmt.Println(n)
    return n
}

func once() {
    defer choose()(say(1), say(2))
    fmt.Println("body")
}

once()
"#,
    rust: once,
    keyword: keyword::once,
    prints: "\
choose
1
2
body
sum 3
",
};

fn choose() -> impl FnOnce(i32, i32) {
    println!("choose");
    |a, b| println!("sum {}", a + b)
}

fn say(n: i32) -> i32 {
    println!("{n}");
    n
}

#[with_defer]
fn once() {
    defer!(choose()(say(1), say(2)));
    println!("body");
}
