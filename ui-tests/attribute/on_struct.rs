use with_defer::with_defer;

#[with_defer]
struct Job {
    id: u32,
}

fn main() {
    let _ = Job { id: 1 }.id;
}
