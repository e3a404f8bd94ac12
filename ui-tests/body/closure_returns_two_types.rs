use with_defer::{defer, with_defer};

fn close() {}

#[with_defer]
fn main() {
    let job = |early: bool| {
        defer!(close());
        if early {
            return 1;
        }
        "one"
    };
    job(true);
}
