//! `docs/mutants.md`: the counts, and each survivor with its explanation.

use std::fmt::Write as _;

use super::record::{Outcome, Record, Records};
use crate::shell::{Failure, root, say};

/// Why survivors are harmless, written by hand: crate, file, mutation (as the tables have it), reason.
pub(super) struct Explanations(Vec<Explanation>);

struct Explanation {
    crate_name: String,
    file: String,
    mutation: String,
    reason: String,
}

impl Explanations {
    pub(super) fn read() -> Result<Self, Failure> {
        let file = root().join("docs/mutants/explained.tsv");
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        Self::parse(&text)
            .map_err(|line| Failure::new(format!("{}: not an explanation: {line}", file.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut explanations = Vec::new();
        for line in text.lines().skip(1).filter(|line| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            match cells.as_slice() {
                [crate_name, file, mutation, reason] if !reason.is_empty() => {
                    explanations.push(Explanation {
                        crate_name: (*crate_name).to_owned(),
                        file: (*file).to_owned(),
                        mutation: (*mutation).to_owned(),
                        reason: (*reason).to_owned(),
                    });
                }
                _ => return Err(line.to_owned()),
            }
        }
        Ok(Self(explanations))
    }

    pub(super) fn has(&self, crate_name: &str, record: &Record) -> bool {
        self.of(crate_name, record).is_some()
    }

    fn of(&self, crate_name: &str, record: &Record) -> Option<&str> {
        self.0
            .iter()
            .find(|explanation| explanation.is_of(crate_name, record))
            .map(|found| found.reason.as_str())
    }
}

impl Explanation {
    fn is_of(&self, crate_name: &str, record: &Record) -> bool {
        self.crate_name == crate_name && self.file == record.file && self.mutation == record.mutation
    }
}

/// Writes the page; fails where a survivor has no explanation, or an explanation no survivor.
pub(super) fn write(crates: &[&str]) -> Result<(), Failure> {
    let tables = crates.iter().map(|name| Records::read(name)).collect::<Result<Vec<_>, _>>()?;
    let explanations = Explanations::read()?;
    let file = root().join("docs/mutants.md");
    std::fs::write(&file, page(&tables, &explanations))
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    let unexplained: Vec<String> = survivors(&tables)
        .filter(|(name, record)| !explanations.has(name, record))
        .map(|(name, record)| format!("  {name}: {}: {}", record.file, record.mutation))
        .collect();
    let idle: Vec<String> = explanations
        .0
        .iter()
        .filter(|explanation| {
            !tables.iter().any(|table| {
                table.iter().any(|record| {
                    // An open one may survive again.
                    matches!(record.outcome, Outcome::Missed | Outcome::Open)
                        && explanation.is_of(table.crate_name(), record)
                })
            })
        })
        .map(|explanation| {
            format!("  {}: {}: {}", explanation.crate_name, explanation.file, explanation.mutation)
        })
        .collect();
    for table in &tables {
        say(&format!("{}: {}", table.crate_name(), table.counts()));
    }
    if !unexplained.is_empty() {
        return Err(Failure::new(format!(
            "{} survivors without an explanation:\n{}",
            unexplained.len(),
            unexplained.join("\n")
        )));
    }
    if !idle.is_empty() {
        return Err(Failure::new(format!("explanations of what does not survive:\n{}", idle.join("\n"))));
    }
    Ok(())
}

fn survivors(tables: &[Records]) -> impl Iterator<Item = (&str, &Record)> {
    tables.iter().flat_map(|table| {
        table
            .iter()
            .filter(|record| record.outcome == Outcome::Missed)
            .map(|record| (table.crate_name(), record))
    })
}

fn page(tables: &[Records], explanations: &Explanations) -> String {
    let mut page = String::from(
        "# Mutants\n\nWritten by `cargo xtask mutants` from `docs/mutants/*.tsv`; do not edit.\n\n\
         A mutant is one small change of the code that verifies: an operator turned, a condition removed, a result made up. \
         It is *caught* when a test\nof the crate itself fails, also when the tests no longer end (*timeout*); *unviable* when it does not compile; \
         *missed* when every test passes; *open* when it is\nnot judged yet or its function has changed since. What is not changed, and why, stands in \
         `.cargo/mutants.toml`.\n\n\
         `cargo xtask mutants [CRATE]... [--first] [--shard K/N] [--seconds N]` goes on where the tables stand, on the newest commit, in a copy in the folder that\n\
         `CITIZEN_WALLET_SCRATCH` names or the system's folder for temporary files; `--first` takes what verifies, checks or parses and leaves the rest; it fails\n\
         while a survivor has no explanation in `docs/mutants/explained.tsv`.\n\n\
         | crate | mutants | caught | timeout | unviable | missed | of them explained | open |\n|---|---|---|---|---|---|---|---|\n",
    );
    for table in tables {
        let explained = table
            .iter()
            .filter(|record| {
                record.outcome == Outcome::Missed && explanations.has(table.crate_name(), record)
            })
            .count();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {explained} | {} |",
            table.crate_name(),
            table.iter().count(),
            table.count(Outcome::Caught),
            table.count(Outcome::Timeout),
            table.count(Outcome::Unviable),
            table.count(Outcome::Missed),
            table.count(Outcome::Open),
        );
    }
    page.push_str("\n## Survivors\n\n| crate | file | mutant | why it is harmless |\n|---|---|---|---|\n");
    for (name, record) in survivors(tables) {
        let reason = explanations.of(name, record).unwrap_or("**not explained**");
        let _ = writeln!(
            page,
            "| {name} | {} | `{}` | {reason} |",
            record.file,
            record.mutation.replace('|', "\\|")
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_needs_a_reason() {
        let heading = "crate\tfile\tmutation\treason\n";
        assert!(
            Explanations::parse(&format!("{heading}crypto\ta.rs\tdelete ! in x\tno reader asks\n")).is_ok()
        );
        assert!(Explanations::parse(&format!("{heading}crypto\ta.rs\tdelete ! in x\t\n")).is_err());
        assert!(Explanations::parse(&format!("{heading}crypto\ta.rs\n")).is_err());
    }
}
