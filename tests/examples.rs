//! The programs in `examples/`, run as a user would run them.

#![cfg(not(miri))]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An example, which Cargo builds beside the directory of this test.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    assert!(program.exists(), "no {}: `cargo build --examples` first", program.display());
    program
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

mod tour {
    use super::*;

    #[test]
    fn every_classic_prints_what_it_should() {
        let output = Command::new(example("tour")).output().unwrap();
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{printed}");
        assert!(printed.ends_with("29 of 29 programs printed what their Go original prints\n"), "{printed}");
    }

    #[test]
    fn every_classic_prints_the_same_with_the_keyword() {
        let output = Command::new(example("tour")).output().unwrap();
        let with_keyword = Command::new(example("tour")).arg("keyword").output().unwrap();
        let printed = text(&with_keyword.stdout);
        assert!(with_keyword.status.success(), "{printed}");
        assert!(printed.ends_with("29 of 29 programs printed what their Go original prints\n"), "{printed}");
        assert_eq!(printed.replace("examples/tour/keyword.", "examples/tour."), text(&output.stdout));
    }

    #[test]
    fn one_classic_runs_alone() {
        for arguments in [&["double"][..], &["keyword", "double"]] {
            let output = Command::new(example("tour")).args(arguments).output().unwrap();
            assert_eq!(text(&output.stdout), "double(4) = 8\n");
        }
    }

    #[test]
    fn an_unknown_classic_is_an_error() {
        let output = Command::new(example("tour")).arg("quadruple").output().unwrap();
        assert!(!output.status.success());
        assert_eq!(text(&output.stdout), "");
    }
}

/// A directory of a test's own, emptied before and removed after.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

mod copy_file {
    use super::*;

    impl Scratch {
        fn names(&self) -> Vec<String> {
            let mut names: Vec<_> = fs::read_dir(&self.0)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    fn copy(source: &Path, destination: &Path) -> Output {
        Command::new(example("copy_file")).args([source, destination]).output().unwrap()
    }

    #[test]
    fn copies_and_says_what_ran_in_which_order() {
        let scratch = Scratch::new("copy_file_copies");
        let source = scratch.file("source", "what is new");
        let destination = scratch.file("destination", "what was there");

        let output = copy(&source, &destination);

        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            text(&output.stdout),
            "\
copy begins
  replace begins
    deferred: flush
    wrote 11 bytes
    on success: sync
    on success: put the new file in place
  replace ends
copy ends
copied 11 bytes
"
        );
        assert_eq!(text(&output.stderr), "");
        assert_eq!(fs::read_to_string(&destination).unwrap(), "what is new");
        assert_eq!(scratch.names(), ["destination", "source"]);
    }

    #[test]
    fn copies_more_than_fits_in_the_buffer() {
        let scratch = Scratch::new("copy_file_large");
        let content = "0123456789abcdef".repeat(20_000);
        let source = scratch.file("source", &content);
        let destination = scratch.0.join("destination");

        let output = copy(&source, &destination);

        assert_eq!(output.status.code(), Some(0));
        assert_eq!(fs::read_to_string(&destination).unwrap(), content);
    }

    #[test]
    fn a_missing_source_leaves_the_destination_alone() {
        let scratch = Scratch::new("copy_file_missing_source");
        let source = scratch.0.join("source");
        let destination = scratch.file("destination", "what was there");

        let output = copy(&source, &destination);

        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), "copy begins\ncopy ends\n");
        let error = text(&output.stderr);
        assert!(error.starts_with(&format!("copy_file: cannot open {}: ", source.display())), "{error}");
        assert_eq!(fs::read_to_string(&destination).unwrap(), "what was there");
        assert_eq!(scratch.names(), ["destination"]);
    }

    #[test]
    fn a_destination_in_no_directory_is_an_error() {
        let scratch = Scratch::new("copy_file_no_directory");
        let source = scratch.file("source", "what is new");
        let destination = scratch.0.join("nowhere").join("destination");

        let output = copy(&source, &destination);

        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), "copy begins\n  replace begins\n  replace ends\ncopy ends\n");
        let error = text(&output.stderr);
        let expected = format!("copy_file: cannot create a file beside {}: ", destination.display());
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(scratch.names(), ["source"]);
    }

    /// The one who runs this test may be root, whom no mode of a file keeps out; a directory does.
    #[test]
    fn a_destination_that_cannot_be_replaced_fails_in_deferred_code_and_nothing_is_left_behind() {
        let scratch = Scratch::new("copy_file_directory");
        let source = scratch.file("source", "what is new");
        let destination = scratch.0.join("destination");
        fs::create_dir(&destination).unwrap();

        let output = copy(&source, &destination);

        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            text(&output.stdout),
            "\
copy begins
  replace begins
    deferred: flush
    wrote 11 bytes
    on success: sync
    on success: put the new file in place
    on failure: remove the new file
  replace ends
copy ends
"
        );
        let error = text(&output.stderr);
        let expected = format!("copy_file: cannot replace {}: ", destination.display());
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(scratch.names(), ["destination", "source"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error_from_deferred_code() {
        let scratch = Scratch::new("copy_file_full_device");
        let source = scratch.file("source", "what is new");

        let output = copy(&source, Path::new("/dev/full"));

        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            text(&output.stdout),
            "copy begins\n  write_into begins\n    deferred: flush\n  write_into ends\ncopy ends\n"
        );
        assert_eq!(
            text(&output.stderr),
            "copy_file: cannot write /dev/full: No space left on device (os error 28)\n"
        );
        assert_eq!(fs::read_to_string(&source).unwrap(), "what is new");
    }

    /// A limit on the size of files stands in for a disk that fills up half-way.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_half_written_file_does_not_replace_the_old_one() {
        let scratch = Scratch::new("copy_file_half_written");
        let source = scratch.file("source", "0123456789abcdef".repeat(2_000));
        let destination = scratch.file("destination", "what was there");

        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"])
            .args([&example("copy_file"), &source, &destination])
            .output()
            .unwrap();

        assert_eq!(output.status.code(), Some(1));
        let printed = text(&output.stdout);
        assert!(printed.contains("    deferred: flush\n    wrote "), "{printed}");
        assert!(printed.contains("    on failure: remove the new file\n"), "{printed}");
        assert!(!printed.contains("on success"), "{printed}");
        let error = text(&output.stderr);
        let expected = format!("copy_file: cannot write {}: File too large", destination.display());
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(fs::read_to_string(&destination).unwrap(), "what was there");
        assert_eq!(scratch.names(), ["destination", "source"]);
    }
}

#[cfg(unix)]
mod directory {
    use super::*;

    /// Counts under a limit of 256 open files.
    fn count(directory: &Path) -> Output {
        let command =
            format!("ulimit -n 256 && exec '{}' '{}'", example("directory").display(), directory.display());
        Command::new("sh").arg("-c").arg(command).output().unwrap()
    }

    #[test]
    fn ten_thousand_files_under_a_limit_of_256() {
        let scratch = Scratch::new("directory_many");
        for number in 0..10_000 {
            scratch.file(&format!("{number}.txt"), "one\ntwo\n");
        }
        let output = count(&scratch.0);
        assert_eq!(text(&output.stderr), "");
        assert_eq!(
            text(&output.stdout),
            "10000 files, 20000 lines, 0 locked by others, 10000 unlocked again\n"
        );
        assert!(output.status.success());
    }

    #[test]
    fn an_unreadable_file_is_named_and_unlocked_and_the_summary_is_written() {
        let scratch = Scratch::new("directory_unreadable");
        let path = scratch.file("binary", [0xff, 0xfe]);
        let output = count(&scratch.0);
        assert_eq!(
            text(&output.stderr),
            format!("while reading {}\nerror: stream did not contain valid UTF-8\n", path.display())
        );
        assert_eq!(text(&output.stdout), "1 files, 0 lines, 0 locked by others, 1 unlocked again\n");
        assert_eq!(output.status.code(), Some(1));
    }

    #[test]
    fn a_file_that_stops_the_count_is_unlocked_too() {
        let scratch = Scratch::new("directory_stops");
        let path = scratch.file("now.stop", "");
        let output = count(&scratch.0);
        assert_eq!(
            text(&output.stdout),
            format!(
                "stopped at {}\n0 files, 0 lines, 0 locked by others, 1 unlocked again\n",
                path.display()
            )
        );
        assert!(output.status.success());
    }
}
