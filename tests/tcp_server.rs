//! `examples/tcp_server.rs`, run as a user would run it.
#![cfg(not(miri))]

use std::env;
use std::process::Command;

#[test]
fn every_connection_is_flushed_and_closed() {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join("tcp_server").with_extension(env::consts::EXE_EXTENSION);
    assert!(program.exists(), "no {}: `cargo build --examples` first", program.display());

    let output = Command::new(program).env("RUST_BACKTRACE", "0").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let expected = [
        "handler panics: PANIC",
        "handler is cancelled: SLEEP",
        "client is done: ONETWO",
        "server shuts down: HELLOSTILL HERE",
        "opened: 5",
        "closed: 5",
        "flushed: 5",
        "failed: 3",
        "panicked: 1",
        "timed out: 1",
        "handlers left: 0",
    ];
    assert_eq!(stdout.lines().collect::<Vec<_>>(), expected);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("a client asked for it"), "{stderr}");
}
