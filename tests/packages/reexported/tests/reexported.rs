//! Everything works through the other crate.

use with_defer_test_reexported::{
    Owner, by_a_macro, by_a_macro_with_keyword, by_keyword, by_long_path, by_path,
};

#[test]
fn the_attribute_takes_a_path() {
    let mut log = Vec::new();
    assert_eq!(by_path(&mut log, Some(1)), Ok(1));
    assert_eq!(log, ["loop", "loop", "always"]);
    log.clear();
    assert_eq!(by_path(&mut log, None), Err("nothing"));
    assert_eq!(log, ["loop", "loop", "failure", "always"]);
    assert_eq!(by_long_path(), "deferred");
}

#[test]
fn the_keyword_needs_none() {
    let mut log = Vec::new();
    by_keyword(&mut log);
    assert_eq!(log, ["body", "deferred"]);
    let mut owner = Owner::default();
    owner.add();
    assert_eq!(owner.0, ["body", "deferred"]);
}

#[test]
fn macros_of_the_other_crate_work() {
    let mut log = Vec::new();
    assert_eq!(by_a_macro(&mut log), 2);
    assert_eq!(log, ["enter by_a_macro", "body", "leave by_a_macro"]);
    log.clear();
    by_a_macro_with_keyword(&mut log);
    assert_eq!(log, ["enter by_a_macro_with_keyword", "body", "own", "leave by_a_macro_with_keyword"]);
}
