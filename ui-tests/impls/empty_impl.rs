use with_defer::with_defer;

struct File;

#[with_defer]
impl File {}

fn main() {
    let _ = File;
}
