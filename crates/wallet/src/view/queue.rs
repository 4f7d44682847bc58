//! Answers that wait for the network.

use serde::{Deserialize, Serialize};

use super::Text;

/// An answer that was approved, that nothing of left, and that waits to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedAnswer {
    /// For `withdraw_queued`.
    pub id: String,
    /// To whom.
    pub recipient: Text,
    /// Items that it tells.
    pub item_count: usize,
    /// Their captions; never values.
    pub items: Vec<Text>,
    /// What it approves: a payment, a signature.
    pub approvals: Vec<Text>,
    /// When it was approved, Unix seconds.
    pub approved_at: i64,
    /// When it is given up, Unix seconds.
    pub expires_at: i64,
    /// That time has come: it is not sent any more, and gone with the next try or unlock.
    pub over: bool,
}

/// What became of the answers that waited.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueResult {
    /// Those that went out and were taken, by recipient.
    pub sent: Vec<Text>,
    /// Pages that their recipients want to be opened, which nobody opened.
    pub open_urls: Vec<String>,
    /// Answers that left and were not taken, or whose end nobody saw; the history has each.
    pub failed: usize,
    /// Answers that were given up because their request ended.
    pub expired: usize,
    /// Answers that were given up because nobody vouches for their recipient any more.
    pub refused: usize,
    /// Answers that still wait.
    pub waiting: usize,
}
