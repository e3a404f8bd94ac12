//! `cargo run -p difftest -- --count N --seed S`

use std::process::ExitCode;
use std::{env, io};

use difftest::run::{self, Outcome};
use difftest::{generate, go, rust};

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
    let programs: Vec<_> = (0..count).map(|i| generate::generate(seed * 1_000_000 + i)).collect();
    let folder = env::temp_dir().join(format!("difftest-{}", std::process::id()));
    let (oracle, expected) = run::oracle(&folder, &programs)?;
    println!("oracle: {oracle}");
    let outcomes = run::run_rust(&folder, &programs)?;
    let mut failures = 0;
    for (i, (expected, outcome)) in expected.iter().zip(outcomes).enumerate() {
        if outcome != Outcome::Ran(expected.clone()) {
            failures += 1;
            println!("---- {i}\n{}\n{}\n{expected:?}\n{outcome:?}", go::print(&programs[i], i), rust::print(&programs[i]));
        }
    }
    println!("{count} programs, {failures} failures");
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
