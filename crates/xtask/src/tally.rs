//! Counting tests from what the test programs print.

use std::collections::BTreeSet;

/// What was counted so far.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// Tests that were skipped, and cases of foreign vectors that were left out.
    pub(crate) left_out: usize,
    /// The names of the Rust test functions that passed, without their modules.
    pub(crate) names: BTreeSet<String>,
}

impl Tally {
    /// Reads one line of a Rust test program or of the UI's test runner.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
            self.left_out += number_before(result, " ignored");
        } else if let Some(name) = passed_test(line) {
            self.names.insert(name.to_owned());
        } else if let Some(result) = line.strip_prefix("Tests ") {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
            self.left_out += number_before(result, " skipped");
        } else if let Some((_, names)) = line.split_once("left out: [") {
            // A list of names in quotation marks.
            self.left_out += names.matches('"').count() / 2;
        } else if let Some(rest) = line.strip_prefix("left out: ") {
            // A number of cases, or one by its name.
            self.left_out += rest.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(1);
        }
    }

    pub(crate) fn all(&self) -> usize {
        self.passed + self.failed
    }
}

/// `one` of "test module::one ... ok" and of "test module::one - should panic ... ok". What a program that the test started
/// prints may stand where "ok" belongs; a test that failed is counted as such at the end of its run.
fn passed_test(line: &str) -> Option<&str> {
    let (path, outcome) = line.strip_prefix("test ")?.split_once(" ...")?;
    let outcome = outcome.trim_start();
    if outcome.starts_with("FAILED") || outcome.starts_with("ignored") {
        return None;
    }
    path.split(" - ").next()?.rsplit("::").next()
}

/// The whole number that stands right before a word, 0 where it does not.
fn number_before(text: &str, word: &str) -> usize {
    text.find(word)
        .and_then(|end| text.get(..end))
        .and_then(|before| before.rsplit(|character: char| !character.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_runners_are_counted() {
        let mut tally = Tally::default();
        for line in [
            "running 19 tests",
            "test result: ok. 19 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "      Tests  12 passed | 1 skipped (13)",
            "left out: 40 cases of jose/cookbook (vectors absent)",
            "left out: ubique of mdoc/mdoc-ts.json (no readable certificates)",
            "examples.json: 13 cases; left out: [\"one (why)\", \"two (why)\"]",
            "others.json: 3 cases; left out: []",
            "test something ... ok",
            "test module::other - should panic ... ok",
            "test module::third ... FAILED",
            "test module::fourth ... ignored, why",
            "test window::fifth ... a program says something",
        ] {
            tally.read(line);
        }
        let names = ["something", "other", "fifth"].map(str::to_owned).into();
        assert_eq!(tally, Tally { passed: 34, failed: 1, left_out: 46, names });
        assert_eq!(tally.all(), 35);
    }
}
