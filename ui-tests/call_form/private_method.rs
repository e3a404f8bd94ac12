use with_defer::{defer, with_defer};

mod files {
    pub struct File;

    impl File {
        fn close(&self) {}
    }
}

#[with_defer]
fn main() {
    let file = files::File;
    defer!(file.close());
}
