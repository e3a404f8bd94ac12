//! `cargo run -p difftest -- --count N --seed S`, and `--twins M` to print only every M-th program as async code too: that
//! takes four fifths of the time.

use std::process::ExitCode;
use std::{env, fs, io};

/// So many programs are built as one crate: more need more memory, fewer more time.
const AT_ONCE: u64 = 200;

fn main() -> io::Result<ExitCode> {
    let (mut count, mut seed, mut twins) = (400, 1, 1);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().and_then(|value| value.parse::<u64>().ok());
        match (arg.as_str(), value) {
            ("--count", Some(n)) => count = n,
            ("--seed", Some(n)) => seed = n,
            ("--twins", Some(n @ 1..)) => twins = n,
            _ => {
                eprintln!("usage: difftest [--count N] [--seed S] [--twins M]");
                return Ok(ExitCode::from(2));
            }
        }
    }
    let folder = env::temp_dir().join(format!("difftest-{}", std::process::id()));
    let (mut failures, mut done) = (0, 0);
    while done < count {
        let batch = done..count.min(done + AT_ONCE);
        done = batch.end;
        let report = difftest::search(&folder, seed, batch, twins)?;
        for failure in &report.failures {
            println!("{failure}");
        }
        failures += report.failures.len();
        println!("{done} programs of seed {seed}, {failures} failures; oracle: {}", report.oracle);
    }
    fs::remove_dir_all(&folder)?;
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
