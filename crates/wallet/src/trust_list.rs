//! The signed trust list: fetched, verified, kept, and never replaced by an older one (TL-5).
//!
//! The kept list is judged as of when it was fetched: with the network gone the wallet works on with it and shows its
//! age. The profile's own anchors always stand beside it.

use std::sync::Arc;
use std::time::Duration;

use primitives::http::Request;
use primitives::{Blame, Instant, Left, Refusal};
use trust::trust_list::{AcceptedList, SignedTrustList, TrustListError, VerifiedTrustList};
use vault::StoredTrustList;

use crate::app::{State, Wallet};
use crate::error::WalletError;
use crate::net::NetError;
use crate::profile::Anchors;

/// The largest answer taken for a trust list, in bytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// How long the list is waited for: the one that is kept serves, and the citizen should not wait for a silent server.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the trust list was not renewed. The one in use stays in use.
#[derive(Debug, thiserror::Error)]
pub enum TrustListUpdateError {
    /// It could not be fetched.
    #[error(transparent)]
    Net(#[from] NetError),
    /// It does not hold.
    #[error(transparent)]
    List(#[from] TrustListError),
    /// It could not be kept.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl Refusal for TrustListUpdateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Net(error) => error.code(),
            Self::List(error) => error.code(),
            Self::Wallet(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Net(error) => error.rule(),
            Self::List(error) => error.rule(),
            Self::Wallet(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Net(error) => error.blame(),
            Self::List(error) => error.blame(),
            Self::Wallet(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// Takes the kept trust list into use, if there is one that held when it was fetched.
    pub(crate) fn load_trust_list(&self) -> Result<(), WalletError> {
        let Some(source) = &self.profile.trust_list else { return Ok(()) };
        let uri = source.uri.as_str();
        let Some(stored) = self.read(|transaction| transaction.trust_list(uri))? else { return Ok(()) };
        let verified = std::str::from_utf8(&stored.token)
            .ok()
            .and_then(|text| SignedTrustList::parse(text).ok())
            .and_then(|list| list.verify(&source.signers, None, stored.fetched_at).ok());
        if let Some(verified) = verified {
            self.state().use_trust_list(&self.profile.anchors, &verified);
        }
        Ok(())
    }

    /// Fetches the trust list and takes it into use. Nothing of the citizen's leaves: it is a public file.
    ///
    /// # Errors
    /// [`TrustListUpdateError`]; the list in use stays in use.
    pub async fn update_trust_list(&self) -> Result<(), TrustListUpdateError> {
        let Some(source) = &self.profile.trust_list else { return Ok(()) };
        let request =
            Request::get(source.uri.clone()).with_max_response_bytes(MAX_ANSWER_BYTES).with_timeout(PATIENCE);
        let response = self.call(request).await.map_err(NetError::from)?;
        if response.status != 200 {
            return Err(NetError::Status(response.status).into());
        }
        let now = self.now();
        let text = std::str::from_utf8(&response.body).map_err(|_| TrustListError::Malformed)?;
        let list = SignedTrustList::parse(text)?;
        let previous = self.accepted_list(source.uri.as_str())?;
        let verified = list.verify(&source.signers, previous.as_ref(), now)?;
        let stored = StoredTrustList {
            uri: source.uri.to_string(),
            sequence: verified.list().sequence_number,
            token: response.body,
            fetched_at: now,
        };
        self.transaction(|transaction| {
            transaction.save_trust_list(&stored)?;
            transaction.advance_signed_time(verified.list().issued_at).map(drop)
        })?;
        self.saw_signed_time(verified.list().issued_at);
        self.state().use_trust_list(&self.profile.anchors, &verified);
        Ok(())
    }

    /// The number and hash of the list that is kept, for the rule that an older one never replaces it.
    fn accepted_list(&self, uri: &str) -> Result<Option<AcceptedList>, WalletError> {
        let Some(source) = &self.profile.trust_list else { return Ok(None) };
        let stored = self.read(|transaction| transaction.trust_list(uri))?;
        Ok(stored.and_then(|stored| {
            let text = std::str::from_utf8(&stored.token).ok()?;
            let list = SignedTrustList::parse(text).ok()?;
            list.verify(&source.signers, None, stored.fetched_at).ok().map(|verified| verified.accepted())
        }))
    }

    /// The anchors in use.
    #[must_use]
    pub fn anchors(&self) -> Arc<Anchors> {
        Arc::clone(&self.state().anchors)
    }

    /// Sequence number and date of the trust list in use.
    #[must_use]
    pub fn trust_list_in_use(&self) -> Option<(u64, Instant)> {
        self.state().trust_list
    }

    /// When the trust list in use says that the next one comes at the latest: a desk does not go by it any longer.
    #[must_use]
    pub fn trust_list_ends(&self) -> Option<Instant> {
        self.state().trust_list_ends
    }
}

impl State {
    fn use_trust_list(&mut self, own: &Anchors, verified: &VerifiedTrustList) {
        let listed = verified.anchors().clone();
        let mut anchors = own.clone();
        anchors.issuers.extend(listed.issuers);
        anchors.verifiers.extend(listed.verifiers);
        anchors.registrars.extend(listed.registrars);
        anchors.status_signers.extend(listed.status_signers);
        anchors.wallet_providers.extend(listed.wallet_providers);
        self.trust_list = Some((verified.list().sequence_number, verified.list().issued_at));
        self.trust_list_ends = Some(verified.list().next_update);
        // What was judged with other anchors is judged anew; with the same ones it need not be.
        if *self.anchors != anchors {
            self.anchors = Arc::new(anchors);
            self.shelves.clear();
        }
    }
}
