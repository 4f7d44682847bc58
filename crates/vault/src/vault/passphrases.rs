//! Setting, changing and removing the passphrase, and one try of it.

use std::path::Path;

use crypto::SecretBytes;
use primitives::{Entropy, Instant};

use super::{PassphraseChange, UnlockedVault};
use crate::header::Header;
use crate::item::{self, Generation, ItemError};
use crate::{Attempts, Passphrase, PassphraseError, SecretStore, SecretStoreError, StoreError, UnlockError};

impl UnlockedVault {
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

pub(super) fn load_generations(
    store: &dyn SecretStore,
    header: &Header,
) -> Result<Vec<Generation>, UnlockError> {
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
pub(super) fn current<'g>(generations: &'g [Generation], header: &Header) -> Option<&'g Generation> {
    generations
        .iter()
        .find(|generation| generation.number == header.generation)
        .or_else(|| generations.iter().max_by_key(|generation| (generation.is_sealed(), generation.number)))
}

/// One try of a passphrase: the wait, the counter written first, the try, the counter back to nothing.
pub(super) fn try_passphrase(
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
