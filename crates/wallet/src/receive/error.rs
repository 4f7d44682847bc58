//! Why receiving ends although nothing that came was false.

use primitives::{Blame, Left, Refusal};

/// Why a received paper is not taken although it verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// Its status list says that it is revoked already.
    #[error("the paper is revoked already")]
    Revoked,
    /// Its status list has no place for it (ST-9).
    #[error("the paper is not in its status list")]
    StatusUnlisted,
    /// Its status list says of it what is reserved: not that it is valid (ST-11).
    #[error("the paper's status list does not call it valid")]
    StatusUnreadable,
    /// The issuer's grants are none that this wallet knows.
    #[error("the offer has no way to receive it that is known here")]
    NoGrant,
    /// The offer names nothing that can be used.
    #[error("the offer names no paper that is known here")]
    NothingUsable,
    /// Nobody said which of the issuer's papers are meant.
    #[error("no paper of the issuer was chosen")]
    NothingChosen,
    /// More papers than are taken at once.
    #[error("the offer is of more papers than are taken at once")]
    TooMany,
    /// A deferred paper did not come in time.
    #[error("the paper that was promised did not come")]
    DeferredExpired,
    /// The token ended, or the issuer takes it no longer, and there is none to be had in its place.
    #[error("nothing is left to fetch the paper with that was promised")]
    DeferredAccessEnded,
}

impl Refusal for ReceiveError {
    fn code(&self) -> &'static str {
        match self {
            Self::Revoked => "paper_revoked",
            Self::StatusUnlisted => "paper_status_unlisted",
            Self::StatusUnreadable => "paper_status_unreadable",
            Self::NoGrant => "offer_no_grant",
            Self::NothingUsable => "offer_nothing_usable",
            Self::NothingChosen => "offer_nothing_chosen",
            Self::TooMany => "offer_too_many",
            Self::DeferredExpired => "deferred_expired",
            Self::DeferredAccessEnded => "deferred_access_ended",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Revoked => "ST-10",
            Self::StatusUnlisted => "ST-9",
            Self::StatusUnreadable => "ST-11",
            Self::NoGrant | Self::NothingUsable | Self::TooMany | Self::NothingChosen => "CI-2",
            Self::DeferredExpired | Self::DeferredAccessEnded => "CI-22",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::NothingChosen => Blame::You,
            _ => Blame::Issuer,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The citizen stopped it.
#[derive(Debug, thiserror::Error)]
#[error("stopped by the person")]
pub(super) struct Stopped;

impl Refusal for Stopped {
    fn code(&self) -> &'static str {
        "stopped"
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> Blame {
        Blame::You
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}
