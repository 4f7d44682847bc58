//! What ran: `docs/fuzz/shards.tsv`, a row for each shard, and `docs/fuzz.md` written from it and from `docs/fuzz/findings.tsv`.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{GOAL_INPUTS, GOAL_SECONDS, TARGETS};
use crate::shell::{Failure, root, say};

const HEADINGS: &str = "target\tinputs\tseconds\tfindings\tcommit\tdate";

/// One run of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) target: String,
    pub(super) inputs: u64,
    pub(super) seconds: u64,
    /// Inputs that broke something.
    pub(super) findings: u64,
    pub(super) commit: String,
    pub(super) date: String,
}

impl Shard {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split('\t').collect();
        let [target, inputs, seconds, findings, commit, date] = cells.as_slice() else { return None };
        Some(Self {
            target: (*target).to_owned(),
            inputs: inputs.parse().ok()?,
            seconds: seconds.parse().ok()?,
            findings: findings.parse().ok()?,
            commit: (*commit).to_owned(),
            date: (*date).to_owned(),
        })
    }

    fn line(&self) -> String {
        let Self { target, inputs, seconds, findings, commit, date } = self;
        format!("{target}\t{inputs}\t{seconds}\t{findings}\t{commit}\t{date}")
    }
}

/// All shards so far, in the order in which they ran.
pub(super) struct Shards(Vec<Shard>);

impl Shards {
    pub(super) fn read() -> Result<Self, Failure> {
        let path = shards_file();
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text)
                .map_err(|line| Failure::new(format!("{}: not a shard: {line}", path.display()))),
            Err(_) => Ok(Self(Vec::new())),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().skip(1).filter(|line| !line.is_empty());
        lines
            .map(|line| Shard::parse(line).ok_or_else(|| line.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn of<'s>(&'s self, target: &'s str) -> impl Iterator<Item = &'s Shard> {
        self.0.iter().filter(move |shard| shard.target == target)
    }

    pub(super) fn inputs(&self, target: &str) -> u64 {
        self.of(target).map(|shard| shard.inputs).sum()
    }

    fn seconds(&self, target: &str) -> u64 {
        self.of(target).map(|shard| shard.seconds).sum()
    }

    /// Whether a target has seen that many inputs, or ran as long as does instead.
    pub(super) fn is_done(&self, target: &str, inputs: u64) -> bool {
        self.inputs(target) >= inputs || self.seconds(target) >= GOAL_SECONDS
    }

    /// Inputs a second so far; what never ran counts as the fastest.
    pub(super) fn pace(&self, target: &str) -> u64 {
        self.inputs(target).checked_div(self.seconds(target)).unwrap_or(u64::MAX)
    }

    /// Writes a shard down at once.
    pub(super) fn add(&mut self, shard: Shard) -> Result<(), Failure> {
        self.0.push(shard);
        let mut text = format!("{HEADINGS}\n");
        for shard in &self.0 {
            text.push_str(&shard.line());
            text.push('\n');
        }
        write(&shards_file(), &text)
    }

    /// Writes `docs/fuzz.md`.
    pub(super) fn report(&self) -> Result<(), Failure> {
        let findings = std::fs::read_to_string(root().join("docs/fuzz/findings.tsv")).unwrap_or_default();
        let done = TARGETS.iter().filter(|(target, _)| self.is_done(target, GOAL_INPUTS)).count();
        say(&format!("{done} of {} targets have seen what they are to see", TARGETS.len()));
        write(&root().join("docs/fuzz.md"), &self.page(&findings))
    }

    fn page(&self, findings: &str) -> String {
        let mut page = String::from(
            "# Fuzzing\n\nWritten by `cargo xtask fuzz` from `docs/fuzz/*.tsv`; do not edit.\n\n\
             One target for each parser of foreign bytes, run by libFuzzer (cargo-fuzz) on the optimised code with overflow checks and debug\n\
             assertions on. The sanitizer is `none`: the workspace forbids `unsafe`, so that what a sanitizer of addresses could find lies in\n\
             dependencies, and it would cost most of the speed. Memory is bounded at 1 GiB and each input at 30 seconds. Where pixels or\n\
             compressed bytes are read, the reached code is followed and comparisons are not traced. A target asks for more than that\n\
             nothing panics: what is read is written and read again alike, and what comes out verified is what one of the test's own keys signed.\n\
             Seeds come from the specifications' vectors and are never copied. The goal is 10 million inputs or an hour for each target,\n\
             in shards that can be stopped and resumed. Seconds are the processor's; in shards before 4fc89e9 the clock's.\n\n\
             | target | reads | inputs | seconds | findings | goal | last commit |\n|---|---|---|---|---|---|---|\n",
        );
        for (target, reads) in TARGETS {
            let broke: u64 = self.of(target).map(|shard| shard.findings).sum();
            let goal = if self.is_done(target, GOAL_INPUTS) { "reached" } else { "open" };
            let last = self.of(target).last().map_or("", |shard| shard.commit.as_str());
            let (inputs, seconds) = (grouped(self.inputs(target)), self.seconds(target));
            let _ =
                writeln!(page, "| `{target}` | {reads} | {inputs} | {seconds} | {broke} | {goal} | {last} |");
        }
        page.push_str("\n## What it found\n\nA fault of the code is an ordinary test now; a row without a test is none, and says why.\n\n| target | what | test |\n|---|---|---|\n");
        for line in findings.lines().skip(1).filter(|line| !line.is_empty()) {
            let _ = writeln!(page, "| {} |", line.replace('|', "\\|").replace('\t', " | "));
        }
        page
    }
}

fn shards_file() -> PathBuf {
    root().join("docs/fuzz/shards.tsv")
}

fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(target: &str, inputs: u64, seconds: u64) -> Shard {
        Shard { target: target.into(), inputs, seconds, findings: 0, commit: "c".into(), date: "d".into() }
    }

    #[test]
    fn shards_are_written_and_read_again_and_add_up() {
        let text = format!(
            "{HEADINGS}\n{}\n{}\n",
            shard("jws", 9_000_000, 10).line(),
            shard("jws", 999_999, 10).line()
        );
        let mut shards = Shards::parse(&text).unwrap();
        assert!(!shards.is_done("jws", GOAL_INPUTS) && shards.inputs("jws") == 9_999_999);
        assert_eq!((shards.pace("jws"), shards.pace("jwe")), (499_999, u64::MAX));
        shards.0.push(shard("jws", 1, 0));
        shards.0.push(shard("jwe", 1, GOAL_SECONDS));
        assert!(shards.is_done("jws", GOAL_INPUTS) && shards.is_done("jwe", GOAL_INPUTS));
        let page = shards.page("target\twhat\ttest\njws\ta | b\t`t`\n");
        assert!(
            page.contains("| 10,000,000 | 20 | 0 | reached | c |")
                && page.contains("| jws | a \\| b | `t` |")
        );
        assert!(Shards::parse("h\njws\tx\n").is_err());
    }
}
