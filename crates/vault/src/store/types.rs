//! What is kept, as types made for that purpose (design, "Papers and copies"). Credential bytes have no `Debug`.

use std::fmt;

use primitives::{ClaimPath, Entropy, EntropyUnavailable, Instant, LocalizedText, NonEmpty};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::hex;

/// Bounds of what one row may hold, in bytes unless said otherwise. Larger input is refused before it is stored.
pub mod limits {
    /// One credential as it was issued.
    pub const CREDENTIAL: usize = 1024 * 1024;
    /// The JSON of a paper's type metadata.
    pub const METADATA: usize = 256 * 1024;
    /// The JSON of a paper's summary, read with every list.
    pub const SUMMARY: usize = 16 * 1024;
    /// A short text: type key, issuer id, name, uri, setting key.
    pub const SHORT_TEXT: usize = 2048;
    /// An issuer's identifier of a configuration or a dataset.
    pub const IDENTIFIER: usize = 8 * 1024;
    /// A setting's value.
    pub const SETTING: usize = 16 * 1024;
    /// A stored issuance session, with what came for it until that is stored: a batch of papers with portraits.
    pub const SESSION: usize = 9 * 1024 * 1024;
    /// A cached status list token.
    pub const STATUS_TOKEN: usize = 8 * 1024 * 1024;
    /// Signers of whom a status list of one address is cached, a count: an issuer and those who sign for it.
    pub const STATUS_SIGNERS: u32 = 8;
    /// A cached trust list.
    pub const TRUST_LIST: usize = 8 * 1024 * 1024;
    /// Items named in one line of the history, a count.
    pub const HISTORY_ITEMS: usize = 256;
    /// Copies stored in one transaction of receiving, a count.
    pub const COPIES: usize = 256;
    /// Keys reserved at once, a count.
    pub const RESERVED_KEYS: usize = 256;
    /// Answered requests remembered, a count; the ones that expire first make way.
    pub const ANSWERED_REQUESTS: i64 = 10_000;
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A fresh random id of 16 bytes.
            ///
            /// # Errors
            /// What the entropy port reports.
            pub fn random(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
                let mut bytes = [0u8; 16];
                entropy.fill(&mut bytes)?;
                Ok(Self(bytes))
            }

            /// Parses 32 lower-case hex digits; anything else is `None`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                hex::decode(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&hex::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not 32 lower-case hex digits"))
            }
        }
    };
}

random_id!(
    /// The id of a paper.
    PaperId
);
random_id!(
    /// The id of a copy.
    CopyId
);
random_id!(
    /// The id of one delivery: copies issued together share it.
    BatchId
);
random_id!(
    /// The id of a key that is reserved and not yet bound to a copy.
    ReservedKeyId
);
random_id!(
    /// The id of what an issuer granted.
    GrantId
);
random_id!(
    /// The id of a pending issuance session.
    SessionId
);

macro_rules! stored_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word that is stored. It never changes.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of a stored word; a word of no variant is `None`.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

stored_words!(
    /// The shelf a paper stands on.
    Shelf {
        /// 신분증.
        Identity = "identity",
        /// 고지서.
        Notices = "notices",
        /// 지원금·증명서.
        Certificates = "certificates",
    }
);
stored_words!(
    /// The format of a copy, by its OpenID4VCI identifier.
    CredentialFormat {
        /// SD-JWT VC.
        SdJwtVc = "dc+sd-jwt",
        /// ISO/IEC 18013-5 mdoc.
        Mdoc = "mso_mdoc",
    }
);
stored_words!(
    /// What became of a paper. Whether it is valid is never stored: that is asked of its status and its dates.
    PaperState {
        /// In use.
        Ready = "ready",
        /// A newer one took its place (refreshed, corrected).
        Replaced = "replaced",
        /// Put away by the person.
        Archived = "archived",
    }
);
stored_words!(
    /// Where a copy's private key comes from.
    KeyBackend {
        /// Derived from the wallet secret and the stored salt, in software.
        Software = "software",
    }
);
stored_words!(
    /// What a pending issuance session waits for.
    SessionKind {
        /// In the middle of receiving; resumable.
        Receiving = "receiving",
        /// The issuer deferred the credential.
        Deferred = "deferred",
        /// An issuer is still to be told what became of a paper.
        Telling = "telling",
        /// An answer is leaving; found by the next unlock, it is one whose end nobody saw. With a time of its next try it has not left and
        /// waits for the network.
        Presenting = "presenting",
    }
);
stored_words!(
    /// What a line of the history tells.
    HistoryKind {
        /// Papers were received, or receiving was refused.
        Received = "received",
        /// A request was answered, declined or refused.
        Presented = "presented",
        /// A paper was removed.
        Removed = "removed",
        /// Copies were refreshed.
        Refreshed = "refreshed",
        /// The passphrase was set, changed or removed.
        PassphraseChanged = "passphrase_changed",
        /// The profile was changed.
        ProfileChanged = "profile_changed",
        /// The other side was told (a notification to the issuer, a deletion request).
        Notified = "notified",
    }
);
stored_words!(
    /// How it ended.
    Outcome {
        /// Done.
        Done = "done",
        /// The person said no.
        Declined = "declined",
        /// The wallet refused.
        Refused = "refused",
        /// It failed on the way; whether something left stands in the code.
        Failed = "failed",
    }
);

/// How a private key is found again: backend, version, and the salt or the backend's handle (design, "Keys").
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRef {
    /// Where the key comes from.
    pub backend: KeyBackend,
    /// Version of the backend's scheme; 1 is `citizen-wallet/v1`.
    pub version: u16,
    /// The 32-byte salt of a software key, or a handle. Deleting it deletes the key.
    pub handle: Vec<u8>,
}

impl fmt::Debug for KeyRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyRef({}, v{})", self.backend.as_str(), self.version)
    }
}

/// A key whose salt is durable, so that a proof may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedKey {
    /// What [`NewCopy::key`] names.
    pub id: ReservedKeyId,
    /// How to sign with it.
    pub key_ref: KeyRef,
}

/// Who issued a paper, as shown in lists.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerLabel {
    /// Credential issuer identifier (an https URL).
    pub id: String,
    /// Its name.
    pub display: LocalizedText,
}

/// A paper to be stored.
pub struct NewPaper {
    /// [`PaperId::random`].
    pub id: PaperId,
    /// The catalogue's key of the type; for a type outside the catalogue its `vct` or doctype.
    pub type_key: String,
    /// The shelf.
    pub shelf: Shelf,
    /// Who issued it.
    pub issuer: IssuerLabel,
    /// The formats its copies come in.
    pub formats: NonEmpty<CredentialFormat>,
    /// Type and issuer metadata as received, for display without the network. At most [`limits::METADATA`].
    pub metadata: serde_json::Value,
    /// What a list shows (title, due date, amount), written by the wallet. At most [`limits::SUMMARY`].
    pub summary: serde_json::Value,
    /// When it was received.
    pub received_at: Instant,
    /// When it expires, if it does.
    pub expires_at: Option<Instant>,
}

/// A paper as listed. Holds claim values in `summary`, hence no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Paper {
    /// Its id.
    pub id: PaperId,
    /// The catalogue's key of the type, or the `vct` or doctype.
    pub type_key: String,
    /// The shelf.
    pub shelf: Shelf,
    /// Who issued it.
    pub issuer: IssuerLabel,
    /// The formats its copies come in.
    pub formats: NonEmpty<CredentialFormat>,
    /// What a list shows.
    pub summary: serde_json::Value,
    /// When it was received.
    pub received_at: Instant,
    /// When it expires, if it does.
    pub expires_at: Option<Instant>,
    /// What became of it.
    pub state: PaperState,
    /// Copies it has.
    pub copies: u32,
    /// Copies never used yet.
    pub unused_copies: u32,
}

/// The bytes of a credential. Wiped when dropped; no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialBytes(Zeroizing<Vec<u8>>);

impl CredentialBytes {
    /// Takes the bytes as they were issued.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// A copy to be stored.
pub struct NewCopy {
    /// [`CopyId::random`].
    pub id: CopyId,
    /// Its format.
    pub format: CredentialFormat,
    /// The credential as issued. At most [`limits::CREDENTIAL`].
    pub credential: CredentialBytes,
    /// The reserved key it is bound to; it moves from the reservation to the copy. `None` for a credential without holder
    /// binding.
    pub key: Option<ReservedKeyId>,
}

/// A stored copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its id.
    pub id: CopyId,
    /// The paper it belongs to.
    pub paper: PaperId,
    /// Its format.
    pub format: CredentialFormat,
    /// The credential as issued.
    pub credential: CredentialBytes,
    /// The key it is bound to, if any.
    pub key: Option<KeyRef>,
    /// How often it was presented.
    pub used_count: u32,
    /// When last.
    pub last_used_at: Option<Instant>,
    /// The delivery it came with.
    pub batch: BatchId,
}

/// An issuance session that waits: deferred, or stored in order to be resumed.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingSession {
    /// Its id.
    pub id: SessionId,
    /// What it waits for.
    pub kind: SessionKind,
    /// The credential issuer identifier.
    pub issuer: String,
    /// The session as the wallet serialised it. Secret (access tokens): wiped when dropped. At most [`limits::SESSION`].
    pub state: Zeroizing<Vec<u8>>,
    /// When it began.
    pub created_at: Instant,
    /// Not to be tried before.
    pub next_try_at: Option<Instant>,
    /// When it is given up.
    pub expires_at: Option<Instant>,
}

/// A cached status list token.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredStatusToken {
    /// The address of the list (the token's `sub`).
    pub uri: String,
    /// The hash of the anchor under which its signer stands; `None`: an earlier version kept it and did not note that.
    pub anchor: Option<[u8; 32]>,
    /// The token as received. At most [`limits::STATUS_TOKEN`].
    pub token: Vec<u8>,
    /// When it was fetched.
    pub fetched_at: Instant,
}

/// A cached trust list.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredTrustList {
    /// The address it is published at.
    pub uri: String,
    /// Its sequence number: an older one never replaces a newer one.
    pub sequence: u64,
    /// The list as received, signature included. At most [`limits::TRUST_LIST`].
    pub token: Vec<u8>,
    /// When it was fetched.
    pub fetched_at: Instant,
}

/// The other side of a line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryParty {
    /// Its identifier (client id, credential issuer).
    pub id: String,
    /// Its name as it was shown.
    pub name: LocalizedText,
    /// Whether the profile knew it.
    pub known: bool,
}

/// One item that was shown or received: its name, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryItem {
    /// The catalogue's key of the paper's type, or the `vct` or doctype.
    pub type_key: String,
    /// Which claim.
    pub path: ClaimPath,
}

impl HistoryItem {
    /// The paper itself, of which nothing was told: received, removed.
    #[must_use]
    pub fn of_type(type_key: &str) -> Self {
        Self { type_key: type_key.to_owned(), path: ClaimPath::top_level("vct") }
    }
}

/// A line of the history to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHistoryEntry {
    /// When.
    pub at: Instant,
    /// What.
    pub kind: HistoryKind,
    /// With whom, if with anyone.
    pub party: Option<HistoryParty>,
    /// Which items, at most [`limits::HISTORY_ITEMS`].
    pub items: Vec<HistoryItem>,
    /// Which papers.
    pub papers: Vec<PaperId>,
    /// The purpose the other side stated in a signed registration.
    pub purpose: Option<LocalizedText>,
    /// The retention it stated.
    pub retention: Option<LocalizedText>,
    /// The rule that refused, if one did (`VP-C4`).
    pub rule: Option<String>,
    /// The error's stable code, if there was an error.
    pub code: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// A line of the history as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its number: 1 is the first line ever; numbers have no gaps.
    pub sequence: u64,
    /// What it says.
    pub entry: NewHistoryEntry,
    /// SHA-256 over the line and the hash before it.
    pub hash: [u8; 32],
}

/// Where the history is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryBreak {
    /// This line, or the one before it, was changed.
    #[error("line {0} of the history was changed")]
    Changed(u64),
    /// A line is missing before this one.
    #[error("a line of the history is missing before line {0}")]
    Missing(u64),
    /// Lines at the end are missing.
    #[error("the last lines of the history are missing after line {0}")]
    Cut(u64),
}
