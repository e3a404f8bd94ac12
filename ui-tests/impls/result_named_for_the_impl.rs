use with_defer::{defer, with_defer};

struct File(u32);

#[with_defer(result = 0)]
impl File {
    fn close(&mut self) -> u32 {
        defer! {
            self.0 = 0;
        }
        self.0
    }
}

fn main() {
    File(1).close();
}
