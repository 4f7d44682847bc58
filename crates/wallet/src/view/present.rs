//! Presenting: the consent screen, the choice, what was sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Approval, PaperSummary, PartyTrust, Refusal, ShowingStarted, ShownMode, Text};

/// Where a recipient's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecipientSource {
    /// Its certificate.
    Certificate,
    /// A signed registration.
    Registration,
    /// An attestation by somebody whom the profile trusts.
    Attestation,
    /// The profile itself, which knows the client.
    Profile,
    /// Only an address.
    Address,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name.
    pub name: Option<Text>,
    /// Host.
    pub host: String,
    /// How well it is known.
    pub trust: PartyTrust,
    /// Where the name comes from.
    pub source: RecipientSource,
}

/// One of the five lines.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its words, the same for all that is asked; `None`: not stated, or not the same.
    pub text: Option<Text>,
    /// What is stated of which papers, where that is not the same for all that is asked; else empty.
    pub parts: Vec<LinePart>,
}

impl Line {
    /// Whether it has words for all that is asked.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        if self.parts.is_empty() {
            self.text.is_some()
        } else {
            self.parts.iter().all(|part| part.text.is_some())
        }
    }
}

/// What is stated of some of what is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePart {
    /// The papers, with what is asked of them; empty: all.
    pub papers: Vec<Text>,
    /// Its words; `None`: not stated.
    pub text: Option<Text>,
}

/// The five lines of 개인정보 보호법 제17조.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// 받는 곳.
    pub recipient: Line,
    /// 목적.
    pub purpose: Line,
    /// 항목.
    pub items: Line,
    /// 보유 기간.
    pub retention: Line,
    /// 거부할 권리와 불이익.
    pub refusal: Line,
}

/// Whether something must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Necessity {
    /// 필수.
    Required,
    /// 선택.
    Optional,
}

/// A single thing that would be told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentItem {
    /// Stable in the session.
    pub id: String,
    /// Caption.
    pub caption: Text,
    /// Value.
    pub value: Text,
    /// Picture.
    pub image: Option<String>,
    /// Sensitive in the sense of the law.
    pub sensitive: bool,
    /// Required or optional.
    pub necessity: Necessity,
    /// Beyond what was registered.
    pub over_asked: bool,
}

/// Something said before sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CandidateNote {
    /// The last unused copy.
    LastCopy,
    /// A copy that was used before.
    ReusedCopy,
    /// Status unknown.
    StatusUnknown,
    /// Status stale.
    StatusStale,
}

/// A paper that answers a query.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The paper.
    pub paper: PaperSummary,
    /// What it would tell.
    pub items: Vec<ConsentItem>,
    /// How many stay hidden.
    pub hidden_count: usize,
    /// The one that tells least.
    pub least_telling: bool,
    /// Notes.
    pub notes: Vec<CandidateNote>,
}

/// One credential query.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentQuery {
    /// Identifier in the request.
    pub id: String,
    /// Papers that answer it, the least telling first.
    pub candidates: Vec<Candidate>,
    /// More than one may answer.
    pub multiple: bool,
}

/// One option of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentOption {
    /// Identifier.
    pub id: String,
    /// Its queries.
    pub query_ids: Vec<String>,
}

/// A choice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGroup {
    /// Identifier.
    pub id: String,
    /// What for.
    pub purpose: Option<Text>,
    /// Required or optional.
    pub necessity: Necessity,
    /// Its options, the least telling first.
    pub options: Vec<ConsentOption>,
}

/// A warning.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Warning {
    /// What holds a resident number, or looks like one, is kept back, since no law is named for it.
    ResidentNumber {
        /// What is kept back.
        captions: Vec<Text>,
    },
    /// More is asked than was registered.
    OverAsked {
        /// What.
        captions: Vec<Text>,
    },
    /// No registration.
    Unregistered,
    /// Nobody vouches for it.
    Unauthenticated,
    /// It names no end of keeping.
    NoRetentionLimit,
    /// The request came from another device.
    CrossDevice,
    /// The list of verifiers is older than it says it should be.
    #[serde(rename_all = "camelCase")]
    TrustListOld {
        /// When it was fetched, Unix seconds.
        as_of: i64,
    },
}

/// What takes a yes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Acknowledgement {
    /// The recipient is not stated.
    Recipient,
    /// The purpose is not stated.
    Purpose,
    /// The items are not stated.
    Items,
    /// The retention is not stated.
    Retention,
    /// What refusing means is not stated.
    Refusal,
    /// It is not registered.
    Unregistered,
    /// Nobody vouches for it.
    Unauthenticated,
    /// It asks for more than was registered.
    OverAsked,
    /// A notice is to be paid.
    Payment,
    /// An application is to be signed.
    Signature,
}

/// The consent screen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// The session.
    pub session_id: String,
    /// Who asks.
    pub recipient: Recipient,
    /// The five lines.
    pub lines: Lines,
    /// Every query once.
    pub queries: Vec<ConsentQuery>,
    /// The choices.
    pub groups: Vec<ConsentGroup>,
    /// What is approved by the same yes, in full; each kind takes one of its own.
    pub approvals: Vec<Approval>,
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// What must be acknowledged.
    pub must_acknowledge: Vec<Acknowledgement>,
    /// Whether the request came from another device.
    pub cross_device: bool,
    /// The answer is shown as QR, and how it was asked for; `None`: it is sent.
    pub shown: Option<ShownMode>,
    /// The passphrase is asked for again.
    pub needs_unlock: bool,
    /// Unix seconds.
    pub expires_at: Option<i64>,
}

/// What `present_start` gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum PresentStarted {
    /// Choose.
    Consent(Box<Consent>),
    /// It was refused.
    Refusal(Box<Refusal>),
}

/// What the citizen chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    /// For each group the chosen option.
    pub options: BTreeMap<String, Option<String>>,
    /// For each query the chosen papers.
    pub papers: BTreeMap<String, Vec<String>>,
    /// Optional items.
    pub items: Vec<String>,
    /// Sensitive items with a yes of their own.
    pub sensitive_yes: Vec<String>,
    /// Sensitive items with a no of their own.
    pub sensitive_no: Vec<String>,
    /// What was acknowledged.
    pub acknowledged: Vec<Acknowledgement>,
}

/// What is still to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Missing {
    /// An option of a group.
    Option {
        /// The group.
        group_id: String,
    },
    /// A paper for a query.
    Paper {
        /// The query.
        query_id: String,
    },
    /// A yes or no to sensitive items.
    Sensitive {
        /// The items.
        item_ids: Vec<String>,
    },
    /// A no to a required item: only declining is left.
    RequiredRefused {
        /// The items.
        item_ids: Vec<String>,
    },
    /// An acknowledgement.
    Acknowledge {
        /// Of what.
        what: Acknowledgement,
    },
}

/// What one paper would tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewPaper {
    /// The query.
    pub query_id: String,
    /// The paper.
    pub paper_id: String,
    /// Items told.
    pub item_count: usize,
    /// Items hidden.
    pub hidden_count: usize,
}

/// What would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// Papers.
    pub paper_count: usize,
    /// Items told.
    pub item_count: usize,
    /// Items hidden.
    pub hidden_count: usize,
    /// Paper by paper.
    pub papers: Vec<PreviewPaper>,
    /// What is missing; empty: it can be sent.
    pub missing: Vec<Missing>,
}

/// It was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// To whom.
    pub recipient: Option<Text>,
    /// Host.
    pub host: String,
    /// Unix seconds.
    pub at: i64,
    /// Items.
    pub item_count: usize,
    /// Papers.
    pub paper_count: usize,
    /// The line in the history.
    pub history_id: String,
    /// Whether a page was opened.
    pub opened_browser: bool,
    /// An address that was not opened by itself.
    pub open_url: Option<String>,
}

/// What `present_send` gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum PresentSent {
    /// Sent.
    Sent(Sent),
    /// It can be shown: frames can be had from now on.
    Showing(ShowingStarted),
    /// Refused or failed.
    Refusal(Box<Refusal>),
}
