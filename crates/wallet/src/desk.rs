//! What a verifier's desk in the same application may use of the wallet: kept lists, and a place for its own settings. It sees no paper.

use std::collections::BTreeSet;

use primitives::Instant;
use primitives::http::Request;
use trust::status::StatusFormat;
use trust::{Issuer, TrustAnchor};
use vault::StoredStatusToken;

use crate::app::Wallet;
use crate::error::WalletError;

/// What a desk's settings are called in the vault; nothing else of the vault is within its reach.
const PREFIX: &str = "desk.";

/// A status list token as it was fetched.
#[derive(Clone)]
pub struct KeptStatusToken {
    /// JWT or CWT.
    pub token: Vec<u8>,
    /// When it was fetched.
    pub fetched_at: Instant,
}

impl Wallet {
    /// Counts locks, for a desk that must not go on after one as if nothing had been.
    ///
    /// # Errors
    /// [`WalletError`]: locked.
    pub fn unlocked_epoch(&self) -> Result<u64, WalletError> {
        self.epoch()
    }

    /// The status list token kept for an address that counts for what this anchor vouches for, of several the one signed last; `None`: none
    /// is, or the wallet is locked.
    #[must_use]
    pub fn kept_status_token(&self, uri: &str, anchor: &TrustAnchor<Issuer>) -> Option<KeptStatusToken> {
        let (_, stored) = self.kept_by_word_of(uri, anchor)?;
        Some(KeptStatusToken { token: stored.token, fetched_at: stored.fetched_at })
    }

    /// When each status list was signed that is kept for one of these addresses, or that was looked at since the wallet was unlocked; unordered.
    #[must_use]
    pub fn kept_status_dates(&self, addresses: &BTreeSet<String>) -> Vec<Instant> {
        let known: BTreeSet<String> =
            self.state().shelves.lists.keys().map(|(address, _)| address.clone()).collect();
        let anchors = self.anchors();
        for address in addresses.difference(&known) {
            anchors.issuers.iter().find_map(|issuer| self.kept_list(address, issuer));
        }
        self.state().shelves.lists.values().map(|entry| entry.0.issued_at()).collect()
    }

    /// The latest time in a list that this wallet verified.
    #[must_use]
    pub fn latest_signed_time(&self) -> Option<Instant> {
        self.state().signed_time
    }

    /// Fetches a status list and keeps it, if it holds by the word of any issuer that the wallet knows and is not older than the one of the
    /// same signer that is kept. Whether it was kept.
    ///
    /// # Errors
    /// [`WalletError`]: locked, or the store's.
    pub async fn keep_status_list(&self, uri: &str) -> Result<bool, WalletError> {
        let Ok(url) = url::Url::parse(uri) else { return Ok(false) };
        let request = Request::get(url)
            .with_header("accept", StatusFormat::accept())
            .with_max_response_bytes(trust::status::MAX_TOKEN_BYTES);
        let Ok(response) = self.call(request).await else { return Ok(false) };
        if response.status != 200 {
            return Ok(false);
        }
        let now = self.now();
        let Some(list) = self.by_any_issuers_word(uri, &response.body, now) else { return Ok(false) };
        let (signer, signed) = (list.anchor(), list.issued_at());
        if self.kept_signed_at(uri, signer) > Some(signed) {
            return Ok(false);
        }
        let (uri, token) = (uri.to_owned(), response.body);
        let stored = StoredStatusToken { uri, anchor: Some(signer), token, fetched_at: now };
        self.transaction(|transaction| {
            transaction.save_status_token(&stored)?;
            transaction.advance_signed_time(signed).map(drop)
        })?;
        self.saw_signed_time(signed);
        self.read_lists_anew(&stored.uri);
        Ok(true)
    }

    /// A setting of the desk.
    ///
    /// # Errors
    /// [`WalletError`]: locked, or the store's.
    pub fn desk_setting(&self, name: &str) -> Result<Option<String>, WalletError> {
        self.read(|transaction| transaction.setting(&format!("{PREFIX}{name}")))
    }

    /// Sets a setting of the desk; `None` removes it. It lies in the vault, encrypted like every paper.
    ///
    /// # Errors
    /// [`WalletError`]: locked, too large, or the store's.
    pub fn set_desk_setting(&self, name: &str, value: Option<&str>) -> Result<(), WalletError> {
        self.transaction(|transaction| transaction.set_setting(&format!("{PREFIX}{name}"), value))
    }
}
