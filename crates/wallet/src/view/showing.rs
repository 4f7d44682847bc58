//! An answer that is shown as QR, without a network: how it was asked for, and its frames.

use serde::{Deserialize, Serialize};

use super::Text;

/// How an answer that is shown was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ShownMode {
    /// (a) By a signed request that was read off the other screen.
    Request,
    /// (b) By a typed code: nobody knows who reads.
    Code,
    /// (c) Not at all: nobody knows who reads.
    OneWay,
}

/// A ready-made question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineQuestion {
    /// Its number, for `present_one_way`.
    pub number: u8,
    /// Its stable name.
    pub code: String,
    /// What is asked.
    pub question: Text,
    /// Whether the answer says who somebody is: then only a signed request may ask it.
    pub identifying: bool,
}

impl From<&civic::Question> for OfflineQuestion {
    fn from(question: &civic::Question) -> Self {
        Self {
            number: question.number,
            code: question.code.to_owned(),
            question: question.question.into(),
            identifying: question.identifying,
        }
    }
}

/// The yes was given: frames can be had.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShowingStarted {
    /// For `show_frames`, `show_extend`, `show_stop`.
    pub session_id: String,
    /// How it was asked for.
    pub mode: ShownMode,
    /// For whom; `None`: nobody knows.
    pub recipient: Option<Text>,
    /// Items.
    pub item_count: usize,
    /// Papers.
    pub paper_count: usize,
    /// The line in the history.
    pub history_id: String,
    /// Seconds until nothing is shown any more.
    pub seconds_left: i64,
    /// When the oldest of the status lists was signed by which the papers are in force, Unix seconds; `None`: none is known, or needed.
    pub status_list_as_of: Option<i64>,
}

/// How much stands in one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameSize {
    /// As cameras of today read.
    Standard,
    /// For weak cameras.
    Small,
    /// One code for everything, if there is one that large.
    Still,
}

/// One code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrFrame {
    /// Its place in the series, which never ends.
    pub sequence: u16,
    /// Modules on a side, without the quiet zone.
    pub side: usize,
    /// The modules row by row without a gap, dark ones 1, from the highest bit: base64 with padding.
    pub modules: String,
}

/// Some frames of what is shown now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frames {
    /// The frames; empty when the time is over, and where one still code does not hold it.
    pub frames: Vec<QrFrame>,
    /// Pieces that make it whole; 0 where there is no frame.
    pub count: u8,
    /// Seconds until nothing is shown any more.
    pub seconds_left: i64,
    /// Grows when it was signed anew: frames of an earlier round make nothing whole any more.
    pub round: u32,
}
