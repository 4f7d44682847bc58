//! Every test vector is read by a test: `docs/vectors.md` says which, and its tests are among those that must pass.

use std::collections::BTreeSet;

use crate::shell::{Failure, root};

/// A row of `docs/vectors.md`: files, and the test that reads them, if they are data at all.
pub(crate) struct Row {
    /// Paths below the vectors' folder; `*` stands for any text.
    #[cfg_attr(not(test), expect(dead_code, reason = "the audit of the files is a test"))]
    pub(crate) files: Vec<String>,
    /// `crate::function`.
    pub(crate) test: Option<String>,
}

/// The rows of the table.
///
/// # Errors
/// The table cannot be read.
pub(crate) fn rows() -> Result<Vec<Row>, Failure> {
    let file = root().join("docs/vectors.md");
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    Ok(read(&text))
}

fn read(text: &str) -> Vec<Row> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|line| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        let quoted =
            |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let (files, test) = (quoted(cells.next()?), quoted(cells.next()?));
        Some(Row { files, test: test.into_iter().next() })
    })
    .collect()
}

/// The tests that the table names, as `crate::function`.
///
/// # Errors
/// The table cannot be read.
pub(crate) fn tests() -> Result<BTreeSet<String>, Failure> {
    Ok(rows()?.into_iter().filter_map(|row| row.test).collect())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// Whether a path is meant by a pattern.
    fn fits(pattern: &str, path: &str) -> bool {
        let mut parts = pattern.split('*');
        let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
        for part in between {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }

    fn folder() -> PathBuf {
        std::env::var_os("CITIZEN_WALLET_VECTORS")
            .map_or_else(|| root().join("../shared/vectors"), PathBuf::from)
    }

    fn paths(folder: &Path, below: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                paths(folder, &path, found);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_vector_stands_in_the_table_and_every_row_has_one() {
        let folder = folder();
        if !folder.is_dir() {
            println!("left out: all vectors (absent)");
            return;
        }
        let mut found = Vec::new();
        paths(&folder, &folder, &mut found);
        assert!(!found.is_empty());
        let rows = rows().unwrap();
        let patterns: Vec<&String> = rows.iter().flat_map(|row| &row.files).collect();
        let unread: Vec<&String> =
            found.iter().filter(|path| !patterns.iter().any(|pattern| fits(pattern, path))).collect();
        assert!(unread.is_empty(), "no test reads {unread:?}");
        let empty: Vec<&&String> =
            patterns.iter().filter(|pattern| !found.iter().any(|path| fits(pattern, path))).collect();
        assert!(empty.is_empty(), "nothing is meant by {empty:?}");
    }

    #[test]
    fn every_test_of_the_table_exists_where_it_says() {
        let named = tests().unwrap();
        assert!(named.len() > 30, "{}", named.len());
        for place in named {
            let (package, name) = place.split_once("::").unwrap();
            let mut files = Vec::new();
            let base = root().join("crates").join(package);
            paths(&base, &base, &mut files);
            let function = format!("fn {name}(");
            let holds = |file: &String| {
                file.ends_with(".rs")
                    && std::fs::read_to_string(base.join(file)).is_ok_and(|text| text.contains(&function))
            };
            assert!(files.iter().any(holds), "{place}");
        }
    }

    #[test]
    fn patterns_are_read_and_matched() {
        let table =
            "| files | test |\n|---|---|\n| `a/*`, `b.json` | `one::two` | why |\n| `c` | — | text |\n";
        let rows = read(table);
        assert_eq!(rows[0].files, ["a/*", "b.json"]);
        assert_eq!(rows[0].test.as_deref(), Some("one::two"));
        assert_eq!(rows[1].test, None);
        for (pattern, path, expected) in [
            ("a/b.json", "a/b.json", true),
            ("a/b.json", "a/b.json2", false),
            ("a/*", "a/b/c.json", true),
            ("a/*.yml", "a/b.json", false),
            ("a/*-x-*.json", "a/in-x-1.json", true),
            ("a/*-x-*.json", "a/in-y-1.json", false),
            ("*", "anything", true),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
