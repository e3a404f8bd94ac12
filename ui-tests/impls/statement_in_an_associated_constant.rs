use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer]
impl File {
    const COUNT: u32 = {
        defer!(drop(1));
        1
    };

    fn close(&mut self) {
        defer!(drop(self.0));
    }
}

fn main() {
    File(File::COUNT).close();
}
