//! `cargo xtask run`: from a clean clone to the wallet's window.

use crate::shell::{Failure, command, run as run_command, say};
use crate::{system, test};

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    system::set_up()?;
    if !has_display() {
        say("There is no display: the same main job on the command line.");
        let mut words = vec!["run", "--quiet", "--package", "cli", "--bin", "wallet", "--", "demo"];
        words.extend(arguments);
        return run_command(command("cargo", &words));
    }
    test::build_ui()?;
    let mut words = vec![
        "run",
        "--package",
        "citizen-wallet",
        "--bin",
        "citizen-wallet",
        "--features",
        "custom-protocol",
        "--",
    ];
    words.extend(arguments);
    run_command(command("cargo", &words))
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
