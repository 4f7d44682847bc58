//! Running other programs, and saying so first.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a task stopped, in a sentence for whoever typed the command.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Writes a line to the terminal; a terminal that is gone is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The project's root folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Whether a program is on the PATH.
pub(crate) fn has_program(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Whether a program ends well, without showing what it prints.
pub(crate) fn succeeds<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command at the project's root, described as a person would type it.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

fn described(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Runs a command with our own input and output.
pub(crate) fn run(mut command: Command) -> Result<(), Failure> {
    let line = described(&command);
    say(&format!("$ {line}"));
    let status = command.status().map_err(|error| Failure::new(format!("{line}: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{line} ended with {status}"))) }
}

/// Runs a command and hands on each line that it prints, showing it too. Gives whether it ended well.
pub(crate) fn run_watched(mut command: Command, mut watch: impl FnMut(&str)) -> Result<bool, Failure> {
    let line = described(&command);
    say(&format!("$ {line}"));
    let failed = |error: std::io::Error| Failure::new(format!("{line}: {error}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(output) = child.stdout.take() {
        let mut terminal = std::io::stdout();
        for printed in BufReader::new(output).split(b'\n') {
            let printed = String::from_utf8_lossy(&printed.map_err(failed)?).into_owned();
            let _ = writeln!(terminal, "{printed}");
            watch(&printed);
        }
    }
    Ok(child.wait().map_err(failed)?.success())
}

/// Runs a program to its end and gives what it printed.
pub(crate) fn answer(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("{program}: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{program} ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::new(format!("{program} printed no text")))
}
