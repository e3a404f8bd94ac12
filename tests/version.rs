//! What must change when the version does.

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Macros and runtime of different versions do not fit together: the module's name keeps them apart.
#[test]
fn the_module_of_the_runtime_is_named_after_the_version() {
    let module = format!("pub use with_defer_runtime as __rt_{};\n", VERSION.replace('.', "_"));
    assert!(include_str!("../src/lib.rs").contains(&module), "src/lib.rs has no `{module}`");
}

#[test]
fn the_crates_of_the_workspace_pin_each_other() {
    let manifest = include_str!("../Cargo.toml");
    let members: Vec<_> =
        manifest.lines().filter(|line| line.starts_with("with_defer") && line.contains("path =")).collect();
    assert_eq!(members.len(), 4);
    for member in members {
        assert!(member.contains(&format!("version = \"={VERSION}\"")), "{member}");
    }
}

#[test]
fn the_readme_names_the_version() {
    let (minor, _patch) = VERSION.rsplit_once('.').unwrap();
    let dependency = format!("\nwith_defer = \"{minor}\"\n");
    assert!(include_str!("../README.md").contains(&dependency), "README.md has no `{}`", dependency.trim());
}

#[test]
fn the_changelog_has_the_version() {
    let heading = format!("\n## [{VERSION}]");
    assert!(include_str!("../CHANGELOG.md").contains(&heading), "CHANGELOG.md has no `{}`", heading.trim());
}
