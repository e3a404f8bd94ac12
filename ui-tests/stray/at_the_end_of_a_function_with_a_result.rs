use with_defer::defer;

fn close() {}

fn job() -> u32 {
    let count = 1;
    defer!(close());
    count
}

fn main() {
    job();
}
