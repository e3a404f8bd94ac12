//! Instructions per call, counted by valgrind's callgrind.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, process};

use crate::SHAPES;
use crate::cargo::build;

/// How many calls are counted. Twice as many are counted too: the difference has no start and no end in it.
pub const CALLS: u32 = 100;

/// What each form of each shape costs.
pub struct Costs(Vec<Cost>);

struct Cost {
    shape: &'static str,
    form: &'static str,
    instructions: f64,
}

impl Costs {
    /// Builds the worker with optimizations and runs it under callgrind; `None` if there is no valgrind.
    ///
    /// # Panics
    ///
    /// If the worker does not build or run.
    #[must_use]
    pub fn count() -> Option<Self> {
        let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            return None;
        }
        let sums = run(&build("worker", false));
        let forms = SHAPES.iter().flat_map(|shape| shape.forms.iter().map(|(form, _)| (shape.name, *form)));
        let costs = forms.zip(sums.chunks(3)).map(|((shape, form), sums)| Cost {
            shape,
            form,
            instructions: sums[1] - sums[0],
        });
        let costs: Vec<Cost> = costs.collect();
        assert_eq!(sums.len(), 3 * costs.len(), "callgrind sees every run of a form");
        Some(Self(costs))
    }

    /// Instructions per call of one form of one shape, with the loop that calls it.
    #[must_use]
    pub fn per_call(&self, shape: &str, form: &str) -> Option<f64> {
        let cost = self.0.iter().find(|cost| cost.shape == shape && cost.form == form)?;
        Some(cost.instructions / f64::from(CALLS))
    }
}

/// Runs the worker; returns what each run of a form took, the code up to the next one included.
fn run(worker: &Path) -> Vec<f64> {
    let profile = worker.with_extension(format!("{}.callgrind", process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-before=worker::measured*", "--combine-dumps=yes"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(worker)
        .output()
        .expect("valgrind runs");
    assert!(output.status.success(), "valgrind fails: {}", String::from_utf8_lossy(&output.stderr));
    let dumps = fs::read_to_string(&profile).expect("callgrind writes its dumps");
    fs::remove_file(&profile).expect("they can be removed");
    let sums = dumps.lines().filter_map(|line| line.strip_prefix("totals: "));
    // The first is what came before the first form.
    sums.skip(1).map(|sum| sum.parse().expect("a number")).collect()
}
