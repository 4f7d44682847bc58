//! What is said to the person and asked of them. Answers go to standard output; questions, progress and errors to standard error.
//!
//! A closed pipe ends nothing in the middle: what cannot be written is not written. Names and words of other sides may hold
//! control characters that move a terminal's cursor or turn its writing around; none reaches it.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use wallet::view::{Parameter, Text};

use crate::frames::Frames;
use crate::outcome::{Done, JSON_VERSION};
use crate::sentences::Language;

/// The longest line that is read from a terminal, in bytes.
const MAX_LINE_BYTES: u64 = 4096;

pub(crate) struct Console {
    pub(crate) json: bool,
    pub(crate) yes: bool,
    pub(crate) language: Language,
    /// Standard output is for what a program waits for, and for nothing else (`present --dc-api`, `present --frames -`).
    pub(crate) object_only: bool,
    /// Pictures that the command still has to delete, after everything was said.
    frames: Mutex<Option<Frames>>,
}

pub(crate) fn words(text: impl Into<String>) -> Parameter {
    Parameter::Words(text.into())
}

pub(crate) fn number(value: usize) -> Parameter {
    Parameter::Number(i64::try_from(value).unwrap_or(i64::MAX))
}

impl Console {
    pub(crate) fn new(json: bool, yes: bool, language: Language) -> Self {
        Self { json, yes, language, object_only: false, frames: Mutex::default() }
    }

    /// Leaves pictures to be deleted when they count no more.
    pub(crate) fn leave(&self, frames: Frames) {
        *self.frames.lock().unwrap_or_else(PoisonError::into_inner) = Some(frames);
    }

    /// The pictures that were left.
    pub(crate) fn left(&self) -> Option<Frames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A sentence of `locales/`.
    pub(crate) fn t(&self, key: &str, params: &[(&str, Parameter)]) -> String {
        self.language.sentence(key, params)
    }

    pub(crate) fn text<'a>(&self, text: &'a Text) -> &'a str {
        self.language.words(text)
    }

    /// A line of the answer; nothing with `--json`, whose answer is one value at the end.
    pub(crate) fn line(&self, text: &str) {
        if self.object_only {
            self.progress(text);
        } else if !self.json {
            write(&mut std::io::stdout().lock(), text);
        }
    }

    pub(crate) fn say(&self, key: &str, params: &[(&str, Parameter)]) {
        self.line(&self.t(key, params));
    }

    /// The one object, as it is; with `--json` it stands in the envelope at the end.
    pub(crate) fn object(&self, value: &Value) {
        if !self.json {
            write_json(value);
        }
    }

    /// Texts for a program, one a line and nothing else; with `--json` they stand in the envelope at the end.
    pub(crate) fn texts(&self, texts: &[String]) {
        if !self.json {
            let mut out = std::io::stdout().lock();
            texts.iter().for_each(|text| write(&mut out, text));
        }
    }

    /// A line beside the answer.
    pub(crate) fn note(&self, text: &str) {
        write(&mut std::io::stderr().lock(), text);
    }

    /// How far something is; nothing with `--json`.
    pub(crate) fn progress(&self, text: &str) {
        if !self.json {
            self.note(text);
        }
    }

    /// Whether there is a person at a terminal to be asked.
    pub(crate) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// What stands in a dialogue: beside the answer where that is JSON, if somebody is there to be asked.
    pub(crate) fn show(&self, text: &str) {
        match (self.json, self.yes) {
            (false, _) => self.line(text),
            (true, false) if self.can_ask() => self.note(text),
            (true, _) => {}
        }
    }

    /// Asks for a line; `None` at the end of input or without a terminal.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        let _ = std::io::stdout().flush();
        let mut error = std::io::stderr().lock();
        let _ = write!(error, "{} ", clean(question));
        let _ = error.flush();
        let mut line = String::new();
        let read = std::io::Read::take(std::io::stdin().lock(), MAX_LINE_BYTES).read_line(&mut line);
        matches!(read, Ok(length) if length > 0).then(|| line.trim().to_owned())
    }

    /// A yes or no; whatever is no plain yes is a no.
    pub(crate) fn confirm(&self, question: &str) -> bool {
        let answer = self.ask(&format!("{question} [y/N]")).unwrap_or_default();
        matches!(answer.to_lowercase().as_str(), "y" | "yes" | "ㅛ" | "네" | "예" | "응")
    }

    /// The end of the command. Gives its exit status.
    pub(crate) fn finish(&self, done: Done) -> u8 {
        match done {
            Ok(value) => {
                if self.json {
                    write_json(&json!({ "version": JSON_VERSION, "ok": value }));
                }
                0
            }
            Err(failure) => {
                if self.json {
                    write_json(&failure.json(self.language));
                } else {
                    let left = if failure.left { "left.something" } else { "left.nothing" };
                    let rule = failure.rule.as_ref().map(|rule| format!(", {rule}")).unwrap_or_default();
                    self.note(&failure.message(self.language));
                    self.note(&format!("{} ({}{rule})", self.t(left, &[]), failure.code));
                }
                failure.exit as u8
            }
        }
    }
}

fn write(out: &mut dyn std::io::Write, text: &str) {
    let _ = writeln!(out, "{}", clean(text));
}

fn write_json(value: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", escaped(&value.to_string()));
    let _ = out.flush();
}

/// JSON whose strings say by escapes what a terminal would obey.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_control() || turns_around(character) {
            out.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

fn turns_around(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without what a terminal would obey: control characters but line ends, and marks that turn the writing around.
fn clean(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '\n',
            '\t' => ' ',
            other if other.is_control() || turns_around(other) => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{clean, escaped};

    #[test]
    fn what_a_terminal_would_obey_does_not_reach_it() {
        assert_eq!(
            clean("가람시\u{1b}[2J\u{202e}\r\u{9b}1m\n"),
            "가람시\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}1m\n"
        );
        let json = serde_json::json!({ "name": "가\u{202e}\u{9b}\u{1b}" });
        let text = escaped(&json.to_string());
        assert!(text.contains("\\u202e\\u009b\\u001b"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json);
    }
}
