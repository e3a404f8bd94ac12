//! Building with optimizations, from inside a program.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Builds a library, by its name, or a binary of this package. Returns where it is.
///
/// # Panics
///
/// If it does not build.
#[must_use]
pub fn build(name: &str, is_library: bool) -> PathBuf {
    let target = if is_library {
        ["--package", name, "--lib"]
    } else {
        ["--package", env!("CARGO_PKG_NAME"), "--bins"]
    };
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
        .args(["build", "--release", "--quiet", "--message-format", "json-render-diagnostics"])
        .args(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{name} builds");
    let messages = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let name = format!(r#""name":"{name}""#);
    let built = messages.lines().find(|message| message.contains(&name)).expect("cargo tells what it built");
    let (_, files) = built.split_once(r#""filenames":[""#).expect("it has files");
    files.split('"').next().expect("split yields something").into()
}
