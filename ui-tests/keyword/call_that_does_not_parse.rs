use with_defer::defer_keyword;

struct File(u32);

impl File {
    fn write(&mut self, count: u32) -> u32 {
        self.0 += count;
        self.0
    }

    fn close(&mut self) {
        self.0 = 0;
    }
}

defer_keyword! {
    fn send(file: &mut File) {
        defer file.;
        file.write(1);
    }
}

fn main() {
    send(&mut File(0));
}
