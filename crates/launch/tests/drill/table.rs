//! What the drill prints: a row for each thing that was tried, with what was expected of it and what came.

use std::fmt::Write as _;

const HEAD: [&str; 5] = ["step", "clock", "what", "expected", "got"];

struct Row {
    clock: String,
    what: String,
    expected: String,
    /// `None`: this computer does not allow it.
    got: Option<String>,
}

/// The rows so far.
pub struct Table {
    clock: String,
    rows: Vec<Row>,
}

impl Table {
    pub fn new() -> Self {
        Self { clock: "start".to_owned(), rows: Vec::new() }
    }

    /// What the clock says from here on.
    pub fn clock(&mut self, clock: &str) {
        clock.clone_into(&mut self.clock);
    }

    pub fn row(&mut self, what: &str, expected: &str, got: impl Into<String>) {
        self.add(what, expected, Some(got.into()));
    }

    pub fn left_out(&mut self, what: &str, expected: &str) {
        self.add(what, expected, None);
    }

    fn add(&mut self, what: &str, expected: &str, got: Option<String>) {
        let (clock, what, expected) = (self.clock.clone(), what.to_owned(), expected.to_owned());
        self.rows.push(Row { clock, what, expected, got });
    }

    /// The steps whose outcome is not the expected one.
    pub fn differing(&self) -> Vec<String> {
        let rows = self.rows.iter().zip(1..);
        rows.filter(|(row, _)| row.got.as_ref().is_some_and(|got| *got != row.expected))
            .map(|(row, step)| {
                let got = row.got.clone().unwrap_or_default();
                format!("step {step}, {}: {} expected, {got} got", row.what, row.expected)
            })
            .collect()
    }

    /// As Markdown, aligned.
    pub fn text(&self) -> String {
        let cells = |row: &Row, step: usize| {
            let got = row.got.clone().unwrap_or_else(|| "left out: not allowed here".to_owned());
            [step.to_string(), row.clock.clone(), row.what.clone(), row.expected.clone(), got]
        };
        let rows: Vec<[String; 5]> = self.rows.iter().zip(1..).map(|(row, step)| cells(row, step)).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([HEAD[column].len()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        let mut text = String::new();
        let mut line = |cells: [String; 5]| {
            for (cell, width) in cells.iter().zip(&widths) {
                let _ = write!(text, "| {cell:width$} ");
            }
            text.push_str("|\n");
        };
        line(HEAD.map(str::to_owned));
        line([0, 1, 2, 3, 4].map(|column| "-".repeat(widths[column])));
        rows.into_iter().for_each(&mut line);
        text
    }
}
