//! What is built into a program that uses this crate, and under which licences.

#![cfg(not(miri))]

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

#[test]
fn every_dependency_has_a_permissive_licence() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package=with_defer", "--all-features", "--edges=no-dev", "--prefix=none"])
        .arg("--format={lib}: {l}")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let dependencies: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    assert_eq!(
        Vec::from_iter(dependencies),
        [
            "proc_macro2: MIT OR Apache-2.0",
            "quote: MIT OR Apache-2.0",
            "syn: MIT OR Apache-2.0",
            "unicode_ident: (MIT OR Apache-2.0) AND Unicode-3.0",
            "with_defer: MIT OR Apache-2.0",
            "with_defer_expand: MIT OR Apache-2.0",
            "with_defer_macros: MIT OR Apache-2.0",
            "with_defer_runtime: MIT OR Apache-2.0",
        ]
    );
}
