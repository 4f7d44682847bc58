//! How flows and commands end: refusals, errors, what a refresh found.

use std::collections::BTreeMap;

use primitives::Left;
use serde::{Deserialize, Serialize};

use super::{BlameView, PaperSummary, Parameter, QueueResult, Text};

/// Why a flow ended, in one of the kinds that have sentences of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefusalWhy {
    /// It is not in the wallet.
    Missing,
    /// The other side is not who it says.
    NotGenuine,
    /// No paper meets the condition.
    ConditionNotMet,
    /// What would be told may not be.
    Withheld,
    /// Malformed or unsupported.
    Invalid,
    /// The network.
    Network,
    /// This computer.
    Computer,
}

/// What was asked, in facts.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalFacts {
    /// What for.
    pub purpose: Option<Text>,
    /// What was asked.
    pub asked: Vec<Text>,
    /// What of it is there.
    pub available: Option<Text>,
}

/// Why a flow ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The kind.
    pub why: RefusalWhy,
    /// The stable code.
    pub code: String,
    /// The rule.
    pub rule: Option<String>,
    /// Who is to blame.
    pub blame: BlameView,
    /// Whether anything left the wallet.
    pub left: bool,
    /// The other side.
    pub party: Option<Text>,
    /// Papers it is about.
    pub papers: Vec<Text>,
    /// Facts.
    pub facts: RefusalFacts,
    /// The session, while the other side can still be told, or the answer may wait.
    pub session_id: Option<String>,
    /// Whether the other side can still be told `access_denied`.
    pub can_tell: bool,
    /// Until when the approved answer, which nothing of left, waits for the network if the citizen says so, Unix seconds; `None`: it cannot
    /// wait, or there is none.
    pub wait_until: Option<i64>,
}

/// A rejected command.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// The stable code.
    pub code: String,
    /// The rule.
    pub rule: Option<String>,
    /// Who is to blame.
    pub blame: BlameView,
    /// Whether anything left the wallet.
    pub left: bool,
    /// Parameters of the sentence.
    pub params: BTreeMap<String, Parameter>,
}

impl AppError {
    /// An error without parameters as it crosses.
    #[must_use]
    pub fn of(error: &dyn primitives::Refusal) -> Self {
        Self {
            code: error.code().to_owned(),
            rule: Some(error.rule().to_owned()).filter(|rule| !rule.is_empty()),
            blame: error.blame().into(),
            left: error.left() == Left::Something,
            params: BTreeMap::new(),
        }
    }
}

/// What a refresh found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshResult {
    /// Papers checked.
    pub checked: usize,
    /// Papers whose state changed.
    pub changed: Vec<PaperSummary>,
    /// Papers that could not be checked.
    pub failed: usize,
    /// As of when, Unix seconds.
    pub status_list_as_of: Option<i64>,
    /// What became of the answers that waited for the network.
    pub queue: QueueResult,
}
