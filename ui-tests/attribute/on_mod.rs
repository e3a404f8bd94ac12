use with_defer::with_defer;

#[with_defer]
mod inner {
    pub fn job() {}
}

fn main() {
    inner::job();
}
