use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    fn close(&mut self) {
        defer!(self.0);
    }

    fn reopen(&mut self) -> u32 {
        defer!(drop(self.0));
        self.0
    }
}

fn main() {
    File(1).close();
    File(1).reopen();
}
