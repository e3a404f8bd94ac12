use with_defer::{defer, with_defer};

#[with_defer]
fn main() {
    'turns: for _ in 0..3 {
        let turn = || {
            defer! {
                for turn in 0..2 {
                    if turn == 1 {
                        continue 'turns;
                    }
                }
            }
        };
        turn();
    }
}
