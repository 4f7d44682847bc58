//! The vault: locked and unlocked, and the steps between them.

use std::fmt;
use std::path::{Path, PathBuf};

use crypto::derive::{Purpose, SALT_BYTES, derive_private_key};
use crypto::{PrivateKey, SecretBytes};
use primitives::{Entropy, Instant};
use rusqlite::{Connection, TransactionBehavior};

use crate::header::{DATABASE_FILE, Header};
use crate::item::{self, Generation, ItemError};
use crate::store::PROFILE_HASH;
use crate::{
    Attempts, CreateError, KeyBackend, KeyRef, OpenError, Passphrase, PassphraseError, ProfileHash,
    SecretStore, SecretStoreError, StoreError, Transaction, UnlockError, UnlockFailure, WalletId, database,
    files,
};

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
            && !item::encode(&[generation])
                .is_some_and(|item| store.save(&self.header.wallet_id, &item).is_ok());
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

    /// Sets a passphrase where none is.
    ///
    /// # Errors
    /// [`PassphraseError`]; the vault then opens as before.
    pub fn set_passphrase(
        &mut self,
        store: &dyn SecretStore,
        new: &Passphrase,
        entropy: &dyn Entropy,
    ) -> Result<PassphraseChange, PassphraseError> {
        if self.header.passphrase {
            return Err(PassphraseError::AlreadySet);
        }
        self.reseal(store, Some(new), entropy)
    }

    /// Changes the passphrase. A wrong present one counts as a try.
    ///
    /// # Errors
    /// [`PassphraseError`]; the vault then opens with the present one.
    pub fn change_passphrase(
        &mut self,
        store: &dyn SecretStore,
        present: &Passphrase,
        new: &Passphrase,
        entropy: &dyn Entropy,
        now: Instant,
    ) -> Result<PassphraseChange, PassphraseError> {
        if !new.is_strong_enough() {
            return Err(PassphraseError::TooWeak);
        }
        self.confirm(store, present, now)?;
        self.reseal(store, Some(new), entropy)
    }

    /// Removes the passphrase. A wrong present one counts as a try.
    ///
    /// # Errors
    /// [`PassphraseError`]; the vault then opens with the present one.
    pub fn remove_passphrase(
        &mut self,
        store: &dyn SecretStore,
        present: &Passphrase,
        entropy: &dyn Entropy,
        now: Instant,
    ) -> Result<PassphraseChange, PassphraseError> {
        self.confirm(store, present, now)?;
        self.reseal(store, None, entropy)
    }

    /// Checks the present passphrase against the secret store's item.
    fn confirm(
        &mut self,
        store: &dyn SecretStore,
        present: &Passphrase,
        now: Instant,
    ) -> Result<(), PassphraseError> {
        if !self.header.passphrase {
            return Err(PassphraseError::NotSet);
        }
        let generations = load_generations(store, &self.header).map_err(passphrase_error)?;
        let generation = current(&generations, &self.header).ok_or(PassphraseError::SecretNotKept)?;
        let secret = try_passphrase(&self.folder, &mut self.header, generation, present, now)
            .map_err(passphrase_error)?;
        if secret == self.secret { Ok(()) } else { Err(PassphraseError::SecretNotKept) }
    }

    /// Old and new generation into the item, the header to the new one, the old one out of the item: in this order, so that
    /// after a crash anywhere the generation the header names is there.
    fn reseal(
        &mut self,
        store: &dyn SecretStore,
        passphrase: Option<&Passphrase>,
        entropy: &dyn Entropy,
    ) -> Result<PassphraseChange, PassphraseError> {
        if passphrase.is_some_and(|passphrase| !passphrase.is_strong_enough()) {
            return Err(PassphraseError::TooWeak);
        }
        let id = self.header.wallet_id;
        let generations = load_generations(store, &self.header).map_err(passphrase_error)?;
        let old = current(&generations, &self.header).ok_or(PassphraseError::SecretNotKept)?;
        let number = self.header.generation.max(old.number).saturating_add(1);
        let new = Generation::new(&id, number, &self.secret, passphrase, entropy)?;
        let both = item::encode(&[old, &new]).ok_or(StoreError::SealingFailed)?;
        let only_new = item::encode(&[&new]).ok_or(StoreError::SealingFailed)?;
        let only_old = item::encode(&[old]).ok_or(StoreError::SealingFailed)?;

        store.save(&id, &both)?;
        let kept = store.load(&id)? == both && self.opens(&new, passphrase);
        if !kept {
            let _ = store.save(&id, &only_old);
            return Err(PassphraseError::SecretNotKept);
        }
        let mut header = self.header.clone();
        header.generation = number;
        header.passphrase = passphrase.is_some();
        header.attempts = Attempts::default();
        if let Err(error) = header.write(&self.folder) {
            let _ = store.save(&id, &only_old);
            return Err(error.into());
        }
        self.header = header;
        self.old_generation_remains = store.save(&id, &only_new).is_err();
        Ok(if self.old_generation_remains {
            PassphraseChange::OldItemRemains
        } else {
            PassphraseChange::Complete
        })
    }

    fn opens(&self, generation: &Generation, passphrase: Option<&Passphrase>) -> bool {
        let opened = match passphrase {
            None => generation.plain(),
            Some(passphrase) => generation.open(&self.header.wallet_id, passphrase).ok().flatten(),
        };
        opened.is_some_and(|secret| secret == self.secret)
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
    let mut connection = database::open(&path, key).map_err(|error| match error {
        UnlockError::Store(error) => error,
        _ => StoreError::Damaged,
    })?;
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

fn load_generations(store: &dyn SecretStore, header: &Header) -> Result<Vec<Generation>, UnlockError> {
    let item = store.load(&header.wallet_id).map_err(|error| match error {
        SecretStoreError::NoEntry => UnlockError::SecretMissing,
        other => UnlockError::SecretStore(other),
    })?;
    item::decode(&item).map_err(item_error)
}

fn item_error(error: ItemError) -> UnlockError {
    match error {
        ItemError::Newer(found) => UnlockError::SecretNewerVersion { found },
        ItemError::Malformed => UnlockError::SecretWrong,
        ItemError::Memory => UnlockError::Store(StoreError::SealingFailed),
    }
}

/// The generation the header names. Another one only if that is not there at all (header or keyring restored from an older
/// state): never beside it, or a plain generation left by a cut change would open what a passphrase protects.
fn current<'g>(generations: &'g [Generation], header: &Header) -> Option<&'g Generation> {
    generations
        .iter()
        .find(|generation| generation.number == header.generation)
        .or_else(|| generations.iter().max_by_key(|generation| (generation.is_sealed(), generation.number)))
}

/// One try of a passphrase: the wait, the counter written first, the try, the counter back to nothing.
fn try_passphrase(
    folder: &Path,
    header: &mut Header,
    generation: &Generation,
    passphrase: &Passphrase,
    now: Instant,
) -> Result<SecretBytes<32>, UnlockError> {
    let wait = header.attempts.wait(now);
    if wait > 0 {
        if header.attempts.is_from_the_future(now) {
            header.attempts = header.attempts.rebased(now);
            header.write(folder)?;
        }
        return Err(UnlockError::Wait { seconds: wait });
    }
    header.attempts = header.attempts.one_more(now);
    header.write(folder)?;
    let opened = generation.open(&header.wallet_id, passphrase).map_err(item_error)?;
    let secret = opened.ok_or(UnlockError::PassphraseWrong)?;
    header.attempts = Attempts::default();
    header.write(folder)?;
    Ok(secret)
}

fn passphrase_error(error: UnlockError) -> PassphraseError {
    match error {
        UnlockError::SecretStore(error) => PassphraseError::SecretStore(error),
        UnlockError::SecretMissing => PassphraseError::SecretStore(SecretStoreError::NoEntry),
        UnlockError::PassphraseWrong | UnlockError::PassphraseNeeded => PassphraseError::Wrong,
        UnlockError::Wait { seconds } => PassphraseError::Wait { seconds },
        UnlockError::Store(error) => PassphraseError::Store(error),
        UnlockError::SecretWrong
        | UnlockError::SecretNewerVersion { .. }
        | UnlockError::NewerVersion { .. }
        | UnlockError::Damaged => PassphraseError::SecretNotKept,
    }
}
