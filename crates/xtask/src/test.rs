//! `cargo xtask test`: every test there is, and a line that counts them.

use crate::shell::{Failure, command, root, run, run_watched, say};
use crate::tally::Tally;
use crate::{rules, system};

/// Whether the real window is driven.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// Under a display of its own, over WebDriver.
    Driven,
    /// Said in the last line.
    LeftOut,
}

pub(crate) fn test(window: Window) -> Result<(), Failure> {
    system::set_up()?;
    build_ui()?;
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut step = |name: &str, command: std::process::Command| -> Result<(), Failure> {
        if !run_watched(command, |line| tally.read(line))? {
            failures.push(name.to_owned());
        }
        Ok(())
    };
    let mut ui = command("npm", &["run", "--silent", "test"]);
    ui.current_dir(root().join("ui")).env("NO_COLOR", "1");
    step("the window's own tests", ui)?;
    step(
        "the engine",
        command(
            "cargo",
            &["test", "--workspace", "--exclude", "citizen-wallet", "--no-fail-fast", "--", "--show-output"],
        ),
    )?;
    if window == Window::Driven {
        // The window needs its page inside the program, as a citizen's has it.
        step(
            "the window",
            command(
                "cargo",
                &[
                    "test",
                    "--package",
                    "citizen-wallet",
                    "--features",
                    "custom-protocol",
                    "--no-fail-fast",
                    "--",
                    "--test-threads=1",
                    "--show-output",
                ],
            ),
        )?;
    }
    if let Err(failure) = rules::rules(rules::Mode::Check) {
        failures.push(format!("the table of rules: {failure}"));
    }
    let not_passed = rules::not_passed(&tally.names, window == Window::Driven)?;
    if !not_passed.is_empty() {
        failures.push(format!("named for a rule or a vector and not passed: {}", not_passed.join(", ")));
    }
    let left_out = if window == Window::LeftOut { "; the window was left out" } else { "" };
    say(&format!(
        "{} tests: {} passed, {} failed, {} left out{left_out}",
        tally.all(),
        tally.passed,
        tally.failed,
        tally.left_out
    ));
    if failures.is_empty() && tally.failed == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("failed: {}", failures.join("; "))))
    }
}

/// Installs the UI's packages as the lock file names them and builds the page.
pub(crate) fn build_ui() -> Result<(), Failure> {
    let folder = root().join("ui");
    let mut install = command("npm", &["ci", "--no-audit", "--no-fund"]);
    install.current_dir(&folder);
    run(install)?;
    let mut check = command("npm", &["run", "--silent", "check"]);
    check.current_dir(&folder);
    run(check)?;
    let mut build = command("npm", &["run", "--silent", "build"]);
    build.current_dir(&folder);
    run(build)
}
