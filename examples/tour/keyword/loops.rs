//! Deferred statements in loops, branches and blocks: they belong to the function, wherever they stand.

use with_defer::{defer_keyword, recover};

defer_keyword! {
    pub(crate) fn count() {
        for i in 0..4 {
            defer print!("{i}");
        }
    }

    pub(crate) fn branch(n: i32) {
        defer { println!("recovered: {}", recover!().unwrap()); }
        defer println!("1");
        if n > 5 {
            defer println!("2");
            if n > 8 {
                defer println!("3");
            } else {
                defer println!("4");
            }
        }
        panic!("{n}");
    }

    pub(crate) fn inner() {
        {
            let mut name = "inner variable".to_owned();
            defer { println!("deferred: {name}"); }
            name.insert_str(0, "changed ");
        }
        println!("after the block");
    }

    pub(crate) fn mixed() {
        defer println!("one");
        for i in 0..2 {
            defer println!("loop {i}");
        }
        defer println!("two");
        if true {
            defer println!("branch");
        }
        defer println!("three");
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

    pub(crate) fn files(names: &[&'static str]) {
        for name in names {
            let mut file = File::open(name);
            defer file.close();
            file.write("text");
        }
        println!("all are open");
    }

    pub(crate) fn each(names: &[&'static str]) {
        #[defer_scope]
        for name in names {
            let mut file = File::open(name);
            defer file.close();
            file.write("text");
        }
        println!("all are closed");
    }
}
