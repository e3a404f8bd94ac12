use with_defer::defer;

fn close() {}

fn main() {
    let job = || {
        defer!(close());
    };
    job();
}
