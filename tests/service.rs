//! The example `service`, stopped in each way that it knows.

#![cfg(all(unix, not(miri)))]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

/// The program, which Cargo builds beside the directory of this test.
fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join("service");
    assert!(program.exists(), "no {}: `cargo build --examples` first", program.display());
    program
}

fn journal(test: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("service_{test}"))
}

fn command(journal: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(program());
    command.arg(journal).arg(address.to_string());
    command
}

/// A service that is running, and has said where.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Running {
    fn start(journal: &Path) -> Self {
        let mut command = command(journal, SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = String::new();
        let address = loop {
            let start = lines.len();
            assert_ne!(stdout.read_line(&mut lines).unwrap(), 0, "it ended after: {lines}");
            if let Some(address) = lines[start..].strip_prefix("listening on ") {
                break address.trim_end().parse().unwrap();
            }
        };
        assert_eq!(lines, format!("journal open\nwriter started\nlistening on {address}\n"));
        Self { child, stdout, address }
    }

    /// What the service answers to a line.
    fn answer(&self, line: &str) -> String {
        let mut client = TcpStream::connect(self.address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        writeln!(client, "{line}").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What it printed since, what it complained of, and its exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        let mut printed = String::new();
        self.stdout.read_to_string(&mut printed).unwrap();
        let output = self.child.wait_with_output().unwrap();
        (printed, text(&output.stderr), output.status.code())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn ctrl_c_shuts_down_in_reverse_order() {
    let journal = journal("ctrl_c");
    let service = Running::start(&journal);
    assert_eq!(service.answer("first"), "first\n");
    assert_eq!(service.answer("second"), "second\n");
    let killed = Command::new("kill").args(["-INT", &service.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let (printed, complaints, code) = service.end();
    assert_eq!(printed, "listener closed\nwriter stopped after 2 lines\njournal on the disk\nbye\n");
    assert_eq!((complaints.as_str(), code), ("", Some(0)));
    assert_eq!(fs::read_to_string(journal).unwrap(), "first\nsecond\n");
}

#[test]
fn an_error_half_way_through_the_start_up_undoes_what_was_started() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let Output { status, stdout, stderr } =
        command(&journal("error"), occupied.local_addr().unwrap()).output().unwrap();
    assert_eq!(
        text(&stdout),
        "journal open\nwriter started\nwriter stopped after 0 lines\njournal on the disk\nbye\n"
    );
    assert!(text(&stderr).starts_with("service: Address already in use"));
    assert_eq!(status.code(), Some(1));
}

#[test]
fn an_error_at_the_first_step_leaves_nothing_to_undo() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let output = command(directory, SocketAddr::from(([127, 0, 0, 1], 0))).output().unwrap();
    assert_eq!(text(&output.stdout), "bye\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_panic_shuts_down_too() {
    let journal = journal("panic");
    let service = Running::start(&journal);
    assert_eq!(service.answer("last"), "last\n");
    assert_eq!(service.answer("panic"), "");
    let (printed, complaints, code) = service.end();
    assert_eq!(printed, "listener closed\nwriter stopped after 1 lines\njournal on the disk\nbye\n");
    assert!(complaints.contains("a client asked for it"), "{complaints}");
    assert_eq!(code, Some(101));
    assert_eq!(fs::read_to_string(journal).unwrap(), "last\n");
}
