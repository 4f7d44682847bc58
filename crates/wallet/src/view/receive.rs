//! Receiving: the offer before the yes, progress, what came.

use serde::{Deserialize, Serialize};

use super::{PaperSummary, Refusal, Shelf, Silhouette, Text};

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
    /// Nobody offered it: the citizen went to the issuer and chooses papers first (`receive_choose`).
    pub choose: bool,
    /// When the list of issuers was fetched, Unix seconds, if its next update is overdue; else none.
    pub old_trust_list_as_of: Option<i64>,
}

/// What `receive_start` gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ReceiveStarted {
    /// Look at it.
    Offer(Box<Offer>),
    /// It was refused.
    Refusal(Box<Refusal>),
}

/// A value that is another now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Of what.
    pub caption: Text,
    /// What the paper said; absent if it said nothing.
    pub before: Option<Text>,
    /// What it says; absent if it says nothing any more.
    pub after: Option<Text>,
    /// The values are masked.
    pub sensitive: bool,
}

/// A paper that took the place of the one that was there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// The paper.
    pub paper_id: String,
    /// Its name.
    pub name: Text,
    /// What it says otherwise; empty: only the copies are new.
    pub changes: Vec<Change>,
}

/// What `receive_continue` and `renew_paper` give.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Received {
    /// Papers came.
    Done {
        /// Which.
        papers: Vec<PaperSummary>,
        /// Which come later.
        deferred: Vec<Text>,
        /// Which of them took the place of one that was there, and what they say otherwise.
        replaced: Vec<Replaced>,
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
