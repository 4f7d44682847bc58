//! The tool, the copy of the newest commit that it changes, and its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::record::{Mutant, Outcome};
use crate::scratch::Scratch;
use crate::shell::{Failure, answer, command, has_program, root, run, say};

/// The version whose options and answers are understood here.
const VERSION: &str = "27.1.0";
/// How many times longer than without a change the tests of one mutant may take, beyond [`MORE_SECONDS`].
const TIMES_LONGER: u64 = 10;
/// Seconds that the tests of one mutant have in any case: the computer may have other work.
const MORE_SECONDS: u64 = 15;
/// Cases of each property at first; what passes them meets as many as always.
const FIRST_CASES: &str = "32";
/// Tests that judge nothing, by crate: a browser before the desk's page, whose pictures take a minute.
const SKIPPED: [(&str, &str); 2] = [("verifier", "page::"), ("verifier", "still::")];
/// Seconds for the build of one mutant.
const BUILD_SECONDS: &str = "900";

/// How the tests of a crate end without a change.
pub(super) struct Baseline {
    /// Tests that fail then and judge nothing.
    left_out: Vec<String>,
    /// Seconds after which the tests of a mutant are given up.
    seconds: u64,
}

/// A copy of the newest commit, and the tool beside it.
pub(super) struct Judge {
    tool: PathBuf,
    /// Two at work in one copy would judge each other's changes.
    scratch: Scratch,
}

impl Judge {
    /// Installs the tool if it is lacking and brings the copy to the newest commit. The copy and what is built in it lie
    /// in the folder `CITIZEN_WALLET_SCRATCH` names, else in the system's folder for temporary files.
    pub(super) fn prepare() -> Result<Self, Failure> {
        let tools = root().join("target/tools");
        let tool = tools.join("bin/cargo-mutants");
        if !tool.is_file() {
            say(&format!("installing cargo-mutants {VERSION} into target/tools"));
            let mut install =
                command("cargo", &["install", "--locked", "cargo-mutants", "--version", VERSION]);
            install.arg("--root").arg(&tools);
            run(install)?;
        }
        Ok(Self { tool, scratch: Scratch::prepare("citizen-wallet-mutants")? })
    }

    pub(super) fn commit(&self) -> &str {
        &self.scratch.commit
    }

    /// Every mutant of a crate, in the order of the text.
    pub(super) fn list(&self, crate_name: &str) -> Result<Vec<Mutant>, Failure> {
        let mut list = self.mutants(crate_name);
        let text = answer(list.args(["--list", "--json"]))?;
        let entries: Vec<Value> = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("the list of mutants is not understood: {error}")))?;
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        let mut mutants = Vec::new();
        for entry in &entries {
            let name = text_at(entry, "/name")?;
            let path = text_at(entry, "/file")?;
            let lines = match texts.get(path) {
                Some(lines) => lines,
                None => texts.entry(path.to_owned()).or_insert(self.lines_of(path)?),
            };
            let fingerprint = fingerprint(entry, lines)?;
            let description = name.split_once(": ").map_or(name, |(_, description)| description);
            let count =
                seen.entry((path.to_owned(), fingerprint.clone(), description.to_owned())).or_default();
            *count += 1;
            let mutation =
                if *count == 1 { description.to_owned() } else { format!("{description} #{count}") };
            let file = path.split_once("/src/").map_or(path, |(_, file)| file);
            mutants.push(Mutant {
                name: name.to_owned(),
                file: file.to_owned(),
                mutation: mutation.replace(['\t', '\n'], " "),
                fingerprint,
            });
        }
        Ok(mutants)
    }

    /// The crate's tests without a change. Those that fail then judge nothing: they are left out, which is said.
    pub(super) fn baseline(&self, crate_name: &str) -> Result<Baseline, Failure> {
        let tests = || {
            let mut test = self.gently("cargo");
            test.args(["test", "--no-fail-fast", "--profile", "mutants", "--package", crate_name]);
            test.args(["--lib", "--tests"]).stdin(Stdio::null()).stderr(Stdio::null());
            test
        };
        let not_run = |error: std::io::Error| Failure::new(format!("cargo: {error}"));
        tests().arg("--no-run").status().map_err(not_run)?;
        let begun = Instant::now();
        let output = tests().arg("--").args(skipped(crate_name)).output().map_err(not_run)?;
        let seconds = begun.elapsed().as_secs().saturating_mul(TIMES_LONGER).saturating_add(MORE_SECONDS);
        let printed = String::from_utf8_lossy(&output.stdout);
        let failing: Vec<String> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
            .map(ToOwned::to_owned)
            .collect();
        if !output.status.success() && failing.is_empty() {
            return Err(Failure::new(format!("the tests of {crate_name} do not run without a change")));
        }
        for name in &failing {
            say(&format!("{crate_name}: {name} fails without a change and is left out"));
        }
        Ok(Baseline { left_out: failing, seconds })
    }

    /// Judges mutants by their names: by all tests with few cases of each property, then what passed them by as many as always.
    pub(super) fn judge(
        &self,
        crate_name: &str,
        names: &[String],
        baseline: &Baseline,
    ) -> Result<Vec<(String, Outcome)>, Failure> {
        let mut outcomes = self.judge_by(Some(FIRST_CASES), crate_name, names, baseline)?;
        let passed = |(_, outcome): &(String, Outcome)| *outcome == Outcome::Missed;
        let left: Vec<String> =
            outcomes.iter().filter(|one| passed(one)).map(|(name, _)| name.clone()).collect();
        if !left.is_empty() {
            outcomes.retain(|one| !passed(one));
            outcomes.extend(self.judge_by(None, crate_name, &left, baseline)?);
        }
        Ok(outcomes)
    }

    fn judge_by(
        &self,
        cases: Option<&str>,
        crate_name: &str,
        names: &[String],
        baseline: &Baseline,
    ) -> Result<Vec<(String, Outcome)>, Failure> {
        let mut judge = self.mutants(crate_name);
        judge.args(["--in-place", "--baseline", "skip", "--no-shuffle", "--no-times"]);
        judge.args(["--timeout", &baseline.seconds.to_string(), "--build-timeout", BUILD_SECONDS]);
        // The examples in documentation judge nothing.
        judge.args(["--cargo-test-arg=--lib", "--cargo-test-arg=--tests"]);
        if let Some(cases) = cases {
            judge.env("PROPTEST_CASES", cases);
        }
        judge.arg("--output").arg(&self.scratch.folder);
        // The tool takes every deleted field of a struct, whatever it is asked for: of these files only.
        let files: BTreeSet<&str> =
            names.iter().filter_map(|name| name.split_once(':')).map(|(file, _)| file).collect();
        for file in files {
            judge.args(["--file", file]);
        }
        for name in names {
            judge.arg("--re").arg(format!("^{}$", escaped(name)));
        }
        judge.args(["--", "--"]);
        judge.args(skipped(crate_name));
        // A passphrase is stretched slowly by design; only its own file is judged by the tests that do it.
        if !names.iter().any(|name| name.contains("/password")) {
            judge.args(["--skip", "password::"]);
        }
        for name in &baseline.left_out {
            judge.args(["--skip", name]);
        }
        let file = self.scratch.folder.join("mutants.out/outcomes.json");
        // What an earlier run said is no answer.
        let _ = std::fs::remove_file(&file);
        // It ends badly whenever a mutant survives: its file says how each ended.
        judge
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .map_err(|error| Failure::new(format!("cargo-mutants: {error}")))?;
        let unreadable = |reason: String| Failure::new(format!("{}: {reason}", file.display()));
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
        let answers: Value = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        let outcomes = answers.pointer("/outcomes").and_then(Value::as_array);
        let outcomes: Vec<(String, Outcome)> =
            outcomes.into_iter().flatten().filter_map(|outcome| outcome_of(outcome, names)).collect();
        if outcomes.is_empty() {
            return Err(unreadable("no mutant was judged".to_owned()));
        }
        Ok(outcomes)
    }

    fn mutants(&self, crate_name: &str) -> Command {
        let mut command = self.gently(&self.tool);
        command.args(["mutants", "--package", crate_name, "--colors", "never"]);
        command
    }

    /// A command in the copy, with its own build folder, that gives way to everything else on the computer.
    fn gently(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = if has_program("nice") {
            let mut command = Command::new("nice");
            command.args(["-n", "19"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .current_dir(&self.scratch.copy)
            .env("CARGO_TARGET_DIR", self.scratch.folder.join("target"))
            .env("CARGO_TERM_COLOR", "never")
            // A failing property need not find its smallest case, nor keep it.
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0");
        if std::env::var_os("CITIZEN_WALLET_VECTORS").is_none() {
            command.env("CITIZEN_WALLET_VECTORS", root().join("../shared/vectors"));
        }
        command
    }

    fn lines_of(&self, path: &str) -> Result<Vec<String>, Failure> {
        let text = std::fs::read_to_string(self.scratch.copy.join(Path::new(path)))
            .map_err(|error| Failure::new(format!("{path}: {error}")))?;
        Ok(text.lines().map(ToOwned::to_owned).collect())
    }
}

fn skipped(crate_name: &str) -> impl Iterator<Item = &'static str> {
    SKIPPED.iter().filter(move |(of, _)| *of == crate_name).flat_map(|(_, tests)| ["--skip", *tests])
}

fn outcome_of(outcome: &Value, names: &[String]) -> Option<(String, Outcome)> {
    let name = outcome.pointer("/scenario/Mutant/name")?.as_str()?;
    let outcome = match outcome.pointer("/summary")?.as_str()? {
        "CaughtMutant" => Outcome::Caught,
        "MissedMutant" => Outcome::Missed,
        "Timeout" => Outcome::Timeout,
        "Unviable" => Outcome::Unviable,
        _ => return None,
    };
    names.iter().any(|known| known == name).then(|| (name.to_owned(), outcome))
}

/// The text of the mutant's function, or of its own lines where it stands in none, without comments and indentation, as
/// sixteen hexadecimal digits (FNV-1a: it has to notice changes, not to withstand anybody).
fn fingerprint(entry: &Value, lines: &[String]) -> Result<String, Failure> {
    let span = entry.pointer("/function/span").or_else(|| entry.pointer("/span"));
    let line = |at: &str| {
        span.and_then(|span| span.pointer(at))
            .and_then(Value::as_u64)
            .and_then(|line| usize::try_from(line).ok())
            .ok_or_else(|| Failure::new("a mutant without a place"))
    };
    let (start, end) = (line("/start/line")?, line("/end/line")?);
    let text = lines
        .iter()
        .take(end)
        .skip(start.saturating_sub(1))
        .map(|line| line.trim())
        .filter(|line| !line.starts_with("//"));
    let hash = text.flat_map(str::bytes).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Ok(format!("{hash:016x}"))
}

/// A text as a regular expression that matches just it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric()
            && !matches!(
                character,
                ' ' | '_' | '/' | ':' | '"' | '\'' | '<' | '>' | '=' | '!' | ',' | ';' | '@' | '%'
            )
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn text_at<'a>(entry: &'a Value, place: &str) -> Result<&'a str, Failure> {
    entry
        .pointer(place)
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::new(format!("the list of mutants has no {place}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_fingerprint_is_the_functions_text_wherever_it_stands() {
        let entry = |start: u32, end: u32| json!({"function": {"span": {"start": {"line": start}, "end": {"line": end}}}});
        let here = lines("fn a() {\n    one();\n}");
        let moved = lines("const X: u8 = 1;\nfn a() {\n  // why\n  one();\n}");
        let changed = lines("fn a() {\n    two();\n}");
        assert_eq!(fingerprint(&entry(1, 3), &here).unwrap(), fingerprint(&entry(2, 5), &moved).unwrap());
        assert_ne!(fingerprint(&entry(1, 3), &here).unwrap(), fingerprint(&entry(1, 3), &changed).unwrap());
    }

    #[test]
    fn a_name_is_escaped_for_the_tool() {
        assert_eq!(escaped("a.rs:1:2: replace || with &&"), r"a\.rs:1:2: replace \|\| with \&\&");
    }
}
