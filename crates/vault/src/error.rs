//! One error enum for each operation (design, "States and errors"). None carries a claim, a secret or foreign text.

use crypto::envelope::SealError;
use primitives::{Blame, EntropyUnavailable, Left, Refusal};

use crate::{LockedVault, SecretStoreError};

macro_rules! nothing_left {
    () => {
        fn rule(&self) -> &'static str {
            ""
        }

        fn left(&self) -> Left {
            // The vault sends nothing anywhere.
            Left::Nothing
        }
    };
}

/// Why no new vault was made. What was half-made is left so that a second try succeeds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The folder already holds a vault.
    #[error("this folder already holds a wallet")]
    AlreadyExists,
    /// The folder holds a database without its header: making a new vault would bury it.
    #[error("this folder holds a wallet database without its header")]
    HeaderMissing,
    /// The secret store refused.
    #[error(transparent)]
    SecretStore(#[from] SecretStoreError),
    /// What was just saved was read back differently.
    #[error("the keyring did not keep what it was given")]
    SecretNotKept,
    /// The passphrase is too easy to guess ([`crate::MIN_PASSPHRASE_BITS`]).
    #[error("the passphrase is too easy to guess")]
    PassphraseTooWeak,
    /// No randomness.
    #[error("the computer gave no randomness")]
    Entropy(#[from] EntropyUnavailable),
    /// The database or a file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for CreateError {
    nothing_left!();

    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyExists => "vault_already_exists",
            Self::HeaderMissing => "vault_header_missing",
            Self::SecretStore(error) => error.code(),
            Self::SecretNotKept => "keyring_not_kept",
            Self::PassphraseTooWeak => "passphrase_too_weak",
            Self::Entropy(_) => "no_randomness",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::AlreadyExists | Self::PassphraseTooWeak => Blame::You,
            Self::Store(error) => error.blame(),
            Self::HeaderMissing | Self::SecretStore(_) | Self::SecretNotKept | Self::Entropy(_) => {
                Blame::Computer
            }
        }
    }
}

/// Why the folder could not be opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no vault here yet. Asked of the header alone, never of the keyring.
    #[error("there is no wallet in this folder yet")]
    NoVault,
    /// There is a database but no header.
    #[error("this folder holds a wallet database without its header")]
    HeaderMissing,
    /// The header is there and the database is not.
    #[error("the wallet's database is missing")]
    DatabaseMissing,
    /// The header is not one of ours or was cut short.
    #[error("the wallet's header is damaged")]
    HeaderDamaged,
    /// Written by a newer program.
    #[error("this wallet was written by a newer program (header version {found}, known {known})")]
    NewerVersion {
        /// The version found.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// The folder could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for OpenError {
    nothing_left!();

    fn code(&self) -> &'static str {
        match self {
            Self::NoVault => "vault_not_found",
            Self::HeaderMissing => "vault_header_missing",
            Self::DatabaseMissing => "vault_database_missing",
            Self::HeaderDamaged => "vault_header_damaged",
            Self::NewerVersion { .. } => "vault_newer_version",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoVault | Self::NewerVersion { .. } => Blame::You,
            Self::HeaderMissing | Self::DatabaseMissing | Self::HeaderDamaged => Blame::Computer,
            Self::Store(error) => error.blame(),
        }
    }
}

/// Why the vault stayed locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The secret store refused; [`SecretStoreError::NoEntry`] is [`UnlockError::SecretMissing`] instead.
    #[error(transparent)]
    SecretStore(SecretStoreError),
    /// The vault exists and the keyring answers, but its item is gone.
    #[error("the keyring no longer holds this wallet's secret")]
    SecretMissing,
    /// The item is not one of ours, or belongs to another vault.
    #[error("the keyring's item does not open this wallet")]
    SecretWrong,
    /// A newer program wrote the keyring's item.
    #[error("the keyring's item was written by a newer program (version {found})")]
    SecretNewerVersion {
        /// The version found.
        found: u8,
    },
    /// A passphrase is set and none was given.
    #[error("a passphrase is needed")]
    PassphraseNeeded,
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    PassphraseWrong,
    /// Too many wrong tries: wait.
    #[error("wait {seconds} seconds before the next try")]
    Wait {
        /// Seconds until the next try is taken.
        seconds: u32,
    },
    /// The database was written by a newer program; it was not touched.
    #[error("this wallet was written by a newer program (database version {found}, known {known})")]
    NewerVersion {
        /// The version found.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// The database is cut short or was changed.
    #[error("the wallet's database is damaged")]
    Damaged,
    /// The database or the header could not be read or written.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for UnlockError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged => Self::Damaged,
            other => Self::Store(other),
        }
    }
}

impl Refusal for UnlockError {
    nothing_left!();

    fn code(&self) -> &'static str {
        match self {
            Self::SecretStore(error) => error.code(),
            Self::SecretMissing => "keyring_secret_missing",
            Self::SecretWrong => "keyring_secret_wrong",
            Self::SecretNewerVersion { .. } => "keyring_newer_version",
            Self::PassphraseNeeded => "passphrase_needed",
            Self::PassphraseWrong => "passphrase_wrong",
            Self::Wait { .. } => "passphrase_wait",
            Self::NewerVersion { .. } => "vault_newer_version",
            Self::Damaged => "vault_database_damaged",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::PassphraseNeeded
            | Self::PassphraseWrong
            | Self::Wait { .. }
            | Self::NewerVersion { .. }
            | Self::SecretNewerVersion { .. } => Blame::You,
            Self::SecretStore(_) | Self::SecretMissing | Self::SecretWrong | Self::Damaged => Blame::Computer,
            Self::Store(error) => error.blame(),
        }
    }
}

/// The same state with the error: the vault, still locked, and why.
#[derive(Debug)]
pub struct UnlockFailure {
    /// The vault, to try again.
    pub vault: LockedVault,
    /// Why it stayed locked.
    pub error: UnlockError,
}

/// Why the passphrase is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// The passphrase is too easy to guess ([`crate::MIN_PASSPHRASE_BITS`]).
    #[error("the passphrase is too easy to guess")]
    TooWeak,
    /// No passphrase is set.
    #[error("no passphrase is set")]
    NotSet,
    /// A passphrase is set already: change it instead.
    #[error("a passphrase is set already")]
    AlreadySet,
    /// The present passphrase is wrong.
    #[error("the passphrase is wrong")]
    Wrong,
    /// Too many wrong tries: wait.
    #[error("wait {seconds} seconds before the next try")]
    Wait {
        /// Seconds until the next try is taken.
        seconds: u32,
    },
    /// The secret store refused.
    #[error(transparent)]
    SecretStore(#[from] SecretStoreError),
    /// What was just saved was read back differently; the old item was put back.
    #[error("the keyring did not keep what it was given")]
    SecretNotKept,
    /// No randomness.
    #[error("the computer gave no randomness")]
    Entropy(#[from] EntropyUnavailable),
    /// The header could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for PassphraseError {
    nothing_left!();

    fn code(&self) -> &'static str {
        match self {
            Self::TooWeak => "passphrase_too_weak",
            Self::NotSet => "passphrase_not_set",
            Self::AlreadySet => "passphrase_already_set",
            Self::Wrong => "passphrase_wrong",
            Self::Wait { .. } => "passphrase_wait",
            Self::SecretStore(error) => error.code(),
            Self::SecretNotKept => "keyring_not_kept",
            Self::Entropy(_) => "no_randomness",
            Self::Store(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::TooWeak | Self::NotSet | Self::AlreadySet | Self::Wrong | Self::Wait { .. } => Blame::You,
            Self::SecretStore(_) | Self::SecretNotKept | Self::Entropy(_) => Blame::Computer,
            Self::Store(error) => error.blame(),
        }
    }
}

/// Why a read or a transaction did not happen. The transaction was rolled back whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, or the quota, is full.
    #[error("the disk is full")]
    DiskFull,
    /// Access to the file was refused (permissions, read-only file system).
    #[error("access to the wallet's files was refused")]
    Denied,
    /// Another process holds the database.
    #[error("another process uses the wallet's database")]
    InUse,
    /// The database does not hold what it should.
    #[error("the wallet's database is damaged")]
    Damaged,
    /// The file system or the database failed in another way.
    #[error("the wallet's files could not be read or written")]
    Io,
    /// Something is larger than its bound ([`crate::limits`]).
    #[error("{what} is larger than what is kept")]
    TooLarge {
        /// What.
        what: &'static str,
    },
    /// There is no such thing.
    #[error("there is no such {what}")]
    NotFound {
        /// What.
        what: &'static str,
    },
    /// The same thing is there already.
    #[error("this {what} is there already")]
    Duplicate {
        /// What.
        what: &'static str,
    },
    /// A trust list older than the one that is kept.
    #[error("a newer trust list is known (sequence {known})")]
    OlderTrustList {
        /// The sequence number that is kept.
        known: u64,
    },
    /// No randomness.
    #[error("the computer gave no randomness")]
    NoRandomness,
    /// Sealing failed: the memory for Argon2id is not there.
    #[error("the secret could not be sealed")]
    SealingFailed,
    /// The program was built without SQLCipher, or with other settings than the vault's.
    #[error("this program cannot encrypt the wallet's database")]
    NotEncrypted,
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Entropy(_) => Self::NoRandomness,
            SealError::Failed => Self::SealingFailed,
        }
    }
}

impl From<EntropyUnavailable> for StoreError {
    fn from(_: EntropyUnavailable) -> Self {
        Self::NoRandomness
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            _ => Self::Io,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Self::Denied,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            Some(ErrorCode::TooBig) => Self::TooLarge { what: "a row" },
            _ => Self::Io,
        }
    }
}

impl Refusal for StoreError {
    nothing_left!();

    fn code(&self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Denied => "files_denied",
            Self::InUse => "vault_in_use",
            Self::Damaged => "vault_database_damaged",
            Self::Io => "files_failed",
            Self::TooLarge { .. } => "too_large_to_keep",
            Self::NotFound { .. } => "not_found",
            Self::Duplicate { .. } => "already_kept",
            Self::OlderTrustList { .. } => "trust_list_older",
            Self::NoRandomness => "no_randomness",
            Self::SealingFailed => "sealing_failed",
            Self::NotEncrypted => "vault_not_encrypted",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::DiskFull
            | Self::Denied
            | Self::InUse
            | Self::Damaged
            | Self::Io
            | Self::NoRandomness
            | Self::SealingFailed => Blame::Computer,
            Self::NotFound { .. } => Blame::You,
            Self::TooLarge { .. } | Self::OlderTrustList { .. } => Blame::Issuer,
            Self::Duplicate { .. } | Self::NotEncrypted => Blame::Application,
        }
    }
}
