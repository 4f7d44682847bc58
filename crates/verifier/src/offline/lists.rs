//! Where a desk without a network has its lists from: a port. What comes through it is verified by the desk at every use, never believed as
//! it was kept.

use std::sync::Arc;

use primitives::Instant;
use trust::{AnchorStore, Issuer, StatusSigner};

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

    /// The token kept for the list at this address; `None`: none is.
    fn status_token(&self, uri: &str) -> Option<KeptToken>;

    /// When each of the kept status lists was signed, for showing their age; unordered.
    fn status_dates(&self) -> Vec<Instant>;
}
