//! `cargo xtask bench`: runs the benchmarks several times over and writes `docs/benchmarks.md`: our work beside the bare
//! cryptography it cannot avoid, as a ratio, with the spread over the runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::shell::{Failure, command, root, run};

/// How often everything is measured: a ratio is the median of so many, each of one run.
const RUNS: usize = 5;
/// What our own work is called in every group.
const OURS: &str = "ours";
/// What the bare work's name begins with.
const BARE: &str = "bare: ";
const TABLE: &str = "docs/benchmarks.md";
const BEGIN: &str = "<!-- written by cargo xtask bench: begin -->";
const END: &str = "<!-- written by cargo xtask bench: end -->";
/// What needs no clock: frames against loss and characters by format, as the benchmark `offline_qr` leaves them beside the results.
const OFFLINE: &str = "offline-qr.md";
const OFFLINE_BEGIN: &str = "<!-- written by cargo xtask bench, offline QR: begin -->";
const OFFLINE_END: &str = "<!-- written by cargo xtask bench, offline QR: end -->";

/// What is told as so many a second: the groups that say of themselves, by criterion's throughput, that they do one thing.
const RATES_BEGIN: &str = "<!-- written by cargo xtask bench, rates: begin -->";
const RATES_END: &str = "<!-- written by cargo xtask bench, rates: end -->";

/// What one group gave in the runs so far.
#[derive(Default)]
struct Measured {
    /// What the bare work is; some have none.
    bare: Option<String>,
    /// Whether it is told as so many a second.
    is_rate: bool,
    /// Nanoseconds of ours and of the bare work, where there is any, in each run.
    runs: Vec<(f64, Option<f64>)>,
}

/// What one group gave in one run.
struct Group {
    name: String,
    is_rate: bool,
    ours: f64,
    bare: Option<(String, f64)>,
}

pub(crate) fn bench(arguments: &[&str]) -> Result<(), Failure> {
    let runs = match arguments {
        [] => RUNS,
        [runs] => runs.parse().ok().filter(|runs| *runs > 0).ok_or_else(|| Failure::new("how many runs?"))?,
        _ => return Err(Failure::new("usage: cargo xtask bench [RUNS]")),
    };
    let folder = results();
    let mut groups: BTreeMap<String, Measured> = BTreeMap::new();
    for _ in 0..runs {
        // What an older run left would count as this one's.
        let _ = fs::remove_dir_all(&folder);
        run(command(
            "cargo",
            &[
                "bench",
                "--quiet",
                "--package",
                "benchmarks",
                "--",
                "--warm-up-time",
                "0.5",
                "--measurement-time",
                "2",
                "--sample-size",
                "20",
                "--noplot",
            ],
        ))?;
        for group in measured(&folder)? {
            let measured = groups.entry(group.name).or_default();
            measured.is_rate = group.is_rate;
            measured.runs.push((group.ours, group.bare.as_ref().map(|(_, time)| *time)));
            measured.bare = group.bare.map(|(name, _)| name);
        }
    }
    let path = root().join(TABLE);
    let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{TABLE}: {error}")))?;
    let offline = fs::read_to_string(folder.join(OFFLINE))
        .map_err(|error| Failure::new(format!("{OFFLINE} was not left: {error}")))?;
    let offline = format!("{OFFLINE_BEGIN}\n{}\n{OFFLINE_END}", offline.trim_end());
    let written = between(&text, &table(&groups), [BEGIN, END])
        .and_then(|text| between(&text, &offline, [OFFLINE_BEGIN, OFFLINE_END]))
        .and_then(|text| between(&text, &rates(&groups), [RATES_BEGIN, RATES_END]))
        .ok_or_else(|| Failure::new(format!("{TABLE} lacks a marked block")))?;
    fs::write(&path, written).map_err(|error| Failure::new(format!("{TABLE}: {error}")))
}

fn results() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("criterion")
}

/// Every group that measured our work, with the medians in nanoseconds.
fn measured(folder: &Path) -> Result<Vec<Group>, Failure> {
    let mut found: BTreeMap<String, (bool, Vec<(String, f64)>)> = BTreeMap::new();
    for group in entries(folder)? {
        for function in entries(&group)? {
            let new = function.join("new");
            let (Some(name), Some(estimates)) =
                (json(&new.join("benchmark.json")), json(&new.join("estimates.json")))
            else {
                continue;
            };
            let text = |member: &str| name.get(member).and_then(Value::as_str).map(str::to_owned);
            let median = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
            if let (Some(group), Some(function), Some(median)) =
                (text("group_id"), text("function_id"), median)
            {
                let (is_rate, functions) = found.entry(group).or_default();
                *is_rate |= name.get("throughput").is_some_and(|throughput| !throughput.is_null());
                functions.push((function, median));
            }
        }
    }
    let of = |(name, (is_rate, functions)): (String, (bool, Vec<(String, f64)>))| {
        let ours = functions.iter().find(|(name, _)| name == OURS)?.1;
        let bare =
            functions.iter().find_map(|(name, median)| Some((name.strip_prefix(BARE)?.to_owned(), *median)));
        Some(Group { name, is_rate, ours, bare })
    };
    Ok(found.into_iter().filter_map(of).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read =
        fs::read_dir(folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    Ok(read.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn table(groups: &BTreeMap<String, Measured>) -> String {
    let runs = groups.values().map(|measured| measured.runs.len()).max().unwrap_or_default();
    let mut text = format!(
        "{BEGIN}\n| what | beside | times the bare work | lowest and highest of {runs} runs | ours, the fastest run |\n|---|---|---|---|---|\n"
    );
    for (group, measured) in groups {
        let ratios = measured.runs.iter().filter_map(|(ours, bare)| Some(ours / (*bare)?)).collect();
        let (Some([lowest, median, highest]), Some(bare)) = (spread(ratios), &measured.bare) else {
            continue;
        };
        let fastest = measured.runs.iter().map(|(ours, _)| *ours).fold(f64::INFINITY, f64::min);
        let _ = writeln!(
            text,
            "| {group} | {bare} | **{median:.2}** | {lowest:.2} to {highest:.2} | {} |",
            time(fastest)
        );
    }
    text.push_str(END);
    text
}

fn rates(groups: &BTreeMap<String, Measured>) -> String {
    let mut text = format!("{RATES_BEGIN}\n| what | a second | lowest and highest |\n|---|---|---|\n");
    for (group, measured) in groups.iter().filter(|(_, measured)| measured.is_rate) {
        let a_second = measured.runs.iter().map(|(ours, _)| 1_000_000_000.0 / ours).collect();
        let Some([lowest, median, highest]) = spread(a_second) else { continue };
        let _ = writeln!(text, "| {group} | **{median:.0}** | {lowest:.0} to {highest:.0} |");
    }
    text.push_str(RATES_END);
    text
}

/// The lowest, the median and the highest.
fn spread(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    Some([*values.first()?, *values.get(values.len() / 2)?, *values.last()?])
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        few if few < 1_000.0 => format!("{few:.0} ns"),
        more if more < 1_000_000.0 => format!("{:.1} µs", more / 1_000.0),
        most => format!("{:.2} ms", most / 1_000_000.0),
    }
}

/// The text with the marked block replaced; `None` if it has none.
fn between(text: &str, block: &str, [begin, end]: [&str; 2]) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{block}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_the_ratios_stands_in_the_marked_block() {
        let runs = vec![(120.0, Some(100.0)), (300.0, Some(100.0)), (2_200.0, Some(2_000.0))];
        let presented = Measured { bare: Some("1 verification".to_owned()), is_rate: false, runs };
        let runs = vec![(2_000_000.0, None), (4_000_000.0, None), (5_000_000.0, None)];
        let seen = Measured { bare: None, is_rate: true, runs };
        let groups = [("a paper presented".to_owned(), presented), ("a picture".to_owned(), seen)].into();
        let block = table(&groups);
        assert!(
            block.contains("| a paper presented | 1 verification | **1.20** | 1.10 to 3.00 | 120 ns |"),
            "{block}"
        );
        assert!(!block.contains("a picture"), "{block}");
        let rates = rates(&groups);
        assert!(rates.contains("| a picture | **250** | 200 to 500 |"), "{rates}");
        assert!(!rates.contains("presented"), "{rates}");
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(between(&text, &block, [BEGIN, END]).unwrap(), format!("before\n{block}\nafter\n"));
        assert_eq!(between("nothing marked", &block, [BEGIN, END]), None);
        assert_eq!(between(&text, &block, [OFFLINE_BEGIN, OFFLINE_END]), None);
    }

    #[test]
    fn times_are_said_in_words_of_their_size() {
        assert_eq!([time(17.2), time(1_540.0), time(2_250_000.0)], ["17 ns", "1.5 µs", "2.25 ms"]);
    }
}
