//! One paper in full.

use serde::{Deserialize, Serialize};

use super::{HistoryEntry, PaperSummary, Sentence, Text};

/// One fact of a paper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Stable within the paper.
    pub id: String,
    /// The caption.
    pub caption: Text,
    /// The value, or its mask.
    pub value: Text,
    /// Whether it is masked until asked for.
    pub sensitive: bool,
    /// A picture.
    pub image: Option<String>,
}

/// Facts under one heading.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactGroup {
    /// The heading.
    pub caption: Text,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// Whether the issuer's signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureState {
    /// It holds.
    Holds,
    /// It does not.
    DoesNotHold,
}

/// What the status list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StatusView {
    /// In force.
    Valid,
    /// Revoked.
    Revoked,
    /// Suspended.
    Suspended,
    /// Asked, and the list does not call it valid: it has no place for it, or says what nobody here knows.
    NotValid,
    /// Never asked, or no answer.
    Unknown,
    /// Too old.
    Stale,
    /// The paper names no status list.
    None,
}

/// How many copies are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Copies {
    /// Unused.
    pub left: usize,
    /// All.
    pub total: usize,
    /// Whether each is used once.
    pub one_time: bool,
}

/// The formats of a paper's copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FormatView {
    /// SD-JWT VC.
    SdJwtVc,
    /// Mobile document.
    Mdoc,
    /// Both.
    Both,
}

/// 믿을 수 있나요?
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trust {
    /// Signature.
    pub signature: SignatureState,
    /// Who signed it, by the name in the certificate: the issuer's own description may say what it likes.
    pub signed_by: Option<Text>,
    /// The issuer is in the profile's list.
    pub issuer_listed: bool,
    /// Status.
    pub status: StatusView,
    /// As of when, Unix seconds.
    pub status_as_of: Option<i64>,
    /// Copies.
    pub copies: Copies,
    /// Formats.
    pub format: FormatView,
}

/// A part of an amount.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmountPart {
    /// Its name.
    pub caption: Text,
    /// Won.
    pub amount: i64,
    /// Won added after the due date.
    pub late_addition: Option<i64>,
}

/// A held paper, as evidence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The paper.
    pub paper_id: String,
    /// Its name.
    pub name: Text,
}

/// A way to pay less.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayOption {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub caption: Text,
    /// Won.
    pub amount: i64,
    /// Until when.
    pub until: Option<String>,
    /// Under which condition.
    pub condition: Option<Text>,
    /// The held paper that opens it.
    pub evidence: Option<Evidence>,
    /// Papers that would open it and are not held.
    pub missing_evidence: Vec<Text>,
}

/// Our reckoning beside the printed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoned {
    /// Won as printed.
    pub printed: i64,
    /// Won as reckoned here.
    pub reckoned: i64,
}

/// A way to pay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayToPay {
    /// Its name.
    pub caption: Text,
    /// The number.
    pub value: String,
    /// A note.
    pub note: Option<Text>,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// When; `None` where only the status list says that it was paid.
    pub date: Option<String>,
    /// Won.
    pub amount: i64,
}

/// What a notice says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The parts.
    pub parts: Vec<AmountPart>,
    /// Won by the due date.
    pub amount_in_due: i64,
    /// Won after it, as printed.
    pub amount_after_due: Option<i64>,
    /// Won today.
    pub amount_now: i64,
    /// The due date.
    pub due: String,
    /// The rule in words.
    pub late_rule: Option<Sentence>,
    /// Where our reckoning differs from the printed amount.
    pub reckoned_differs: Option<Reckoned>,
    /// Ways to pay less.
    pub options: Vec<PayOption>,
    /// The best of them.
    pub best_option_id: Option<String>,
    /// Empty unless the signature holds.
    pub ways_to_pay: Vec<WayToPay>,
    /// What it is about.
    pub object: Option<Text>,
    /// Why.
    pub reason: Option<Text>,
    /// When it was paid.
    pub paid: Option<Payment>,
}

/// A use of a voucher.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherUse {
    /// When.
    pub date: String,
    /// Where.
    pub place: Text,
    /// Won.
    pub amount: i64,
}

/// What a voucher says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Voucher {
    /// Won granted.
    pub granted: i64,
    /// Won used.
    pub used: i64,
    /// Won left.
    pub balance: i64,
    /// First day.
    pub valid_from: Option<String>,
    /// Last day.
    pub valid_until: Option<String>,
    /// For what.
    pub usable_for: Vec<Text>,
    /// Where.
    pub region: Option<Text>,
    /// Uses.
    pub uses: Vec<VoucherUse>,
}

/// One paper in full.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paper {
    /// What lists show.
    pub summary: PaperSummary,
    /// Its facts.
    pub groups: Vec<FactGroup>,
    /// Whether it can be trusted.
    pub trust: Trust,
    /// As a notice.
    pub notice: Option<Notice>,
    /// As a voucher.
    pub voucher: Option<Voucher>,
    /// Its history.
    pub history: Vec<HistoryEntry>,
    /// When it was received, Unix seconds.
    pub received_at: i64,
    /// First day.
    pub valid_from: Option<String>,
    /// Last day.
    pub valid_until: Option<String>,
    /// A type unknown to the catalogue.
    pub foreign_type: Option<String>,
    /// Whether it can be issued again.
    pub can_reissue: bool,
    /// New copies can be fetched from the issuer at once (`renew_paper`).
    pub renewable: bool,
    /// Why it may not be presented now.
    pub not_presentable: Option<Sentence>,
}

/// The signed original.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// `dc+sd-jwt` or `mso_mdoc`.
    pub format: String,
    /// As received.
    pub text: String,
}
