//! The project's own tasks.
//!
//! - `cargo xtask run`: installs what the system lacks, builds, and opens the wallet; without a display it does the same
//!   main job on the command line, step by step.
//! - `cargo xtask test`: every test there is, the real window's included; the last line counts them.
//! - `cargo xtask drill`: acts an outage out, without a network, and prints what was expected and what came.
//! - `cargo xtask setup`: only what the system lacks.
//! - `cargo xtask mutants`: changes the code that verifies, a little at a time, and asks whether a test notices.
//! - `cargo xtask fuzz`: feeds the parsers of foreign bytes with what no one would write, a shard at a time.
//! - `cargo xtask bench [RUNS]`: measures our work beside the bare cryptography it cannot avoid, and writes `docs/benchmarks.md`.
//! - `cargo xtask rules [--check]`: writes `docs/rules.md` from the rule tables, the tests that name them and the README's
//!   limits, and fails where a rule has neither.

mod bench;
mod drill;
mod fuzz;
mod generation;
mod limits;
mod mutants;
mod rules;
mod run;
mod scratch;
mod shell;
mod system;
mod tally;
mod test;
mod vectors;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask run | test [--without-window] | drill | setup | rules [--check] | mutants [CRATE] | fuzz [TARGET] | bench [RUNS]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["run", rest @ ..] => run::run(rest),
        ["test"] => test::test(test::Window::Driven),
        ["test", "--without-window"] => test::test(test::Window::LeftOut),
        ["drill"] => drill::drill(),
        ["setup"] => system::set_up(),
        ["rules"] => rules::rules(rules::Mode::Write),
        ["rules", "--check"] => rules::rules(rules::Mode::Check),
        ["mutants", rest @ ..] => mutants::mutants(rest),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["bench", rest @ ..] => bench::bench(rest),
        _ => Err(shell::Failure::new(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            shell::say(&format!("xtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}
