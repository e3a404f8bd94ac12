//! `cargo run -p difftest -- --count N --seed S`

use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> io::Result<ExitCode> {
    let (mut count, mut seed) = (400, 1);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().and_then(|value| value.parse::<u64>().ok());
        match (arg.as_str(), value) {
            ("--count", Some(n)) => count = n,
            ("--seed", Some(n)) => seed = n,
            _ => {
                eprintln!("usage: difftest [--count N] [--seed S]");
                return Ok(ExitCode::from(2));
            }
        }
    }
    let folder = env::temp_dir().join(format!("difftest-{}", std::process::id()));
    let report = difftest::search(&folder, count, seed)?;
    for failure in &report.failures {
        println!("{failure}");
    }
    println!(
        "{count} programs of seed {seed}, {} failures; oracle: {}",
        report.failures.len(),
        report.oracle
    );
    fs::remove_dir_all(&folder)?;
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
