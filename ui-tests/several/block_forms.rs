use with_defer::{defer, recover, with_defer};

#[with_defer]
fn main() {
    defer! {
        break;
    }
    defer! {
        return 1;
    }
    defer!(drop(recover!()));
    defer! {
        drop(recover!(1));
        let rescue = || drop(recover!());
        rescue();
    }
}
