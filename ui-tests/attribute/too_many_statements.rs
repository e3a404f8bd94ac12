use with_defer::{defer, with_defer};

fn close() {}

/// Four of each that it is given.
macro_rules! job {
    ([] $($body:tt)*) => {
        #[with_defer]
        fn job() {
            $($body)*
        }
    };
    ([4 $($more:tt)*] $($body:tt)*) => {
        job!([$($more)*] $($body)* $($body)* $($body)* $($body)*);
    };
}

job!([4 4 4 4 4] defer!(close()); close(););

fn main() {
    job();
}
