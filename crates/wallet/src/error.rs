//! Why a command of the citizen was not carried out.

use std::collections::BTreeMap;

use primitives::{Blame, Left, Refusal};
use vault::{CreateError, OpenError, PassphraseError, SecretStoreError, StoreError, UnlockError};

use crate::present::{OfflineError, PresentError, QueueError, ShowError};
use crate::view::{AppError, Parameter};

/// Why a command was not carried out. Flows end with a [`crate::view::Refusal`] instead, once they have begun.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// The wallet is locked.
    #[error("the wallet is locked")]
    Locked,
    /// It is being unlocked, set up or sealed anew right now, or would be while an issuer's answer is under way.
    #[error("the wallet is busy with its key or with an issuer's answer")]
    Busy,
    /// There is no vault yet.
    #[error("the wallet is not set up yet")]
    NotSetUp,
    /// There is a vault already.
    #[error("the wallet is set up already")]
    AlreadySetUp,
    /// The vault belongs to another profile.
    #[error("the wallet belongs to another profile")]
    OtherProfile,
    /// There is no such paper, session, line or input.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// A value that the screens do not offer.
    #[error("{0} is not one of its values")]
    Invalid(&'static str),
    /// No passphrase was typed, or one that is too long.
    #[error("a passphrase is needed")]
    PassphraseNeeded,
    /// The vault was not made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The vault was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The vault stayed locked.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The passphrase stayed as it was.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing was sent or shown, and the choice stands.
    #[error(transparent)]
    Present(#[from] PresentError),
    /// A question of a desk was not understood, or is not answered so.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// An answer is not shown, or not any longer.
    #[error(transparent)]
    Show(#[from] ShowError),
    /// An answer does not wait.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// No randomness.
    #[error("the computer gave no randomness")]
    Entropy(#[from] primitives::EntropyUnavailable),
}

impl Refusal for WalletError {
    fn code(&self) -> &'static str {
        match self {
            Self::Locked => "wallet_locked",
            Self::Busy => "wallet_busy",
            Self::NotSetUp => "wallet_not_set_up",
            Self::AlreadySetUp => "wallet_already_set_up",
            Self::OtherProfile => "wallet_other_profile",
            Self::Unknown(_) => "not_found",
            Self::Invalid(_) => "invalid_value",
            Self::PassphraseNeeded => "passphrase_needed",
            Self::Create(error) => error.code(),
            Self::Open(error) => error.code(),
            Self::Unlock(error) => error.code(),
            Self::Passphrase(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Present(error) => error.code(),
            Self::Offline(error) => error.code(),
            Self::Show(error) => error.code(),
            Self::Queue(error) => error.code(),
            Self::Entropy(_) => "no_randomness",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Present(error) => error.rule(),
            Self::Offline(error) => error.rule(),
            Self::Show(error) => error.rule(),
            _ => "",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Locked
            | Self::Busy
            | Self::NotSetUp
            | Self::AlreadySetUp
            | Self::OtherProfile
            | Self::Unknown(_)
            | Self::Invalid(_)
            | Self::PassphraseNeeded => Blame::You,
            Self::Create(error) => error.blame(),
            Self::Open(error) => error.blame(),
            Self::Unlock(error) => error.blame(),
            Self::Passphrase(error) => error.blame(),
            Self::Store(error) => error.blame(),
            Self::Present(error) => error.blame(),
            Self::Offline(error) => error.blame(),
            Self::Show(error) => error.blame(),
            Self::Queue(error) => error.blame(),
            Self::Entropy(_) => Blame::Computer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl WalletError {
    /// The keyring's part in it, if it has one.
    #[must_use]
    pub fn secret_store(&self) -> Option<SecretStoreError> {
        match self {
            Self::Unlock(UnlockError::SecretStore(error))
            | Self::Create(CreateError::SecretStore(error))
            | Self::Passphrase(PassphraseError::SecretStore(error)) => Some(*error),
            _ => None,
        }
    }

    /// The error as it crosses to a screen.
    #[must_use]
    pub fn view(&self) -> AppError {
        let mut params = BTreeMap::new();
        if let Self::Unlock(UnlockError::Wait { seconds })
        | Self::Passphrase(PassphraseError::Wait { seconds }) = self
        {
            params.insert("seconds".to_owned(), Parameter::Number(i64::from(*seconds)));
        }
        AppError {
            code: self.code().to_owned(),
            rule: Some(self.rule().to_owned()).filter(|rule| !rule.is_empty()),
            blame: self.blame().into(),
            left: self.left() == Left::Something,
            params,
        }
    }
}
