//! `cargo xtask rules`: one table of every rule, its clause and the tests that name it.
//!
//! The rules of the protocols have their ids in `docs/rules/*.md`, one table a family: `| id | rule | clause |`. A test
//! names the rules it stands for in a comment right above it, `// rule: SJ-7, SJ-8`. A rule that no test names stands in
//! the README's limits table, or the task fails. `cargo xtask test` then asks that every test named here ran and passed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::shell::{Failure, root, say};
use crate::{limits, vectors};

/// What to do with the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write it.
    Write,
    /// Fail where it differs, or where a test names a rule that no table has.
    Check,
}

struct Rule {
    text: String,
    clause: String,
}

pub(crate) fn rules(mode: Mode) -> Result<(), Failure> {
    let rules = read_tables()?;
    let tests = read_tests()?;
    if let Some((id, places)) = tests.iter().find(|(id, _)| !rules.contains_key(*id)) {
        let place = places.first().map_or("", String::as_str);
        return Err(Failure::new(format!("{place} names {id}, which no table in docs/rules has")));
    }
    let limits = read_limits()?;
    if let Some(id) = limits.iter().find(|id| !rules.contains_key(*id)) {
        return Err(Failure::new(format!("the README's limits name {id}, which no table in docs/rules has")));
    }
    let open = without_either(&rules, &tests, &limits);
    if !open.is_empty() {
        return Err(Failure::new(format!(
            "neither a test nor a row of the README's limits names {}",
            open.join(", ")
        )));
    }
    let table = write_table(&rules, &tests, &limits);
    let file = root().join("docs/rules.md");
    let named = rules.keys().filter(|id| tests.contains_key(*id)).count();
    say(&format!(
        "rules: {named} of {} have a test that names them, {} stand in the README's limits alone",
        rules.len(),
        rules.len() - named
    ));
    match mode {
        Mode::Write => std::fs::write(&file, table).map_err(|error| at(&file, &error)),
        Mode::Check if std::fs::read_to_string(&file).is_ok_and(|known| known == table) => Ok(()),
        Mode::Check => Err(Failure::new("docs/rules.md is not what the tests say; run `cargo xtask rules`")),
    }
}

/// The tests that rules or vectors rest on, as `crate::function`, which are not among the functions that ran and passed. With
/// `window` the window's own are looked for too.
///
/// # Errors
/// A table, the README or a test that cannot be read.
pub(crate) fn not_passed(passed: &BTreeSet<String>, window: bool) -> Result<Vec<String>, Failure> {
    let mut named: BTreeSet<String> = read_tests()?.into_values().flatten().collect();
    named.extend(vectors::tests()?);
    let passes = |place: &str| {
        let of_window = WINDOW_FOLDERS.iter().any(|folder| place.starts_with(folder));
        (of_window && !window) || place.rsplit("::").next().is_some_and(|name| passed.contains(name))
    };
    Ok(named.into_iter().filter(|place| !passes(place)).collect())
}

/// Where the tests of the window's package stand, which need a display.
const WINDOW_FOLDERS: [&str; 2] = ["src-tauri::", "tests::"];

fn read_limits() -> Result<BTreeSet<RuleId>, Failure> {
    let file = root().join("README.md");
    let text = std::fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
    Ok(limits::named(&text))
}

/// The rules that have neither a test nor a row in the limits.
fn without_either(
    rules: &BTreeMap<RuleId, Rule>,
    tests: &BTreeMap<RuleId, Vec<String>>,
    limits: &BTreeSet<RuleId>,
) -> Vec<String> {
    let open = rules.keys().filter(|id| !tests.contains_key(*id) && !limits.contains(*id));
    open.map(ToString::to_string).collect()
}

fn at(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

fn read_tables() -> Result<BTreeMap<RuleId, Rule>, Failure> {
    let mut rules = BTreeMap::new();
    for file in files(&root().join("docs/rules"), "md")? {
        let text = std::fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
        for line in text.lines() {
            let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
            let [id, rule, clause, ..] = cells.as_slice() else { continue };
            let Some(id) = RuleId::parse(id) else { continue };
            let known =
                rules.insert(id.clone(), Rule { text: (*rule).to_owned(), clause: (*clause).to_owned() });
            if known.is_some() {
                return Err(Failure::new(format!("{id} stands twice in docs/rules")));
            }
        }
    }
    Ok(rules)
}

fn read_tests() -> Result<BTreeMap<RuleId, Vec<String>>, Failure> {
    let mut tests: BTreeMap<RuleId, Vec<String>> = BTreeMap::new();
    let mut places = files(&root().join("crates"), "rs")?;
    for folder in ["tests", "src-tauri"] {
        let folder = root().join(folder);
        if folder.is_dir() {
            places.extend(files(&folder, "rs")?);
        }
    }
    for file in places.iter().filter(|file| !file.starts_with(root().join("crates/xtask"))) {
        let text = std::fs::read_to_string(file).map_err(|error| at(file, &error))?;
        let mut waiting: Vec<RuleId> = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(list) = line.strip_prefix("// rule: ") {
                waiting.extend(list.split([',', ' ']).filter_map(|word| RuleId::parse(word.trim())));
            } else if let Some(name) = function_name(line) {
                let place = format!("{}::{name}", package_of(file));
                for id in waiting.drain(..) {
                    let places = tests.entry(id).or_default();
                    if !places.contains(&place) {
                        places.push(place.clone());
                    }
                }
            }
        }
    }
    Ok(tests)
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// The crate a file belongs to, as a newcomer looks for it.
fn package_of(file: &Path) -> String {
    let relative = file.strip_prefix(root()).unwrap_or(file);
    let mut parts = relative.iter().map(|part| part.to_string_lossy().into_owned());
    match (parts.next().as_deref(), parts.next()) {
        (Some("crates"), Some(name)) => name,
        (Some(first), _) => first.to_owned(),
        (None, _) => String::new(),
    }
}

fn write_table(
    rules: &BTreeMap<RuleId, Rule>,
    tests: &BTreeMap<RuleId, Vec<String>>,
    limits: &BTreeSet<RuleId>,
) -> String {
    let named = rules.keys().filter(|id| tests.contains_key(*id)).count();
    let mut table = String::from(
        "# Rules and their tests\n\nWritten by `cargo xtask rules` from `docs/rules/*.md`, from the tests that name a rule and \
         from the README's limits; do not edit.\n\
         \"passes\": every test named here ran and passed, or `cargo xtask test` fails; \"in part\": a row of the README's limits \
         says what of it is not there.\n",
    );
    let _ = writeln!(table, "{named} of {} rules have a test that names them.\n", rules.len());
    table.push_str("| rule | clause | what | tests | result |\n|---|---|---|---|---|\n");
    for (id, rule) in rules {
        let places = tests.get(id).map_or_else(|| "—".to_owned(), |places| shortened(places));
        let result = result_of(tests.contains_key(id), limits.contains(id));
        let _ = writeln!(table, "| {id} | {} | {} | {places} | {result} |", rule.clause, rule.text);
    }
    table
}

fn result_of(has_test: bool, is_limit: bool) -> &'static str {
    match (has_test, is_limit) {
        (true, false) => "passes",
        (true, true) => "passes, in part: README, Limits",
        (false, _) => "not supported: README, Limits",
    }
}

fn shortened(places: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut text =
        places.iter().take(SHOWN).map(|place| format!("`{place}`")).collect::<Vec<_>>().join("<br>");
    if places.len() > SHOWN {
        let _ = write!(text, "<br>and {} more", places.len() - SHOWN);
    }
    text
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| at(&folder, &error))? {
            let path = entry.map_err(|error| at(&folder, &error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `VP-C4`, `SJ-12`: a family of two letters, an optional letter, a number. Ordered as a person reads them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuleId {
    family: String,
    letter: String,
    number: u32,
}

impl RuleId {
    /// The rules from this one to another of the same family and letter; none otherwise.
    pub(crate) fn up_to(&self, last: &Self) -> Vec<Self> {
        if self.family != last.family || self.letter != last.letter {
            return Vec::new();
        }
        (self.number..=last.number).map(|number| Self { number, ..self.clone() }).collect()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (family, rest) = text.split_once('-')?;
        let digits = rest.trim_start_matches(|character: char| character.is_ascii_uppercase());
        let letter = rest.strip_suffix(digits)?;
        let well_formed = family.len() == 2
            && family.chars().all(|character| character.is_ascii_uppercase())
            && letter.len() <= 1
            && !digits.is_empty()
            && digits.chars().all(|character| character.is_ascii_digit());
        well_formed.then(|| digits.parse().ok()).flatten().map(|number| Self {
            family: family.to_owned(),
            letter: letter.to_owned(),
            number,
        })
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}{}", self.family, self.letter, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_a_test_needs_a_row_in_the_limits() {
        let id = |text: &str| RuleId::parse(text).unwrap();
        let rule = || Rule { text: "what".to_owned(), clause: "1".to_owned() };
        let rules = BTreeMap::from([(id("VP-A1"), rule()), (id("VP-A2"), rule()), (id("VP-A3"), rule())]);
        let tests = BTreeMap::from([(id("VP-A1"), vec!["dcql::one".to_owned()])]);
        let limits = BTreeSet::from([id("VP-A2")]);
        assert_eq!(without_either(&rules, &tests, &limits), ["VP-A3"]);
        let table = write_table(&rules, &tests, &limits);
        assert!(table.contains("| VP-A1 | 1 | what | `dcql::one` | passes |"), "{table}");
        assert!(table.contains("| VP-A2 | 1 | what | — | not supported: README, Limits |"), "{table}");
    }

    #[test]
    fn ids_are_read_and_ordered_as_people_do() {
        let mut ids: Vec<_> = ["VP-R10", "VP-C4", "VP-R2", "SJ-12", "SJ-3"]
            .iter()
            .map(|text| RuleId::parse(text).unwrap())
            .collect();
        ids.sort();
        assert_eq!(
            ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["SJ-3", "SJ-12", "VP-C4", "VP-R2", "VP-R10"]
        );
        assert!(
            ["id", "---", "VP", "VPX-1", "VP-", "vp-1", "VP-RR1"]
                .iter()
                .all(|text| RuleId::parse(text).is_none())
        );
    }
}
