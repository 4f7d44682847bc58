//! The wallet's own state: locked or not, profile, settings, history.

use serde::{Deserialize, Serialize};

use super::{ShownMode, Silhouette, Text};

/// The language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LanguageView {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// 선명한 화면 모드.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Contrast {
    /// As usual.
    Light,
    /// High contrast.
    High,
    /// As the system says.
    System,
}

/// What the citizen set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Language of the screen.
    pub language: LanguageView,
    /// One of 0.9, 1, 1.1, 1.3, 1.5.
    pub text_size: f32,
    /// Contrast.
    pub contrast: Contrast,
    /// No motion.
    pub reduce_motion: bool,
    /// Minutes without use until the wallet locks itself; 0 is never.
    pub lock_after_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: LanguageView::Ko,
            text_size: 1.0,
            contrast: Contrast::System,
            reduce_motion: false,
            lock_after_minutes: 5,
        }
    }
}

impl Settings {
    /// Whether every value is one that the screens offer.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        [0.9, 1.0, 1.1, 1.3, 1.5].iter().any(|size| (size - self.text_size).abs() < 0.001)
            && self.lock_after_minutes <= 24 * 60
    }
}

/// What is wrong with the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyringProblem {
    /// No keyring service runs.
    NoService,
    /// It runs and is locked.
    Locked,
    /// It refused, or the person closed its question.
    Refused,
    /// The vault exists and its key does not.
    Missing,
    /// It is asking the person now.
    Waiting,
}

/// What is wrong with the vault; nothing was changed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VaultProblem {
    /// Made by a newer application.
    Newer,
    /// Belongs to another profile.
    OtherProfile,
    /// Cannot be read.
    Damaged,
}

/// Where the wallet stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WalletState {
    /// There is no vault yet.
    NeedsSetup,
    /// Locked.
    Locked {
        /// Wrong passphrases since the last right one.
        failed_attempts: u32,
        /// Seconds until the next try is taken.
        wait_seconds: u64,
    },
    /// Unlocked.
    Unlocked,
    /// The keyring does not give the key.
    KeyringProblem {
        /// Which of the problems it is.
        problem: KeyringProblem,
    },
    /// Another process holds the data folder.
    InUse,
    /// The vault cannot be opened.
    VaultProblem {
        /// Which of the problems it is.
        problem: VaultProblem,
    },
}

/// What kind of profile this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Marking {
    /// The synthetic government.
    Demo,
    /// A file of one's own.
    Developer,
    /// A real ecosystem.
    Real,
}

/// The profile, always visible.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileMark {
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub marking: Marking,
}

/// A person of the demo, as the first run offers them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoPersona {
    /// `p1` and so on.
    pub id: String,
    /// The name.
    pub name: String,
    /// Years of age.
    pub age: u32,
    /// One sentence.
    pub summary: Text,
    /// A drawn picture as a `data:` address.
    pub portrait: Option<String>,
}

/// Whether the network was there at the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NetworkView {
    /// The last call got an answer.
    Online,
    /// The last call got none.
    Offline,
    /// Nothing was called yet.
    Unknown,
}

/// The state of the wallet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Where it stands.
    pub state: WalletState,
    /// The profile.
    pub profile: ProfileMark,
    /// What the citizen set.
    pub settings: Settings,
    /// Whether a passphrase is set.
    pub has_passphrase: bool,
    /// Whose wallet.
    pub owner: Option<Text>,
    /// The network.
    pub network: NetworkView,
    /// When the oldest status list in use was fetched, Unix seconds.
    pub status_list_as_of: Option<i64>,
    /// It is older than the profile allows.
    pub status_list_stale: bool,
    /// When the list of issuers and verifiers in use was fetched, Unix seconds, if its next update is overdue; else none.
    pub old_trust_list_as_of: Option<i64>,
    /// Overdue notices.
    pub overdue_count: usize,
    /// The people of the demo; empty elsewhere.
    pub personas: Vec<DemoPersona>,
    /// Unix seconds.
    pub now: i64,
    /// `YYYY-MM-DD` in Asia/Seoul.
    pub today: String,
    /// The application's version.
    pub version: String,
}

/// What a judge of passphrases advises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Advice {
    /// Too short.
    TooShort,
    /// Among the commonest.
    Common,
    /// It repeats itself.
    Repeats,
    /// More words help.
    AddWords,
    /// Good.
    Good,
}

/// How strong a passphrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// Estimated bits.
    pub bits: u32,
    /// Whether it is taken.
    pub enough: bool,
    /// What to do.
    pub advice: Advice,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HistoryKind {
    /// Papers were received.
    Received,
    /// Something was presented.
    Presented,
    /// The citizen said no.
    Declined,
    /// The wallet refused.
    Refused,
    /// It failed.
    Failed,
    /// A paper was removed.
    Removed,
    /// Status or papers were refreshed.
    Refreshed,
}

/// A paper in a line of the history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPaper {
    /// Its identifier while it is held.
    pub id: Option<String>,
    /// Its name.
    pub name: Text,
    /// Its outline.
    pub silhouette: Silhouette,
}

/// A line of the history: names of items, never values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Identifier.
    pub id: String,
    /// Unix seconds.
    pub at: i64,
    /// What happened.
    pub kind: HistoryKind,
    /// With whom.
    pub party: Option<Text>,
    /// What for.
    pub purpose: Option<Text>,
    /// Which papers.
    pub papers: Vec<HistoryPaper>,
    /// Captions of what was told.
    pub items: Vec<Text>,
    /// What was approved by the same answer: a payment, a signature.
    pub approvals: Vec<Text>,
    /// It was shown as QR, and how it was asked for.
    pub shown: Option<ShownMode>,
    /// The code of a refusal or failure.
    pub code: Option<String>,
    /// Its rule.
    pub rule: Option<String>,
    /// Whether anything left the wallet.
    pub left: bool,
    /// How long the other side said it keeps it.
    pub retention: Option<Text>,
}

/// The history, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The lines.
    pub entries: Vec<HistoryEntry>,
    /// Whether the chain of hashes holds.
    pub chain_holds: bool,
    /// Whether there are older lines.
    pub more: bool,
}

/// An issuer of the profile.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileIssuer {
    /// Its name.
    pub name: Text,
    /// What it may issue.
    pub types: Vec<Text>,
    /// It may issue anything: only in a developer's profile.
    pub any_type: bool,
}

/// What is done about a verifier that is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnauthenticatedVerifiers {
    /// Refused.
    Refuse,
    /// Warned of.
    Warn,
}

/// The profile in full.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileView {
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub marking: Marking,
    /// SHA-256 of its content, hex.
    pub hash: String,
    /// The sequence number of the trust list in use.
    pub trust_list_sequence: Option<u64>,
    /// Its date, Unix seconds.
    pub trust_list_date: Option<i64>,
    /// Who may issue what.
    pub issuers: Vec<ProfileIssuer>,
    /// Known verifiers' anchors.
    pub verifiers: Vec<String>,
    /// What is done about the others.
    pub unauthenticated_verifiers: UnauthenticatedVerifiers,
    /// Whether loopback may be called.
    pub loopback_allowed: bool,
}
