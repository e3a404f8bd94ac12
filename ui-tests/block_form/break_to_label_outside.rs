use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    'turns: for _ in 0..3 {
        let turn = || {
            defer!({
                break 'turns;
            });
        };
        turn();
    }
}
