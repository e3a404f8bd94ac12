use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    const fn count(&self) -> u32 {
        self.0
    }

    const fn close(&mut self) {
        defer!(drop(self.0));
    }
}

fn main() {
    File(1).close();
    File(1).count();
}
