use with_defer::defer;

fn close() {}

defer!(close());

fn main() {
    close();
}
