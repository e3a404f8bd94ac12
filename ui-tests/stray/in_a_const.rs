use with_defer::defer;

const fn close() {}

const LIMIT: u32 = {
    defer!(close());
    8
};

fn main() {
    let _ = LIMIT;
}
