use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    #[with_defer(scope)]
    fn close(&mut self) {
        defer!(drop(self.0));
    }
}

fn main() {
    File(1).close();
}
