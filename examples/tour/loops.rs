//! Deferred statements in loops, branches and blocks: they belong to the function, wherever they stand.

use with_defer::{defer, recover, with_defer};

use crate::keyword::loops as keyword;
use crate::{Chapter, Classic};

pub(crate) const CHAPTER: Chapter =
    Chapter { title: "Loops and branches", classics: &[LOOP, BRANCH, BLOCK, MIXED, FILES, EACH] };

const LOOP: Classic = Classic {
    name: "loop",
    shows: "in a loop they pile up (The Go Blog)",
    go: "
func count() {
    for i := 0; i < 4; i++ {
        defer fmt.Print(i)
    }
}

count()
",
    rust: count,
    keyword: keyword::count,
    prints: "3210",
};

#[with_defer]
fn count() {
    for i in 0..4 {
        defer!(print!("{i}"));
    }
}

const BRANCH: Classic = Classic {
    name: "branch",
    shows: "what was not reached does not run (Go's test suite: ConditionalDefers)",
    go: r#"
func branch(n int) {
    defer func() { fmt.Println("recovered:", recover()) }()
    defer fmt.Println(1)
    if n > 5 {
        defer fmt.Println(2)
        if n > 8 {
            defer fmt.Println(3)
        } else {
            defer fmt.Println(4)
        }
    }
    panic(n)
}

branch(8)
branch(3)
"#,
    rust: || {
        branch(8);
        branch(3);
    },
    keyword: || {
        keyword::branch(8);
        keyword::branch(3);
    },
    prints: "\
4
2
1
recovered: 8
1
recovered: 3
",
};

#[with_defer]
fn branch(n: i32) {
    defer! { println!("recovered: {}", recover!().unwrap()); }
    defer!(println!("1"));
    if n > 5 {
        defer!(println!("2"));
        if n > 8 {
            defer!(println!("3"));
        } else {
            defer!(println!("4"));
        }
    }
    panic!("{n}");
}

const BLOCK: Classic = Classic {
    name: "inner",
    shows: "the end of a block is no exit, and its variables last as long as what was deferred in it",
    go: r#"
func inner() {
    {
        name := "inner variable"
        defer func() { fmt.Println("deferred:", name) }()
        name = "changed " + name
    }
    fmt.Println("after the block")
}

inner()
"#,
    rust: inner,
    keyword: keyword::inner,
    prints: "\
after the block
deferred: changed inner variable
",
};

#[with_defer]
fn inner() {
    {
        let mut name = "inner variable".to_owned();
        defer! { println!("deferred: {name}"); }
        name.insert_str(0, "changed ");
    }
    println!("after the block");
}

const MIXED: Classic = Classic {
    name: "mixed",
    shows: "one order over all of them",
    go: r#"
func mixed() {
    defer fmt.Println("one")
    for i := 0; i < 2; i++ {
        defer fmt.Println("loop", i)
    }
    defer fmt.Println("two")
    if true {
        defer fmt.Println("branch")
    }
    defer fmt.Println("three")
}

mixed()
"#,
    rust: mixed,
    keyword: keyword::mixed,
    prints: "\
three
branch
two
loop 1
loop 0
one
",
};

#[with_defer]
fn mixed() {
    defer!(println!("one"));
    for i in 0..2 {
        defer!(println!("loop {i}"));
    }
    defer!(println!("two"));
    if true {
        defer!(println!("branch"));
    }
    defer!(println!("three"));
}

struct File {
    name: &'static str,
    size: usize,
}

impl File {
    fn open(name: &'static str) -> Self {
        println!("open {name}");
        Self { name, size: 0 }
    }

    fn write(&mut self, text: &str) {
        self.size += text.len();
    }

    fn close(&mut self) {
        println!("close {}: {} bytes", self.name, self.size);
    }
}

const FILES: Classic = Classic {
    name: "files",
    shows: "each file stays open, and writable, until the function returns",
    go: r#"
func files(names ...string) {
    for _, name := range names {
        f := Open(name)
        defer f.Close()
        f.Write("text")
    }
    fmt.Println("all are open")
}

files("a", "b")
"#,
    rust: || files(&["a", "b"]),
    keyword: || keyword::files(&["a", "b"]),
    prints: "\
open a
open b
all are open
close b: 4 bytes
close a: 4 bytes
",
};

#[with_defer]
fn files(names: &[&'static str]) {
    for name in names {
        let mut file = File::open(name);
        defer!(file.close());
        file.write("text");
    }
    println!("all are open");
}

const EACH: Classic = Classic {
    name: "each",
    shows: "or each until its turn ends: in Go a function literal, in Rust `#[defer_scope]`",
    go: r#"
func each(names ...string) {
    for _, name := range names {
        func() {
            f := Open(name)
            defer f.Close()
            f.Write("text")
        }()
    }
    fmt.Println("all are closed")
}

each("a", "b")
"#,
    rust: || each(&["a", "b"]),
    keyword: || keyword::each(&["a", "b"]),
    prints: "\
open a
close a: 4 bytes
open b
close b: 4 bytes
all are closed
",
};

#[with_defer]
fn each(names: &[&'static str]) {
    #[defer_scope]
    for name in names {
        let mut file = File::open(name);
        defer!(file.close());
        file.write("text");
    }
    println!("all are closed");
}
