use with_defer::defer;

fn main() {
    let defer!(x) = 1;
}
