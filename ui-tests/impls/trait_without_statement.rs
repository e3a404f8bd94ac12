use with_defer::with_defer;

#[with_defer]
pub unsafe trait Close {
    fn close(&mut self);
}

fn main() {}
