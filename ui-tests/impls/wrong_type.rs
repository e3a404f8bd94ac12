use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    fn close(&mut self) -> u32 {
        defer!(self.set("0"));
        self.0
    }

    fn set(&mut self, count: u32) {
        self.0 = count;
    }
}

fn main() {
    File(1).close();
}
