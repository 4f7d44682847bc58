//! What was decided about each mutant of a crate: one line each, in `docs/mutants/CRATE.tsv`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::shell::{Failure, root};

/// How a mutant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Not judged yet, or its function has changed since.
    Open,
    /// A test failed.
    Caught,
    /// Every test passed.
    Missed,
    /// The tests did not end: it was noticed, but by the clock.
    Timeout,
    /// It does not compile.
    Unviable,
}

impl Outcome {
    pub(super) const ALL: [Self; 5] = [Self::Caught, Self::Timeout, Self::Unviable, Self::Missed, Self::Open];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Caught => "caught",
            Self::Missed => "missed",
            Self::Timeout => "timeout",
            Self::Unviable => "unviable",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// One mutant as it stands in the newest commit.
pub(super) struct Mutant {
    /// The tool's own name for it, with line and column.
    pub(super) name: String,
    /// Below the crate's `src`.
    pub(super) file: String,
    /// The tool's description, numbered where one function has several of the same.
    pub(super) mutation: String,
    /// Of the text of its function.
    pub(super) fingerprint: String,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) outcome: Outcome,
    pub(super) file: String,
    pub(super) mutation: String,
    pub(super) fingerprint: String,
    /// Which commit was judged; `-` where none was.
    pub(super) commit: String,
}

impl Record {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split('\t').collect();
        let [outcome, file, mutation, fingerprint, commit] = cells.as_slice() else { return None };
        Some(Self {
            outcome: Outcome::of(outcome)?,
            file: (*file).to_owned(),
            mutation: (*mutation).to_owned(),
            fingerprint: (*fingerprint).to_owned(),
            commit: (*commit).to_owned(),
        })
    }
}

/// A crate's table.
pub(super) struct Records {
    crate_name: String,
    records: Vec<Record>,
    names: Vec<String>,
}

const HEADING: &str = "outcome\tfile\tmutation\tfunction\tcommit";

impl Records {
    /// The table as it stands, empty where there is none.
    pub(super) fn read(crate_name: &str) -> Result<Self, Failure> {
        let file = file_of(crate_name);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::new(format!("{}: {error}", file.display()))),
        };
        let records = text
            .lines()
            .filter(|line| *line != HEADING)
            .map(|line| {
                Record::parse(line)
                    .ok_or_else(|| Failure::new(format!("{}: not a record: {line}", file.display())))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { crate_name: crate_name.to_owned(), records, names: Vec::new() })
    }

    /// Takes over the mutants that there are now: what is known of an unchanged function stays, the rest is open.
    pub(super) fn follow(&mut self, mutants: Vec<Mutant>) {
        let known: BTreeMap<(String, String), Record> = std::mem::take(&mut self.records)
            .into_iter()
            .map(|record| ((record.file.clone(), record.mutation.clone()), record))
            .collect();
        self.names.clear();
        for mutant in mutants {
            let record = known
                .get(&(mutant.file.clone(), mutant.mutation.clone()))
                .filter(|record| record.fingerprint == mutant.fingerprint)
                .cloned()
                .unwrap_or(Record {
                    outcome: Outcome::Open,
                    file: mutant.file,
                    mutation: mutant.mutation,
                    fingerprint: mutant.fingerprint,
                    commit: "-".to_owned(),
                });
            self.records.push(record);
            self.names.push(mutant.name);
        }
    }

    pub(super) fn write(&self) -> Result<(), Failure> {
        let mut text = format!("{HEADING}\n");
        for record in &self.records {
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}",
                record.outcome.word(),
                record.file,
                record.mutation,
                record.fingerprint,
                record.commit
            );
        }
        let file = file_of(&self.crate_name);
        std::fs::write(&file, text).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
    }

    pub(super) fn decide(&mut self, name: &str, outcome: Outcome, commit: &str) {
        let index = self.names.iter().position(|known| known == name);
        if let Some(record) = index.and_then(|index| self.records.get_mut(index)) {
            record.outcome = outcome;
            commit.clone_into(&mut record.commit);
        }
    }

    pub(super) fn crate_name(&self) -> &str {
        &self.crate_name
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    /// The tool's name of a mutant that stands in the newest commit.
    pub(super) fn name(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(String::as_str)
    }

    pub(super) fn count(&self, outcome: Outcome) -> usize {
        self.records.iter().filter(|record| record.outcome == outcome).count()
    }

    /// `12 caught, 3 missed`, of all that there are.
    pub(super) fn counts(&self) -> String {
        Outcome::ALL
            .into_iter()
            .map(|outcome| format!("{} {}", self.count(outcome), outcome.word()))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn file_of(crate_name: &str) -> PathBuf {
    root().join("docs/mutants").join(format!("{crate_name}.tsv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(mutation: &str, fingerprint: &str) -> Mutant {
        Mutant {
            name: format!("crates/x/src/a.rs:1:1: {mutation}"),
            file: "a.rs".to_owned(),
            mutation: mutation.to_owned(),
            fingerprint: fingerprint.to_owned(),
        }
    }

    #[test]
    fn what_is_known_stays_while_the_function_does() {
        let mut records = Records { crate_name: "x".to_owned(), records: Vec::new(), names: Vec::new() };
        records.follow(vec![mutant("one", "f1"), mutant("two", "f2"), mutant("three", "f3")]);
        for name in ["one", "two", "three"] {
            records.decide(&format!("crates/x/src/a.rs:1:1: {name}"), Outcome::Caught, "c0ffee");
        }
        records.follow(vec![mutant("one", "f1"), mutant("two", "changed"), mutant("four", "f4")]);
        let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, [Outcome::Caught, Outcome::Open, Outcome::Open]);
        assert_eq!(records.count(Outcome::Open), 2);
    }

    #[test]
    fn a_line_that_is_no_record_is_none() {
        assert!(Record::parse("caught\ta.rs\tdelete ! in x\tf1\tc0ffee").is_some());
        assert!(Record::parse("perhaps\ta.rs\tdelete ! in x\tf1\tc0ffee").is_none());
        assert!(Record::parse("caught\ta.rs").is_none());
    }
}
