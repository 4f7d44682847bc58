//! The vault: locked and unlocked, and the steps between them.

mod passphrases;

use std::fmt;
use std::path::{Path, PathBuf};

use crypto::derive::{Purpose, SALT_BYTES, derive_private_key};
use crypto::{PrivateKey, SecretBytes};
use primitives::{Entropy, Instant};
use rusqlite::{Connection, TransactionBehavior};

use crate::header::{DATABASE_FILE, Header};
use crate::item::{self, Generation};
use crate::store::PROFILE_HASH;
use crate::{
    Attempts, CreateError, KeyBackend, KeyRef, OpenError, Passphrase, ProfileHash, SecretStore, StoreError,
    Transaction, UnlockError, UnlockFailure, WalletId, database, files,
};
use passphrases::{current, load_generations, try_passphrase};

/// A database whose header is not written yet. It is renamed once the header stands.
const NEW_DATABASE_FILE: &str = "wallet.db.new";

/// A vault that is locked: its folder and header, no key, no open database.
#[derive(Debug)]
pub struct LockedVault {
    folder: PathBuf,
    header: Header,
}

/// A vault that is unlocked. Holds the wallet secret and the open database; [`Self::lock`] drops both at once.
pub struct UnlockedVault {
    folder: PathBuf,
    header: Header,
    secret: SecretBytes<32>,
    connection: Connection,
    old_generation_remains: bool,
}

/// How a change of passphrase ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassphraseChange {
    /// The new state is in force and the keyring holds nothing of the old one.
    Complete,
    /// The new state is in force; the keyring failed before the old item was dropped. The next unlock drops it.
    OldItemRemains,
}

impl LockedVault {
    /// Opens the folder. Asks the header alone, never the keyring: a keyring without an item is not a first run.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing is changed.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let database = exists(&folder.join(DATABASE_FILE))?;
        let Some(header) = Header::read(folder)? else {
            return Err(if database { OpenError::HeaderMissing } else { OpenError::NoVault });
        };
        if !database && !exists(&folder.join(NEW_DATABASE_FILE))? {
            return Err(OpenError::DatabaseMissing);
        }
        Ok(Self { folder: folder.to_owned(), header })
    }

    /// The vault's random id.
    #[must_use]
    pub fn wallet_id(&self) -> WalletId {
        self.header.wallet_id
    }

    /// Whether a passphrase is needed, as the header says.
    #[must_use]
    pub fn needs_passphrase(&self) -> bool {
        self.header.passphrase
    }

    /// The profile it belongs to, as the header says; after unlocking the database's word counts.
    #[must_use]
    pub fn profile(&self) -> ProfileHash {
        self.header.profile
    }

    /// Wrong tries so far and the wait they cost.
    #[must_use]
    pub fn attempts(&self) -> Attempts {
        self.header.attempts
    }

    /// Unlocks. With a passphrase set, the try is counted before it is made. Blocks while the secret store answers and, with a
    /// passphrase, for the time of Argon2id.
    ///
    /// # Errors
    /// [`UnlockFailure`] gives the vault back, still locked, with the reason.
    pub fn unlock(
        mut self,
        store: &dyn SecretStore,
        passphrase: Option<&Passphrase>,
        now: Instant,
    ) -> Result<UnlockedVault, Box<UnlockFailure>> {
        match self.open_everything(store, passphrase, now) {
            Ok((secret, connection, old_generation_remains)) => Ok(UnlockedVault {
                folder: self.folder,
                header: self.header,
                secret,
                connection,
                old_generation_remains,
            }),
            Err(error) => Err(Box::new(UnlockFailure { vault: self, error })),
        }
    }

    fn open_everything(
        &mut self,
        store: &dyn SecretStore,
        passphrase: Option<&Passphrase>,
        now: Instant,
    ) -> Result<(SecretBytes<32>, Connection, bool), UnlockError> {
        let generations = load_generations(store, &self.header)?;
        let generation = current(&generations, &self.header).ok_or(UnlockError::SecretWrong)?;
        let secret = match generation.plain() {
            Some(secret) => secret,
            None => {
                let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
                try_passphrase(&self.folder, &mut self.header, generation, passphrase, now)?
            }
        };
        let key = self.header.store_key(&secret).ok_or(UnlockError::SecretWrong)?;
        let connection = self.open_database(&key)?;
        // A change of passphrase that was cut short left a second generation: drop it now that the first one has opened.
        let remains = generations.len() > 1
            && item::encode(&[generation])
                .is_none_or(|item| store.save(&self.header.wallet_id, &item).is_err());
        Ok((secret, connection, remains))
    }

    fn open_database(&mut self, key: &SecretBytes<32>) -> Result<Connection, UnlockError> {
        finish_creation(&self.folder)?;
        let mut connection = database::open(&self.folder.join(DATABASE_FILE), key)?;
        // The database is authenticated and the header is not: the database's word on the profile counts.
        let transaction = Transaction { inner: connection.transaction().map_err(StoreError::from)? };
        let profile = transaction.mark(PROFILE_HASH)?;
        drop(transaction);
        let profile = profile.as_deref().and_then(ProfileHash::parse).ok_or(UnlockError::Damaged)?;
        if profile != self.header.profile {
            self.header.profile = profile;
            self.header.write(&self.folder)?;
        }
        Ok(connection)
    }
}

impl UnlockedVault {
    /// Makes a new vault in a folder that holds none. The secret is in the secret store, read back, before anything is written;
    /// the header, which makes the folder a vault, comes last.
    ///
    /// # Errors
    /// See [`CreateError`]. A second try after an error or a crash succeeds.
    pub fn create(
        folder: &Path,
        store: &dyn SecretStore,
        passphrase: Option<&Passphrase>,
        profile: ProfileHash,
        entropy: &dyn Entropy,
    ) -> Result<Self, CreateError> {
        if passphrase.is_some_and(|passphrase| !passphrase.is_strong_enough()) {
            return Err(CreateError::PassphraseTooWeak);
        }
        files::make_folder(folder)?;
        match LockedVault::open(folder) {
            Err(OpenError::NoVault) => {}
            Err(OpenError::HeaderMissing) => return Err(CreateError::HeaderMissing),
            Err(OpenError::Store(error)) => return Err(error.into()),
            // Anything else, a damaged or newer header included, is somebody's vault.
            Ok(_) | Err(_) => return Err(CreateError::AlreadyExists),
        }
        let wallet_id = WalletId::random(entropy)?;
        let secret = SecretBytes::random(entropy)?;
        let store_key = SecretBytes::random(entropy)?;
        let header = Header::new(wallet_id, passphrase.is_some(), profile, &secret, &store_key, entropy)?;
        let generation = Generation::new(&wallet_id, header.generation, &secret, passphrase, entropy)?;
        let item = item::encode(&[&generation]).ok_or(StoreError::SealingFailed)?;
        store.save(&wallet_id, &item)?;
        if store.load(&wallet_id)? != item {
            return Err(CreateError::SecretNotKept);
        }
        let made = make_database(folder, &store_key, profile).and_then(|()| header.write(folder));
        if let Err(error) = made {
            // The item of a vault that does not exist is of no use to anyone.
            let _ = store.delete(&wallet_id);
            return Err(error.into());
        }
        let mut locked = LockedVault { folder: folder.to_owned(), header };
        let connection = locked.open_database(&store_key).map_err(|error| match error {
            UnlockError::Store(error) => error,
            _ => StoreError::Damaged,
        })?;
        let LockedVault { folder, header } = locked;
        Ok(Self { folder, header, secret, connection, old_generation_remains: false })
    }

    /// Locks at once: the secret is wiped and the database closed. Waits for nothing.
    #[must_use]
    pub fn lock(self) -> LockedVault {
        let Self { folder, header, secret, connection, .. } = self;
        drop(secret);
        // Closing writes nothing: every transaction is committed or rolled back by now.
        drop(connection);
        LockedVault { folder, header }
    }

    /// The vault's random id.
    #[must_use]
    pub fn wallet_id(&self) -> WalletId {
        self.header.wallet_id
    }

    /// Whether a passphrase is set.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        self.header.passphrase
    }

    /// Whether the keyring still holds the item of before the last change of passphrase.
    #[must_use]
    pub fn old_item_remains(&self) -> bool {
        self.old_generation_remains
    }

    /// The profile the vault belongs to.
    #[must_use]
    pub fn profile(&self) -> ProfileHash {
        self.header.profile
    }

    /// Moves the vault to another profile, after the person confirmed it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn change_profile(&mut self, profile: ProfileHash) -> Result<(), StoreError> {
        self.transaction(|transaction| transaction.set_mark(PROFILE_HASH, &profile.to_string()))?;
        // The database has it; a header that could not be written is put right by the next unlock.
        self.header.profile = profile;
        self.header.write(&self.folder)
    }

    /// Runs `body` in one transaction: stored whole if it gives `Ok`, else not at all. Durable when it returns.
    ///
    /// # Errors
    /// What `body` gives, or [`StoreError`] of the commit; the transaction is rolled back.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let inner = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let transaction = Transaction { inner };
        let value = body(&transaction)?;
        transaction.inner.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Runs `body` on one consistent state. What it writes is rolled back.
    ///
    /// # Errors
    /// What `body` gives.
    pub fn read<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let inner = self.connection.transaction().map_err(StoreError::from)?;
        body(&Transaction { inner })
    }

    /// The private key of a copy, for the moment it signs.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for a reference of another backend or version than this program knows.
    pub fn holder_key(&self, key: &KeyRef) -> Result<PrivateKey, StoreError> {
        let KeyBackend::Software = key.backend;
        let salt: &[u8; SALT_BYTES] = key.handle.as_slice().try_into().map_err(|_| StoreError::Damaged)?;
        if key.version != crate::store::SOFTWARE_VERSION {
            return Err(StoreError::Damaged);
        }
        Ok(derive_private_key(&self.secret, Purpose::Holder, salt))
    }

    /// A key of another purpose (DPoP, attestation), from a salt that the session keeps.
    #[must_use]
    pub fn session_key(&self, purpose: Purpose, salt: &[u8; SALT_BYTES]) -> PrivateKey {
        derive_private_key(&self.secret, purpose, salt)
    }

    /// Reads the whole database and checks every page and table. `false` is damage.
    ///
    /// # Errors
    /// The file system's.
    pub fn verify_database(&self) -> Result<bool, StoreError> {
        database::verify(&self.connection)
    }
}

impl fmt::Debug for UnlockedVault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UnlockedVault({})", self.header.wallet_id)
    }
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    Ok(path.try_exists()?)
}

/// The new database under its temporary name: a crash before the header leaves nothing that looks like a vault.
fn make_database(folder: &Path, key: &SecretBytes<32>, profile: ProfileHash) -> Result<(), StoreError> {
    let path = folder.join(NEW_DATABASE_FILE);
    files::make_private_file(&path)?;
    let mut connection = database::create(&path, key)?;
    let transaction = Transaction { inner: connection.transaction()? };
    transaction.set_mark(PROFILE_HASH, &profile.to_string())?;
    transaction.inner.commit()?;
    files::sync_folder(folder)
}

/// The last step of making a vault, which a crash may have left undone.
fn finish_creation(folder: &Path) -> Result<(), StoreError> {
    let (new, path) = (folder.join(NEW_DATABASE_FILE), folder.join(DATABASE_FILE));
    if !exists(&path)? && exists(&new)? {
        std::fs::rename(&new, &path)?;
        files::sync_folder(folder)?;
    }
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod memory_tests;
