//! Flows: what was read, receiving, presenting, refusals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BlameView, PaperSummary, Parameter, Shelf, Silhouette, Text};

/// What the citizen gives to be read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// Pasted text or a link.
    Text {
        /// The text.
        text: String,
    },
    /// The clipboard.
    Clipboard,
    /// A file.
    File {
        /// Its name, for the screen only.
        name: String,
        /// Its bytes, base64 with padding.
        base64: String,
    },
    /// The screen.
    Screen,
}

/// Why nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NothingWhy {
    /// It is empty.
    Empty,
    /// It is no link of this wallet's kinds.
    NotALink,
    /// No QR code is in the picture.
    NoQr,
    /// Too large.
    TooLarge,
    /// A kind that cannot be read.
    Unsupported,
    /// The screen cannot be read here.
    NoScreen,
}

/// What was found; nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Found {
    /// A credential offer.
    Offer {
        /// For `receive_start`, once.
        input_id: String,
        /// Whom it would call.
        host: String,
    },
    /// A presentation request.
    Request {
        /// For `present_start`, once.
        input_id: String,
        /// Whom it would call.
        host: String,
    },
    /// Neither.
    Nothing {
        /// Why.
        why: NothingWhy,
    },
}

/// How well a party is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartyTrust {
    /// In the profile's lists.
    Registered,
    /// It is who it says, and the profile does not know it.
    Authenticated,
    /// Nobody vouches for it.
    Unauthenticated,
}

/// The issuer of an offer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferIssuer {
    /// Name.
    pub name: Text,
    /// Host.
    pub host: String,
    /// How well it is known.
    pub trust: PartyTrust,
}

/// A paper of an offer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferedPaper {
    /// Configuration identifier.
    pub configuration_id: String,
    /// Name.
    pub name: Text,
    /// Outline.
    pub silhouette: Silhouette,
    /// Shelf.
    pub shelf: Shelf,
    /// Copies.
    pub copies: u32,
    /// Description.
    pub description: Option<Text>,
    /// The issuer may issue this type according to the profile.
    pub entitled: bool,
}

/// The grant of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GrantView {
    /// Pre-authorized code.
    PreAuthorized,
    /// Authorization code.
    AuthorizationCode,
}

/// What transaction code is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TxCodeSpec {
    /// Digits only.
    pub digits_only: bool,
    /// Its length.
    pub length: Option<u32>,
    /// Where to find it.
    pub description: Option<Text>,
}

/// An offer, looked at before anything is fetched with consent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The session.
    pub session_id: String,
    /// Who offers.
    pub issuer: OfferIssuer,
    /// What would come.
    pub papers: Vec<OfferedPaper>,
    /// How.
    pub grant: GrantView,
    /// Whether a transaction code is needed.
    pub tx_code: Option<TxCodeSpec>,
}

/// What `receive_start` gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ReceiveStarted {
    /// Look at it.
    Offer(Offer),
    /// It was refused.
    Refusal(Box<Refusal>),
}

/// What `receive_continue` gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Received {
    /// Papers came.
    Done {
        /// Which.
        papers: Vec<PaperSummary>,
        /// Which come later.
        deferred: Vec<Text>,
    },
    /// The transaction code was wrong; it may be tried again.
    TxCodeWrong {
        /// The session.
        session_id: String,
    },
    /// It was refused.
    Refusal(Box<Refusal>),
    /// The citizen stopped it.
    Cancelled,
}

/// A step of receiving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProgressStep {
    /// Reading the issuer's description.
    Metadata,
    /// Asking for authorization.
    Authorize,
    /// Waiting for the browser.
    Browser,
    /// Getting the token.
    Token,
    /// Getting papers.
    Credential,
    /// Checking them.
    Verify,
    /// Storing them.
    Store,
}

/// How far receiving is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The session.
    pub session_id: String,
    /// The step.
    pub step: ProgressStep,
    /// Papers so far.
    pub count: usize,
    /// Of so many.
    pub of: usize,
}

/// Where a recipient's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecipientSource {
    /// Its certificate.
    Certificate,
    /// A signed registration.
    Registration,
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

/// One of the five lines; `None`: not stated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its words.
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
    /// The resident number is asked for without a law; it is never sent.
    ResidentNumber {
        /// What was asked.
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
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// What must be acknowledged.
    pub must_acknowledge: Vec<Acknowledgement>,
    /// Whether the request came from another device.
    pub cross_device: bool,
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
    /// Refused or failed.
    Refusal(Box<Refusal>),
}

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
    /// The session, while the other side can still be told.
    pub session_id: Option<String>,
    /// Whether the other side can still be told `access_denied`.
    pub can_tell: bool,
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
}
