//! A `$block:block` of a macro is the block that was passed: `defer!($block)` is the block form.

mod common;

use common::Log;
use with_defer::{defer, with_defer};

macro_rules! cleaning_up {
    ($name:ident, $log:ident, $block:block) => {
        #[with_defer]
        fn $name($log: &Log) {
            defer!($block);
            defer! { $block }
            $log.add("body");
        }
    };
}

cleaning_up!(f, log, {
    let text = "block";
    log.add(text);
});

#[test]
fn block_form_with_a_fragment() {
    let log = Log::default();
    f(&log);
    assert_eq!(log.text(), "body block block");
}
