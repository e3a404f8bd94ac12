use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    fn close(&mut self) {
        defer!(drop(self.0));
    }

    fn reopen(&mut self) {
        fn inner(count: u32) {
            defer!(drop(count));
        }
        inner(self.0);
    }
}

fn main() {
    File(1).close();
    File(1).reopen();
}
