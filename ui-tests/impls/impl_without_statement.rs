use with_defer::with_defer;

struct File(u32);

#[with_defer]
impl File {
    fn close(&mut self) {
        self.0 = 0;
    }
}

fn main() {
    File(1).close();
}
