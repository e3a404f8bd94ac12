//! Copies of a crate, and what cargo says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use grafttest::Mode;
use serde_json::Value;

/// How long the tests of a crate may run.
const PATIENCE: Duration = Duration::from_secs(120);

/// The borrow checker's errors, and jumps hidden in macros, that "Limits" in the documentation of `with_defer` explains.
const DOCUMENTED: [&str; 14] = [
    "E0267", "E0381", "E0382", "E0499", "E0500", "E0502", "E0505", "E0506", "E0521", "E0524", "E0594",
    "E0597", "E0716", "E0767",
];

/// A folder of its own, and what cargo gets to do in it.
pub(crate) struct Workshop {
    folder: PathBuf,
    cargo: Vec<String>,
}

/// A crate as it was published.
pub(crate) struct Source {
    pub(crate) name: String,
    folder: PathBuf,
}

/// A copy of one.
pub(crate) struct Project<'w> {
    workshop: &'w Workshop,
    folder: PathBuf,
    /// Its files, as they were.
    files: Vec<(PathBuf, String)>,
    /// Where the functions that defer are.
    functions: Vec<(PathBuf, Vec<RangeInclusive<usize>>)>,
}

/// A function: the file, and the line that it starts at.
pub(crate) type Place = (PathBuf, usize);

/// What the compiler says.
#[derive(Default)]
pub(crate) struct Build {
    pub(crate) errors: Vec<Error>,
    /// How often each lint warns.
    pub(crate) warnings: BTreeMap<String, usize>,
    /// The programs with the tests.
    tests: Vec<PathBuf>,
}

pub(crate) struct Error {
    code: String,
    message: String,
    at: String,
    /// The functions that it points to.
    pub(crate) functions: Vec<Place>,
}

impl Error {
    pub(crate) fn is_documented(&self) -> bool {
        DOCUMENTED.contains(&&*self.code)
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { code, message, at, .. } = self;
        write!(f, "{at}: {code} {message}")
    }
}

/// What the tests say.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Tests {
    passed: usize,
    failed: BTreeSet<String>,
    /// They did not come to their end.
    broke_off: bool,
}

impl Tests {
    fn read(&mut self, output: &str) {
        for line in output.lines() {
            let Some((name, end)) = line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... "))
            else {
                continue;
            };
            match end {
                "ok" => self.passed += 1,
                "FAILED" => {
                    self.failed.insert(name.to_owned());
                }
                _ => {}
            }
        }
        self.broke_off |= !output.contains("\ntest result: ");
    }
}

impl Display for Tests {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { passed, failed, broke_off } = self;
        write!(f, "{passed} tests passed")?;
        if !failed.is_empty() {
            write!(f, ", failed: {}", failed.iter().map(|name| &**name).collect::<Vec<_>>().join(" "))?;
        }
        if *broke_off { write!(f, ", and the run broke off") } else { Ok(()) }
    }
}

impl Workshop {
    pub(crate) fn new(cargo: Vec<String>) -> Self {
        let folder = std::env::temp_dir().join("grafttest");
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        Self { folder, cargo }
    }

    /// Has cargo download a crate, with what it depends on.
    pub(crate) fn fetch(&self, name: &str) -> io::Result<Source> {
        let (name, version) = name
            .split_once('@')
            .map_or((name, "*".to_owned()), |(name, version)| (name, format!("={version}")));
        let folder = self.folder.join("fetch");
        fs::create_dir_all(folder.join("src"))?;
        let _ = fs::remove_file(folder.join("Cargo.lock"));
        fs::write(folder.join("src/lib.rs"), "")?;
        let manifest = format!(
            "[package]\nname = \"fetch\"\nedition = \"2024\"\n[dependencies]\nit = {{ package = \"{name}\", version = \"{version}\" }}\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        let host = Command::new("rustc").args(["--print", "host-tuple"]).output()?;
        let mut cargo = Command::new("cargo");
        cargo.args([
            "metadata",
            "--format-version=1",
            "--filter-platform",
            String::from_utf8_lossy(&host.stdout).trim(),
        ]);
        let output = cargo.current_dir(&folder).output()?;
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| io::Error::other(String::from_utf8_lossy(&output.stderr)))?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        packages
            .filter(|package| package["name"] == name && !package["source"].is_null())
            .find_map(|package| {
                let folder = Path::new(package["manifest_path"].as_str()?).parent()?.to_owned();
                Some(Source { name: format!("{name} {}", package["version"].as_str()?), folder })
            })
            .ok_or_else(|| io::Error::other("cargo does not say where it is"))
    }
}

impl<'w> Project<'w> {
    pub(crate) fn copy(workshop: &'w Workshop, source: &Source, purpose: &str) -> io::Result<Self> {
        let folder = workshop.folder.join(format!("{}-{purpose}", source.name.replace(' ', "-")));
        let _ = fs::remove_dir_all(&folder);
        copy(&source.folder, &folder)?;
        for toolchain in ["rust-toolchain", "rust-toolchain.toml"] {
            let _ = fs::remove_file(folder.join(toolchain));
        }
        let manifest = folder.join("Cargo.toml");
        let facade = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("");
        let text = fs::read_to_string(&manifest)?;
        fs::write(
            &manifest,
            format!("{text}\n[dependencies.with_defer]\npath = '{}'\n[workspace]\n", facade.display()),
        )?;
        let mut files = Vec::new();
        sources(&folder.join("src"), &mut files)?;
        Ok(Self { workshop, folder, files, functions: Vec::new() })
    }

    /// Rewrites all files, and says how many functions defer.
    pub(crate) fn graft(&mut self, mode: Mode, seed: u64, without: &BTreeSet<Place>) -> io::Result<usize> {
        self.functions.clear();
        for (file, text) in &self.files {
            let without = without.iter().filter(|(other, _)| other == file).map(|(_, line)| *line).collect();
            if let Some(grafted) = grafttest::graft(text, mode, seed, &without) {
                fs::write(file, grafted.text)?;
                self.functions.push((file.clone(), grafted.functions));
            }
        }
        Ok(self.functions.iter().map(|(_, functions)| functions.len()).sum())
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg("test").args(arguments).args(&self.workshop.cargo).current_dir(&self.folder);
        // What a crate denies is only counted. Without optimization, guards are slow and have large frames.
        cargo.env("CARGO_TARGET_DIR", self.workshop.folder.join("target"));
        cargo
            .env("RUSTFLAGS", "--cap-lints=warn")
            .env("RUST_MIN_STACK", "67108864")
            .env("RUST_BACKTRACE", "0");
        cargo
    }

    pub(crate) fn build(&self) -> io::Result<Build> {
        let output = self.cargo(&["--no-run", "--message-format=json"]).output()?;
        let mut build = Build::default();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            let manifest = message["manifest_path"].as_str().unwrap_or_default();
            if Path::new(manifest).parent() != Some(&self.folder) {
                continue;
            }
            if let Some(tests) = message["executable"].as_str().filter(|_| message["profile"]["test"] == true)
            {
                build.tests.push(tests.into());
            }
            let message = &message["message"];
            let code = message["code"]["code"].as_str().unwrap_or_default().to_owned();
            if message["level"] == "warning" {
                *build.warnings.entry(code).or_default() += 1;
            } else if message["level"] == "error"
                && message["spans"].as_array().is_some_and(|spans| !spans.is_empty())
            {
                build.errors.push(self.error(code, message));
            }
        }
        if !output.status.success() && build.errors.is_empty() {
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            let at = self.folder.display().to_string();
            build.errors.push(Error { code: String::new(), message, at, functions: Vec::new() });
        }
        Ok(build)
    }

    fn error(&self, code: String, message: &Value) -> Error {
        let mut functions = Vec::new();
        let mut at = String::new();
        for span in
            message["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true)
        {
            let mut span = span;
            // Where a macro was called.
            loop {
                let file = self.folder.join(span["file_name"].as_str().unwrap_or_default());
                let line = span["line_start"]
                    .as_u64()
                    .and_then(|line| usize::try_from(line).ok())
                    .unwrap_or_default();
                at = format!("{}:{line}", file.display());
                functions.extend(self.function(&file, line));
                span = &span["expansion"]["span"];
                if span.is_null() {
                    break;
                }
            }
        }
        let message = message["message"].as_str().unwrap_or_default().to_owned();
        Error { code, message, at, functions }
    }

    /// The innermost function around a line.
    fn function(&self, file: &Path, line: usize) -> Option<Place> {
        let (_, functions) = self.functions.iter().find(|(other, _)| other == file)?;
        let around = functions.iter().filter(|lines| lines.contains(&line));
        around.max_by_key(|lines| *lines.start()).map(|lines| (file.to_owned(), *lines.start()))
    }

    pub(crate) fn test(&self, build: &Build) -> io::Result<Tests> {
        let mut tests = Tests::default();
        for program in &build.tests {
            let log = self.folder.join("tests.log");
            let output = fs::File::create(&log)?;
            let mut run = Command::new(program);
            run.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
            run.env("RUST_MIN_STACK", "67108864").stdout(output.try_clone()?).stderr(output);
            let mut run = run.spawn()?;
            let start = Instant::now();
            while run.try_wait()?.is_none() && start.elapsed() < PATIENCE {
                sleep(Duration::from_millis(50));
            }
            run.kill()?;
            run.wait()?;
            tests.read(&String::from_utf8_lossy(&fs::read(&log)?));
        }
        Ok(tests)
    }

    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(self.folder)
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn sources(folder: &Path, files: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((path.clone(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
