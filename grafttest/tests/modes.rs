//! A program does the same with deferred statements in its functions, whatever they are.

macro_rules! modes {
    ($($mode:ident)*) => {
        /// The sample, with deferred statements.
        mod grafted {
            $(
                #[allow(clippy::all, clippy::pedantic, reason = "what is inserted does nothing")]
                pub(super) mod $mode {
                    include!(concat!(env!("OUT_DIR"), "/", stringify!($mode), ".rs"));
                }
            )*
        }

        const MODES: &[(&str, fn() -> String)] = &[$((stringify!($mode), grafted::$mode::run)),*];
    };
}

modes!(any start between call block panic scope awaits tries result members keyword);

mod plain {
    include!("../sample.rs");
}

const LOG: &str = "47;unexpected x;2;unexpected end;ccc;true;a;3;b;1;n;2;7;drop turn;found;drop turn;4;awaited;\
    Ok(8);Err(Ends);drop unwound;seven;";

#[test]
fn the_sample_as_it_is() {
    assert_eq!(plain::run(), LOG);
}

#[test]
fn the_sample_with_deferred_statements() {
    assert_eq!(MODES.len(), grafttest::Mode::ALL.len());
    for (mode, run) in MODES {
        assert_eq!(run(), LOG, "{mode}");
    }
}

#[test]
fn deferred_statements_add_no_lines_and_can_be_left_out() {
    let sample = include_str!("../sample.rs");
    let tokens = sample.lines().position(|line| line.starts_with("fn tokens")).unwrap() + 1;
    for (name, mode) in grafttest::Mode::ALL {
        let grafted = grafttest::graft(sample, mode, 1, &[tokens].into()).unwrap();
        assert_eq!(grafted.text.lines().count(), sample.lines().count(), "{name}");
        assert_eq!(grafted.functions.len(), 13, "{name}");
    }
}
