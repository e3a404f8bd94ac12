//! What is evaluated now, and what at exit.

use with_defer::defer_keyword;

defer_keyword! {
    pub(crate) fn arguments() {
        let mut i = 0;
        defer println!("{i}");
        i += 1;
    }

    pub(crate) fn block() {
        let mut i = 0;
        defer { println!("{i}"); }
        i += 1;
    }

    pub(crate) fn live() {
        let mut log = vec!["begin"];
        defer {
            log.push("end");
            println!("{}", log.join(", "));
        }
        log.push("work");
        println!("entries so far: {}", log.len());
    }

    fn hi() {
        println!("hi");
    }

    fn bye() {
        println!("bye");
    }

    pub(crate) fn callee() {
        let mut greet: fn() = hi;
        defer greet();
        greet = bye;
        greet();
    }

    fn choose() -> impl FnOnce(i32, i32) {
        println!("choose");
        |a, b| println!("sum {}", a + b)
    }

    fn say(n: i32) -> i32 {
        println!("{n}");
        n
    }

    pub(crate) fn once() {
        defer choose()(say(1), say(2));
        println!("body");
    }
}
