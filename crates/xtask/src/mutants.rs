//! `cargo xtask mutants`: cargo-mutants over the code that verifies, a piece at a time.
//!
//! A mutant is a small change of one function: an operator turned, a condition removed, a result made up. One that every
//! test passes has survived: a step nobody would miss. What was decided stands in `docs/mutants/CRATE.tsv` and is not
//! asked again while the function is the same; why a survivor is harmless stands in `docs/mutants/explained.tsv`, by hand;
//! `docs/mutants.md` is written from both. What is judged is the newest commit, in a copy of its own.

mod judge;
mod record;
mod report;

use std::time::{Duration, Instant};

use crate::shell::{Failure, say};
use judge::Judge;
use record::{Outcome, Records};

/// The crates that verify, lowest first. Of `verifier` only the offline desk: the rest is named in `.cargo/mutants.toml`.
const CRATES: [&str; 8] =
    ["crypto", "trust", "sd-jwt-vc", "mdoc", "openid4vp", "openid4vci", "offline-qr", "verifier"];
/// Mutants for each call of the tool: few enough that little is lost when it is stopped.
const BATCH: usize = 48;
/// Words in a mutant's description that put it before the others.
const FIRST: [&str; 18] = [
    "verify",
    "check",
    "valid",
    "judge",
    "parse",
    "receive",
    "open",
    "refuse",
    "decode",
    "from_",
    "process",
    "redeem",
    "authenticate",
    "unpack",
    "inflate",
    "feed",
    "outcome",
    "of(",
];

/// What was asked for on the command line.
struct Wish {
    crates: Vec<&'static str>,
    shard: Shard,
    limit: Option<Duration>,
    matching: Option<String>,
    /// Only what [`FIRST`] puts before the others.
    first: bool,
}

/// One of several parts of the work, so that several computers can share it.
#[derive(Clone, Copy)]
struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    const WHOLE: Self = Self { number: 1, of: 1 };

    fn parse(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('/')?;
        let shard = Self { number: number.parse().ok()?, of: of.parse().ok()? };
        (shard.number >= 1 && shard.number <= shard.of).then_some(shard)
    }

    const fn has(self, index: usize) -> bool {
        index % self.of == self.number - 1
    }
}

impl Wish {
    fn parse(words: &[&str]) -> Option<Self> {
        let mut wish =
            Self { crates: Vec::new(), shard: Shard::WHOLE, limit: None, matching: None, first: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--shard" => wish.shard = Shard::parse(words.next()?)?,
                "--seconds" => wish.limit = Some(Duration::from_secs(words.next()?.parse().ok()?)),
                "--matching" => wish.matching = Some((*words.next()?).to_owned()),
                "--first" => wish.first = true,
                name => wish.crates.push(CRATES.iter().find(|known| **known == name)?),
            }
        }
        if wish.crates.is_empty() {
            wish.crates = CRATES.to_vec();
        }
        Some(wish)
    }

    fn takes(&self, index: usize, mutation: &str) -> bool {
        self.shard.has(index) && self.matching.as_ref().is_none_or(|part| mutation.contains(part.as_str()))
    }
}

/// Judges what is not decided, until the time is over; writes what it found as it goes; fails where a survivor has no
/// explanation.
pub(crate) fn mutants(words: &[&str]) -> Result<(), Failure> {
    if words == ["--report"] {
        return report::write(&CRATES);
    }
    let wish = Wish::parse(words).ok_or_else(|| {
        Failure::new(
            "usage: cargo xtask mutants [CRATE]... [--shard K/N] [--seconds N] [--first] [--matching TEXT] | --report",
        )
    })?;
    let end = wish.limit.map(|limit| Instant::now() + limit);
    let judge = Judge::prepare()?;
    for name in &wish.crates {
        let mut records = Records::read(name)?;
        records.follow(judge.list(name)?);
        records.write()?;
        judge_crate(&judge, &mut records, &wish, end)?;
    }
    report::write(&CRATES)
}

fn judge_crate(
    judge: &Judge,
    records: &mut Records,
    wish: &Wish,
    end: Option<Instant>,
) -> Result<(), Failure> {
    let explained = report::Explanations::read()?;
    let crate_name = records.crate_name().to_owned();
    let mut waiting: Vec<(u8, usize)> = records
        .iter()
        .enumerate()
        .filter(|(index, record)| wish.takes(*index, &record.mutation))
        .filter_map(|(index, record)| {
            let before = FIRST.iter().any(|word| record.mutation.contains(word));
            match record.outcome {
                Outcome::Open if wish.first && !before => None,
                Outcome::Open => Some((u8::from(!before), index)),
                // A test may have come since.
                Outcome::Missed if !explained.has(&crate_name, record) => Some((2, index)),
                _ => None,
            }
        })
        .collect();
    waiting.sort_unstable();
    let mut left = waiting.len();
    let is_over = || end.is_some_and(|end| Instant::now() >= end);
    if left == 0 || is_over() {
        say(&format!("{crate_name}: {left} to judge"));
        return Ok(());
    }
    let baseline = judge.baseline(&crate_name)?;
    for batch in waiting.chunks(BATCH) {
        if is_over() {
            break;
        }
        let names: Vec<String> =
            batch.iter().filter_map(|(_, index)| records.name(*index)).map(ToOwned::to_owned).collect();
        for (name, outcome) in judge.judge(&crate_name, &names, &baseline)? {
            records.decide(&name, outcome, judge.commit());
        }
        records.write()?;
        left -= batch.len();
        say(&format!("{crate_name}: {left} to judge; {}", records.counts()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_part_the_work() {
        let shards = ["1/3", "2/3", "3/3"].map(|text| Shard::parse(text).unwrap());
        assert!((0..30).all(|index| shards.iter().filter(|shard| shard.has(index)).count() == 1));
        assert!(["0/3", "4/3", "1", "1/0", "a/b"].iter().all(|text| Shard::parse(text).is_none()));
    }

    #[test]
    fn an_unknown_crate_or_word_is_refused() {
        assert!(Wish::parse(&["trust", "--seconds", "60", "--shard", "2/4"]).is_some());
        assert_eq!(Wish::parse(&[]).unwrap().crates, CRATES);
        for words in [&["wallet"][..], &["--seconds"], &["--seconds", "x"], &["--shard", "5/4"]] {
            assert!(Wish::parse(words).is_none(), "{words:?}");
        }
    }
}
