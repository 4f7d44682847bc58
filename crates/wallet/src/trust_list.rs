//! The signed trust list: fetched, verified, kept, and never replaced by an older one (TL-5).
//!
//! The kept list is judged as of when it was fetched: with the network gone the wallet works on with it and shows its
//! age. Once its next update is overdue, every yes that goes by it says so; thirty days later what it
//! names vouches for nobody new: whoever keeps the next list from coming would else keep whom it withdraws (TL-15).
//! The profile's own anchors always stand beside it.

use std::sync::Arc;
use std::time::Duration;

use openid4vp::holder::AuthenticatedRequest;
use primitives::http::Request;
use primitives::{Blame, Instant, Left, Refusal};
use trust::trust_list::{AcceptedList, SignedTrustList, TrustListError, VerifiedTrustList};
use trust::{AnchorStore, CredentialType, Issuer, Role, TrustAnchor, VerifiedChain};
use vault::StoredTrustList;

use crate::app::{State, Wallet};
use crate::error::WalletError;
use crate::net::NetError;
use crate::profile::Anchors;

/// The largest answer taken for a trust list, in bytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// How long the list is waited for: the one that is kept serves, and the citizen should not wait for a silent server.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long after its next update was due a list still vouches for requests and papers that come, in seconds: 30 days, as at a desk (OQ-31).
const PATIENCE_WITH_OLD_LISTS: i64 = 30 * 24 * 3600;

/// The trust list in use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListInUse {
    sequence_number: u64,
    issued_at: Instant,
    next_update: Instant,
    fetched_at: Instant,
}

/// Whoever vouches for the other side stands in a list alone whose next update is long overdue (TL-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("who vouches for the other side stands in a trust list that is too old")]
pub(crate) struct TrustListTooOld;

impl Refusal for TrustListTooOld {
    fn code(&self) -> &'static str {
        "trust_list_too_old"
    }
    fn rule(&self) -> &'static str {
        "TL-15"
    }
    /// Nobody whom a citizen deals with makes the list: it is to be fetched.
    fn blame(&self) -> Blame {
        Blame::Network
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

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
            self.state().use_trust_list(&self.profile.anchors, &verified, stored.fetched_at);
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
        self.state().use_trust_list(&self.profile.anchors, &verified, now);
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
        self.state().trust_list.map(|list| (list.sequence_number, list.issued_at))
    }

    /// When the trust list in use says that the next one comes at the latest: a desk does not go by it any longer.
    #[must_use]
    pub fn trust_list_ends(&self) -> Option<Instant> {
        self.state().trust_list.map(|list| list.next_update)
    }

    /// When the trust list in use was fetched, if its next update is overdue (TL-15).
    pub(crate) fn old_list_fetched_at(&self) -> Option<Instant> {
        let now = self.known_now();
        let list = self.state().trust_list?;
        (list.next_update <= now).then_some(list.fetched_at)
    }

    /// Whether what stands in the list in use alone vouches for nobody new (TL-15).
    pub(crate) fn is_list_too_old(&self) -> bool {
        let now = self.known_now();
        let list = self.state().trust_list;
        list.is_some_and(|list| list.next_update + PATIENCE_WITH_OLD_LISTS <= now)
    }

    /// Whether these certificates of a verifier or a registrar still vouch for who asks now (TL-15). `own` are the profile's.
    fn vouches<R: Role<Grant = ()>>(&self, own: &AnchorStore<R>, chain: &VerifiedChain<R>) -> bool {
        let named = |anchor: &TrustAnchor<R>| anchor.certificate() == chain.anchor().certificate();
        own.iter().any(named) || !self.is_list_too_old()
    }

    /// Refuses a request whose client or registration only a list vouches for that is too old (TL-15). One that was read off a screen counts:
    /// it is asked face to face where there may be no network, and its consent says how old the list is.
    pub(crate) fn refuse_by_old_list(&self, request: &AuthenticatedRequest) -> Result<(), TrustListTooOld> {
        let own = &self.profile.anchors;
        let client = request.client().chain().is_none_or(|chain| self.vouches(&own.verifiers, chain));
        let registered = || request.registrations().all(|one| self.vouches(&own.registrars, one.registrar()));
        if request.screen().is_some() || (client && registered()) { Ok(()) } else { Err(TrustListTooOld) }
    }

    /// Whether anybody is known who issues this type.
    pub(crate) fn is_issued(&self, credential_type: &CredentialType) -> bool {
        self.anchors().issuers.iter().any(|anchor| anchor.grant().allows(credential_type))
    }

    /// Whether an issuer of this type can be vouched for: by the profile itself, or by a list that is not too old (TL-15).
    pub(crate) fn may_come(&self, credential_type: &CredentialType) -> bool {
        let allows = |anchor: &TrustAnchor<Issuer>| anchor.grant().allows(credential_type);
        !self.is_list_too_old() || self.profile.anchors.issuers.iter().any(allows)
    }

    /// Whether whoever vouched for a paper's issuer still vouches for one of this type that comes now (TL-15).
    pub(crate) fn vouches_for(&self, anchor: &TrustAnchor<Issuer>, credential_type: &CredentialType) -> bool {
        let own = &self.profile.anchors.issuers;
        let named = |known: &TrustAnchor<Issuer>| {
            known.certificate() == anchor.certificate() && known.grant().allows(credential_type)
        };
        own.iter().any(named) || !self.is_list_too_old()
    }
}

impl State {
    fn use_trust_list(&mut self, own: &Anchors, verified: &VerifiedTrustList, fetched_at: Instant) {
        let listed = verified.anchors().clone();
        let mut anchors = own.clone();
        anchors.issuers.extend(listed.issuers);
        anchors.verifiers.extend(listed.verifiers);
        anchors.registrars.extend(listed.registrars);
        anchors.status_signers.extend(listed.status_signers);
        anchors.wallet_providers.extend(listed.wallet_providers);
        let list = verified.list();
        self.trust_list = Some(ListInUse {
            sequence_number: list.sequence_number,
            issued_at: list.issued_at,
            next_update: list.next_update,
            fetched_at,
        });
        // What was judged with other anchors is judged anew; with the same ones it need not be.
        if *self.anchors != anchors {
            self.anchors = Arc::new(anchors);
            self.shelves.clear();
        }
    }
}
