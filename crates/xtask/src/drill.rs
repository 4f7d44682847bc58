//! `cargo xtask drill`: the outage, acted out in a network of its own (`docs/drill.md`). The body is a test, so that `cargo xtask test` runs
//! the same, and since only tests have a clock that can be moved.

use crate::shell::{Failure, command, run};

pub(crate) fn drill() -> Result<(), Failure> {
    run(command("cargo", &["test", "--quiet", "--package", "launch", "--test", "drill", "--", "--nocapture"]))
}
