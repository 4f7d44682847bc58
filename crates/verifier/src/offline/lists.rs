//! Where a desk without a network has its lists from: a port. What comes through it is verified by the desk at every use, never believed as
//! it was kept.

use std::sync::Arc;

use primitives::{Blame, Instant, Left, Refusal};
use trust::status::StatusError;
use trust::trust_list::TrustListError;
use trust::{AnchorStore, Issuer, StatusSigner, TrustAnchor};

/// The dates of the trust list in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustListDates {
    /// Its number.
    pub sequence_number: u64,
    /// When it was signed.
    pub issued_at: Instant,
    /// When it says that the next one comes at the latest, where that is known.
    pub next_update: Option<Instant>,
}

/// Whose word counts.
#[derive(Clone, Default)]
pub struct Trust {
    /// Whose papers are believed, each anchor with the types it may issue.
    pub issuers: Arc<AnchorStore<Issuer>>,
    /// Who signs status lists beside the issuers.
    pub status_signers: Arc<AnchorStore<StatusSigner>>,
    /// The trust list that says so; `None`: the configuration names the anchors itself.
    pub trust_list: Option<TrustListDates>,
}

/// A status list token as it was fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptToken {
    /// The token, JWT or CWT.
    pub token: Vec<u8>,
    /// When it was fetched.
    pub fetched_at: Instant,
}

/// The lists of a desk.
pub trait Lists: Send + Sync {
    /// Whose word counts, now.
    fn trust(&self) -> Trust;

    /// The token kept for the list at this address, of a paper that this anchor vouches for; `None`: none is.
    fn status_token(&self, uri: &str, anchor: &TrustAnchor<Issuer>) -> Option<KeptToken>;

    /// When each of the kept status lists was signed, for showing their age; unordered.
    fn status_dates(&self) -> Vec<Instant>;

    /// The latest time in a list whose signature held, also in one that is not looked at any more: a clock behind it is wrong (OQ-32).
    fn latest_signed(&self) -> Option<Instant> {
        self.status_dates().into_iter().max()
    }
}

/// Why a list is not taken, or the folder cannot be used. What was kept stays kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListsError {
    /// The trust list does not hold, or is older than the one in use.
    #[error(transparent)]
    TrustList(#[from] TrustListError),
    /// The status list does not hold.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// A newer status list is kept.
    #[error("the status list is older than the one that is kept")]
    Older,
    /// A file is not what was written.
    #[error("a kept list is damaged")]
    Damaged,
    /// A file cannot be read.
    #[error("a kept list cannot be read")]
    Unreadable,
    /// Nothing can be written: the disk is full, or the folder is not ours to write.
    #[error("the list cannot be kept")]
    Unwritable,
}

impl Refusal for ListsError {
    fn code(&self) -> &'static str {
        match self {
            Self::TrustList(error) => error.code(),
            Self::Status(error) => error.code(),
            Self::Older => "status_list_older",
            Self::Damaged => "list_file_damaged",
            Self::Unreadable => "list_file_unreadable",
            Self::Unwritable => "list_file_unwritable",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::TrustList(error) => error.rule(),
            Self::Status(error) => error.rule(),
            Self::Older => "OQ-36",
            Self::Damaged | Self::Unreadable | Self::Unwritable => "",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::TrustList(error) => error.blame(),
            Self::Status(error) => error.blame(),
            Self::Older => Blame::Issuer,
            Self::Damaged | Self::Unreadable | Self::Unwritable => Blame::Computer,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}
