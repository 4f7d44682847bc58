//! The port behind which the wallet secret is kept (design, "Keys"): the OS keyring in a citizen's wallet, a file for
//! servers and tests. The implementations live in `host`.

use std::fmt;

use primitives::{Blame, Entropy, Left, Refusal};
use zeroize::Zeroizing;

/// The longest secret item, in bytes. Windows' Credential Manager takes 2,560; two sealed generations need far less.
pub const MAX_SECRET_ITEM_BYTES: usize = 2048;

/// The vault's random name: 16 random bytes, shown in lower-case hex. It names the keyring item (decision 0001) and says
/// nothing about the person or the path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WalletId([u8; 16]);

impl WalletId {
    /// A fresh random id.
    ///
    /// # Errors
    /// What the entropy port reports.
    pub fn random(entropy: &dyn Entropy) -> Result<Self, primitives::EntropyUnavailable> {
        let mut bytes = [0u8; 16];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Parses 32 lower-case hex digits; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::store::hex::decode(text).map(Self)
    }

    /// The 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for WalletId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&crate::store::hex::encode(&self.0))
    }
}

impl fmt::Debug for WalletId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WalletId({self})")
    }
}

/// The bytes of one secret item. Wiped when dropped, without `Debug` of the content.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretItem(Zeroizing<Vec<u8>>);

impl SecretItem {
    /// Takes the bytes; `None` if there are none or more than [`MAX_SECRET_ITEM_BYTES`].
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        (!bytes.is_empty() && bytes.len() <= MAX_SECRET_ITEM_BYTES).then_some(Self(bytes))
    }

    /// The bytes, for a store to write.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretItem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretItem(..)")
    }
}

/// Where the wallet secret is kept. Calls are blocking and bounded in time by the implementation: none may hang.
pub trait SecretStore: Send + Sync {
    /// The item of this wallet.
    ///
    /// # Errors
    /// [`SecretStoreError::NoEntry`] if there is none; the others as named.
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError>;

    /// Writes the item in place of what was there; durable when it returns.
    ///
    /// # Errors
    /// As named. After an error the old item is still there or the new one is, never neither.
    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError>;

    /// Deletes the item. One that is not there is [`SecretStoreError::NoEntry`].
    ///
    /// # Errors
    /// As named.
    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError>;
}

/// Why the secret store gave nothing. What to do differs for each, so each is its own variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretStoreError {
    /// No keyring service answers on this computer (no session bus, or nothing on it).
    #[error("no keyring service is running")]
    NoService,
    /// The service runs, but the person has no default keyring yet, so nothing can be stored.
    #[error("the keyring service has no default keyring yet")]
    NoCollection,
    /// The keyring is locked, and was not unlocked.
    #[error("the keyring is locked")]
    Locked,
    /// The keyring answers and holds no item of this wallet.
    #[error("the keyring holds no item of this wallet")]
    NoEntry,
    /// The keyring, or the file system, refused access.
    #[error("access to the secret was refused")]
    Denied,
    /// The keyring did not answer in time. Often a system prompt waits for the person.
    #[error("the keyring did not answer in time")]
    TimedOut,
    /// What the store gave back is not an item of a wallet (empty, too long or ambiguous).
    #[error("the keyring gave back something that is not a wallet secret")]
    Unusable,
    /// The store failed in another way.
    #[error("the keyring failed")]
    Failed,
}

impl Refusal for SecretStoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoService => "keyring_no_service",
            Self::NoCollection => "keyring_no_collection",
            Self::Locked => "keyring_locked",
            Self::NoEntry => "keyring_no_entry",
            Self::Denied => "keyring_denied",
            Self::TimedOut => "keyring_timed_out",
            Self::Unusable => "keyring_item_unusable",
            Self::Failed => "keyring_failed",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
