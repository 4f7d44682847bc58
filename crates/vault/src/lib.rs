//! The encrypted store: the key hierarchy, lock and attempts, and everything that is kept.
//!
//! Design, "Keys", "One wallet, several processes", "States and errors". A folder holds `wallet.header` (versioned,
//! slots that wrap the store key) and `wallet.db` (SQLCipher, raw random key). The wallet secret, from which the store
//! key's wrapping and every holder key derive, lives behind the [`SecretStore`] port and nowhere else.
//!
//! A locked vault ([`LockedVault`]) and an unlocked one ([`UnlockedVault`]) are different types. Locking drops the keys
//! and closes the connection at once; it waits for nothing.
//!
//! What is kept is reached by [`UnlockedVault::transaction`] and [`UnlockedVault::read`]: a closure over a
//! [`Transaction`] with narrow typed methods, which is stored whole or not at all.

mod attempts;
mod database;
mod error;
pub mod files;
mod header;
mod item;
mod migrations;
mod passphrase;
mod profile;
mod secret_store;
mod store;
mod vault;

pub use attempts::{Attempts, FREE_ATTEMPTS, LONGEST_DELAY_SECONDS};
pub use error::{CreateError, OpenError, PassphraseError, StoreError, UnlockError, UnlockFailure};
pub use header::{DATABASE_FILE, HEADER_FILE, HEADER_VERSION};
pub use passphrase::{MAX_PASSPHRASE_BYTES, MIN_PASSPHRASE_BITS, Passphrase, estimated_bits};
pub use profile::ProfileHash;
pub use secret_store::{MAX_SECRET_ITEM_BYTES, SecretItem, SecretStore, SecretStoreError, WalletId};
pub use store::{
    BatchId, Copy, CopyId, CredentialBytes, CredentialFormat, Grant, GrantId, HistoryBreak, HistoryEntry,
    HistoryItem, HistoryKind, HistoryParty, IssuerLabel, KeyBackend, KeyRef, NewCopy, NewHistoryEntry,
    NewPaper, Outcome, Paper, PaperId, PaperSource, PaperState, PendingSession, ReservedKey, ReservedKeyId,
    SessionId, SessionKind, Shelf, StoredStatusToken, StoredTrustList, Transaction, VerifiedHistory, limits,
};
pub use vault::{LockedVault, PassphraseChange, UnlockedVault};
