//! `cargo xtask rules`: one table of every rule, its clause and the tests that name it.
//!
//! The rules of the protocols have their ids in `docs/rules/*.md`, one table a family: `| id | rule | clause |`. A test
//! names the rules it stands for in a comment right above it, `// rule: SJ-7, SJ-8`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::shell::{Failure, root, say};

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
    let table = write_table(&rules, &tests);
    let file = root().join("docs/rules.md");
    let named = rules.keys().filter(|id| tests.contains_key(*id)).count();
    say(&format!("rules: {named} of {} have a test that names them", rules.len()));
    match mode {
        Mode::Write => std::fs::write(&file, table).map_err(|error| at(&file, &error)),
        Mode::Check if std::fs::read_to_string(&file).is_ok_and(|known| known == table) => Ok(()),
        Mode::Check => Err(Failure::new("docs/rules.md is not what the tests say; run `cargo xtask rules`")),
    }
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

fn write_table(rules: &BTreeMap<RuleId, Rule>, tests: &BTreeMap<RuleId, Vec<String>>) -> String {
    let named = rules.keys().filter(|id| tests.contains_key(*id)).count();
    let mut table = String::from(
        "# Rules and their tests\n\nWritten by `cargo xtask rules` from `docs/rules/*.md` and from the tests that name a rule; do not edit.\n",
    );
    let _ = writeln!(table, "{named} of {} rules have a test that names them.\n", rules.len());
    table.push_str("| rule | clause | what | tests |\n|---|---|---|---|\n");
    for (id, rule) in rules {
        let places = tests.get(id).map_or_else(|| "—".to_owned(), |places| shortened(places));
        let _ = writeln!(table, "| {id} | {} | {} | {places} |", rule.clause, rule.text);
    }
    table
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
struct RuleId {
    family: String,
    letter: String,
    number: u32,
}

impl RuleId {
    fn parse(text: &str) -> Option<Self> {
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
