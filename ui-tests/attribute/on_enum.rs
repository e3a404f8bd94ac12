use with_defer::with_defer;

#[with_defer]
pub enum State {
    Open,
    Closed,
}

fn main() {}
