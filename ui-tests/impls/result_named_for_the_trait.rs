use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer((count, error))]
trait Close {
    fn count(&mut self) -> &mut u32;

    fn close(&mut self) {
        defer! {
            *self.count() = 0;
        }
    }
}

impl Close for File {
    fn count(&mut self) -> &mut u32 {
        &mut self.0
    }
}

fn main() {
    File(1).close();
}
