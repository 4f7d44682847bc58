//! What a desk says of a check: its name, what is shown, and what came of it.

use std::fmt;

use offline_qr::Mode;
use primitives::CivilDate;

use super::policy::Aged;
use super::verdict::ScreenVerdict;

/// The name of a check: 43 characters, unguessable. Whoever knows it speaks for the check: `Debug` does not tell it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckId(String);

impl fmt::Debug for CheckId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CheckId")
    }
}

impl CheckId {
    /// As it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The check of that name; nothing says that it exists.
    pub fn named(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A check that began. `Debug` tells no code.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its name.
    pub id: CheckId,
    /// How it asks.
    pub mode: Mode,
    /// What it asks: the question's name.
    pub question: String,
    /// The code to show, `XXXXX-XXXXX`, in [`Mode::Code`].
    pub code: Option<String>,
    /// How many pieces the request has, in [`Mode::Request`]; else 0.
    pub frames: u8,
    /// Seconds until it ends.
    pub seconds_left: i64,
}

impl fmt::Debug for Begun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Begun")
            .field("mode", &self.mode)
            .field("question", &self.question)
            .field("frames", &self.frames)
            .field("seconds_left", &self.seconds_left)
            .finish_non_exhaustive()
    }
}

/// One code of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFrame {
    /// Its place in the endless row.
    pub sequence: u16,
    /// Its text, for QR's alphanumeric mode.
    pub text: String,
}

/// What came of a text.
#[derive(Clone)]
pub enum Fed {
    /// More is needed.
    Waiting {
        /// Frames that told something new.
        have: u8,
        /// Frames that are needed; 0 until one was read.
        need: u8,
        /// Codes that were read and are none of this answer: of another one, damaged, or something else altogether.
        foreign: u32,
        /// One of them was a frame of another version than this desk reads (OQ-22): showing it again does not help.
        newer: bool,
    },
    /// The check is over.
    Verdict(Box<ScreenVerdict>),
}

/// How many checks there were today. Nothing else is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day in Asia/Seoul.
    pub day: CivilDate,
    /// Checks that came to a verdict.
    pub checks: u32,
}

/// The ages of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAges {
    /// The trust list; `None`: the configuration names the issuers itself.
    pub trust_list: Option<Aged>,
    /// The oldest of the kept status lists; `None`: none is kept.
    pub status_lists: Option<Aged>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_neither_the_name_nor_the_code_of_a_check() {
        let begun = Begun {
            id: CheckId::named("unguessable"),
            mode: Mode::Code,
            question: "age-over-19".to_owned(),
            code: Some("1ABCD-EFGHJ".to_owned()),
            frames: 0,
            seconds_left: 300,
        };
        let said = format!("{begun:?} {:?}", begun.id);
        assert!(said.contains("age-over-19"));
        assert!(!said.contains("unguessable") && !said.contains("ABCD"), "{said}");
    }
}
