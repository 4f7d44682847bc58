//! 확인하기: the verifier's desk in the window. Made by `launch::desk`; this crate knows no verifier.

use serde::{Deserialize, Serialize};

use super::{AppError, Shelf, ShownMode, Text};

/// How much age counts against a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgeGrade {
    /// New enough.
    Green,
    /// Old: a weak confirmation.
    Amber,
    /// Too old: no confirmation.
    Red,
}

/// A list and how old it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAge {
    /// When it was signed, Unix seconds.
    pub as_of: i64,
    /// What the policy makes of it now.
    pub grade: AgeGrade,
}

/// A question that the desk can ask.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskQuestion {
    /// What `desk_begin` takes.
    pub id: String,
    /// What is asked.
    pub name: Text,
    /// What for, where it was made at this desk.
    pub purpose: Option<Text>,
    /// What the answer holds.
    pub items: Vec<Text>,
    /// Whether the answer says who somebody is: then only [`ShownMode::Request`] is there.
    pub identifying: bool,
    /// Whether the verifier wrote it.
    pub own: bool,
    /// How it can be asked here.
    pub modes: Vec<ShownMode>,
}

/// What the desk can do, and how old its lists are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Desk {
    /// Its questions.
    pub questions: Vec<DeskQuestion>,
    /// The name under which it asks; `None`: no key, so codes and one-way only.
    pub identity: Option<Text>,
    /// The trust list; `None`: the issuers are those that the profile names.
    pub trust_list: Option<ListAge>,
    /// The status list that is oldest of those kept that this desk judges by, or that were looked at since the unlock; `None`: there is none.
    pub status_lists: Option<ListAge>,
    /// Whether a signed receipt is made of each verdict.
    pub receipts: bool,
    /// Checks today.
    pub count: DeskCount,
    /// What is kept and cannot be read; the desk goes on without it.
    pub unreadable: Vec<DeskUnreadable>,
}

/// What the desk keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeskKept {
    /// The key that signs its requests; `desk_forget` forgets it.
    Key,
    /// The questions that were made here; `desk_questions_forget` forgets them while they cannot be read.
    Questions,
    /// How many checks there were today, and the latest signed time; `desk_record_forget` forgets it while it cannot be read.
    Record,
}

/// Something that is kept, and damaged or of a newer application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskUnreadable {
    /// What it is.
    pub kept: DeskKept,
    /// Why not; its sentence stands in the locales.
    pub code: String,
}

/// A type of paper that a question of one's own can ask for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskPaperType {
    /// What `desk_question_add` takes.
    pub key: String,
    /// What it is called.
    pub name: Text,
    /// Where it lies in a wallet.
    pub shelf: Shelf,
    /// What it knows.
    pub items: Vec<DeskItem>,
}

/// One thing that a type of paper knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskItem {
    /// What `desk_question_add` takes.
    pub name: String,
    /// What it is called.
    pub caption: Text,
    /// Whether it is sensitive in the sense of 개인정보 보호법 제23조.
    pub sensitive: bool,
}

/// A question of one's own, as it is made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeskDraft {
    /// What is asked.
    pub name: String,
    /// What for.
    pub purpose: String,
    /// The type of paper.
    pub paper: String,
    /// What is asked of it.
    pub items: Vec<String>,
}

/// The desk after its lists were fetched: what came is in use, whatever else did not come.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskRefreshed {
    /// The desk, with the ages of its lists.
    pub desk: Desk,
    /// Why the trust list was not renewed.
    pub trust_list: Option<AppError>,
    /// Status lists that did not come, a count; those that were kept stay in use.
    pub missing: usize,
}

/// Where a receipt was written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskSaved {
    /// The whole path of the file.
    pub path: String,
}

/// How many checks there were. Nothing else is kept of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCount {
    /// The day in Asia/Seoul.
    pub day: String,
    /// How many.
    pub checks: u32,
}

/// A check that began.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskBegun {
    /// Its name.
    pub desk_id: String,
    /// How it asks.
    pub mode: ShownMode,
    /// What it asks.
    pub question: DeskQuestion,
    /// `XXXXX-XXXXX`, for [`ShownMode::Code`].
    pub code: Option<String>,
    /// How many frames the request needs at least, for [`ShownMode::Request`]; else 0.
    pub frames: u8,
    /// Seconds until it ends.
    pub seconds_left: i64,
}

/// What has been read so far, or what it proves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DeskFed {
    /// More is needed.
    Waiting {
        /// Pieces read.
        have: u8,
        /// Pieces needed; 0 until the first was read.
        need: u8,
        /// Codes read that are not of what is being read: of another answer, damaged, or something else.
        foreign: u32,
        /// One of them is of another version than this application reads.
        newer: bool,
        /// Seconds until the check ends.
        seconds_left: i64,
    },
    /// The end.
    Verdict {
        /// What it proves.
        verdict: Box<DeskVerdict>,
    },
}

/// The word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeskOutcome {
    /// 확인됨.
    Confirmed,
    /// 오래된 확인, 약한 확인.
    ConfirmedWeak,
    /// 확인 안 됨.
    NotConfirmed,
}

/// Why a verdict is not simply "confirmed". The words are those of the verifier's page, so they cross.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskReason {
    /// The stable code.
    pub code: String,
    /// The rule.
    pub rule: Option<String>,
    /// What it means and what to ask for.
    pub text: Text,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAnswer {
    /// What was asked.
    pub caption: Text,
    /// What was answered.
    pub value: Text,
    /// A question answered with "no": green as to the check, shown in a plain frame.
    pub no: bool,
    /// A picture instead of a value, as a `data:` address.
    pub picture: Option<String>,
}

/// What is known about a paper's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeskStatus {
    /// In force.
    Valid,
    /// In force by a list that is old.
    Stale,
    /// Revoked.
    Revoked,
    /// Suspended.
    Suspended,
    /// Another value that is not valid.
    NotValid,
    /// No list that counts.
    Unknown,
    /// The paper names no list.
    NotOffered,
}

/// One paper that the verdict rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskPaper {
    /// What it is called.
    pub title: Text,
    /// Who issued it.
    pub issuer: String,
    /// Whether it is the holder's own.
    pub holder_bound: bool,
    /// Its status.
    pub status: DeskStatus,
    /// When the status list was signed, Unix seconds.
    pub status_as_of: Option<i64>,
}

/// What an answer proves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskVerdict {
    /// The word.
    pub outcome: DeskOutcome,
    /// Why it is not simply "confirmed".
    pub reasons: Vec<DeskReason>,
    /// How it was asked.
    pub mode: ShownMode,
    /// What was asked.
    pub question: Text,
    /// The answers; empty unless the outcome is a confirmation.
    pub answers: Vec<DeskAnswer>,
    /// The papers.
    pub papers: Vec<DeskPaper>,
    /// What those papers hold as well, as far as their type is known, and was not received.
    pub not_received: Vec<Text>,
    /// The trust list it rests on.
    pub trust_list: Option<ListAge>,
    /// When it was reached, Unix seconds.
    pub at: i64,
    /// Seconds until it clears itself.
    pub clears_in: i64,
    /// The signed receipt, where receipts are on.
    pub receipt: Option<String>,
    /// Whether the check could not be counted, since nothing can be written.
    pub not_counted: bool,
}
