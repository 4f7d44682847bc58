//! The README's table of what is not there, as far as it names rules.
//!
//! A rule without a test stands in one row of that table, by its id or inside a range ("CI-17", "VP-A1 to VP-A4"): what is
//! not supported is said where a newcomer reads it, and nowhere else.

use std::collections::BTreeSet;

use crate::rules::RuleId;

/// The heading of the section that holds the table.
const HEADING: &str = "## Limits";

/// The rules that rows of the README's limits table name.
pub(crate) fn named(readme: &str) -> BTreeSet<RuleId> {
    let section = readme.lines().skip_while(|line| line.trim() != HEADING).skip(1);
    let rows = section.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|'));
    rows.flat_map(of_row).collect()
}

/// The ids of one row. "A to B" names what lies between, within one family and letter.
fn of_row(row: &str) -> BTreeSet<RuleId> {
    let is_around = |character: char| !character.is_ascii_alphanumeric();
    let words: Vec<&str> = row.split_whitespace().map(|word| word.trim_matches(is_around)).collect();
    let mut ids: BTreeSet<RuleId> = words.iter().filter_map(|word| RuleId::parse(word)).collect();
    for range in words.windows(3) {
        let [first, "to", last] = range else { continue };
        if let (Some(first), Some(last)) = (RuleId::parse(first), RuleId::parse(last)) {
            ids.extend(first.up_to(&last));
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranges_of_the_limits_table_are_found_and_no_others() {
        let readme = "# A\n| VP-R1 | elsewhere |\n## Limits\nText that names VP-R2.\n\n| not there | instead |\n|---|---|\n\
                      | a (CI-17, CI-19, HA-4), b (VP-A1 to VP-A3) | c |\n| W3C (VP-H5) | d |\n## Next\n| VP-R3 | e |\n";
        let found: Vec<String> = named(readme).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["CI-17", "CI-19", "HA-4", "VP-A1", "VP-A2", "VP-A3", "VP-H5"]);
    }

    #[test]
    fn a_range_across_families_names_its_ends_alone() {
        let readme = "## Limits\n| VP-A1 to VP-C3 | x |\n";
        assert_eq!(named(readme).len(), 2);
    }
}
