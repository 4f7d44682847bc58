//! The wallet behind the desk's ports.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use primitives::Instant;
use trust::{Issuer, TrustAnchor};
use verifier::offline::{
    DeskMemory, DeskRecord, KeptToken, Lists, MAX_KEPT_LISTS, MemoryError, PassingMemory, Trust,
    TrustListDates,
};
use wallet::{Wallet, WalletError};

/// The setting with the record.
const RECORD: &str = "record";

/// The wallet's anchors and kept lists.
pub(super) struct WalletLists {
    wallet: Arc<Wallet>,
    /// Lists that the identity's configuration names and that checks asked for, kept or not: each is fetched anew when the lists are. Their
    /// addresses say nothing of anybody.
    asked: Mutex<BTreeSet<String>>,
}

impl WalletLists {
    pub(super) fn new(wallet: Arc<Wallet>) -> Self {
        Self { wallet, asked: Mutex::default() }
    }

    /// The addresses of the lists that this desk judges by, for fetching them.
    pub(super) fn asked(&self) -> BTreeSet<String> {
        self.addresses().clone()
    }

    /// Takes an address as one of the desk's, as long as there is room.
    pub(super) fn ask(&self, uri: &str) {
        let mut asked = self.addresses();
        if asked.len() < MAX_KEPT_LISTS {
            asked.insert(uri.to_owned());
        }
    }

    fn addresses(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lists for WalletLists {
    fn trust(&self) -> Trust {
        let anchors = self.wallet.anchors();
        Trust {
            issuers: Arc::new(anchors.issuers.clone()),
            status_signers: Arc::new(anchors.status_signers.clone()),
            trust_list: self.wallet.trust_list_in_use().map(|(sequence_number, issued_at)| TrustListDates {
                sequence_number,
                issued_at,
                next_update: self.wallet.trust_list_ends(),
            }),
        }
    }

    fn status_token(&self, uri: &str, anchor: &TrustAnchor<Issuer>) -> Option<KeptToken> {
        self.ask(uri);
        let kept = self.wallet.kept_status_token(uri, anchor);
        kept.map(|kept| KeptToken { token: kept.token, fetched_at: kept.fetched_at })
    }

    fn status_dates(&self) -> Vec<Instant> {
        self.wallet.kept_status_dates(&self.asked())
    }

    fn latest_signed(&self) -> Option<Instant> {
        // The dates are those of the lists that were read since; a list that was fetched and not read yet says the time as well.
        self.wallet.latest_signed_time().max(self.status_dates().into_iter().max())
    }
}

/// The record in the vault.
pub(super) struct VaultMemory {
    wallet: Arc<Wallet>,
}

impl VaultMemory {
    pub(super) fn new(wallet: Arc<Wallet>) -> Self {
        Self { wallet }
    }

    /// A record that ends with the desk, in place of one that cannot be read: nothing is written over that one.
    pub(super) fn passing(&self) -> PassingMemory {
        PassingMemory::of(self.empty())
    }

    /// Forgets the record where it cannot be read; one that can be stays.
    pub(super) fn forget_unreadable(&self) -> Result<(), WalletError> {
        if self.load().is_err() { self.wallet.set_desk_setting(RECORD, None) } else { Ok(()) }
    }

    /// What the wallet itself verified counts in any case.
    fn empty(&self) -> DeskRecord {
        DeskRecord { latest_signed: self.wallet.latest_signed_time(), ..DeskRecord::default() }
    }
}

impl DeskMemory for VaultMemory {
    fn load(&self) -> Result<DeskRecord, MemoryError> {
        let kept = self.wallet.desk_setting(RECORD).map_err(|_| MemoryError::Unreadable)?;
        let empty = self.empty();
        let Some(text) = kept else { return Ok(empty) };
        let record = DeskRecord::from_kept(text.as_bytes())?;
        Ok(DeskRecord { latest_signed: record.latest_signed.max(empty.latest_signed), ..record })
    }

    fn save(&self, record: &DeskRecord) -> Result<(), MemoryError> {
        let text = record.to_kept()?;
        self.wallet.set_desk_setting(RECORD, Some(&text)).map_err(|_| MemoryError::Unwritable)
    }
}

#[cfg(test)]
mod tests;
