//! A copy of the newest commit outside the checkout, for work that takes long and changes or builds a lot.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use crate::shell::{Failure, answer, command, root, run};

/// The copy. One run at a time: another one is refused while this lives.
pub(crate) struct Scratch {
    /// The folder for what the work leaves.
    pub(crate) folder: PathBuf,
    /// The copy in it.
    pub(crate) copy: PathBuf,
    /// Which commit it is.
    pub(crate) commit: String,
    _lock: File,
}

impl Scratch {
    /// Brings the copy of this name to the newest commit, in the folder that `CITIZEN_WALLET_SCRATCH` names, else in the system's for temporary files.
    pub(crate) fn prepare(name: &str) -> Result<Self, Failure> {
        let folder = std::env::var_os("CITIZEN_WALLET_SCRATCH")
            .map_or_else(std::env::temp_dir, PathBuf::from)
            .join(name);
        let copy = folder.join("copy");
        let failed = |error| Failure::new(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        if lock.try_lock().is_err() {
            return Err(Failure::new(format!("another run is at work in {}", folder.display())));
        }
        if !copy.join(".git").exists() {
            let mut clone = command("git", &["clone", "--quiet", "--shared", "--no-checkout"]);
            clone.arg(root()).arg(&copy);
            run(clone)?;
        }
        let commit = answer(&mut command("git", &["rev-parse", "--short=10", "HEAD"]))?.trim().to_owned();
        // A forced checkout also takes back the change of a run that was stopped.
        for words in [
            &["fetch", "--quiet", "origin", "HEAD"][..],
            &["checkout", "--quiet", "--force", "--detach", &commit],
        ] {
            let mut git = Command::new("git");
            git.args(words).current_dir(&copy);
            run(git)?;
        }
        Ok(Self { folder, copy, commit, _lock: lock })
    }
}
