//! Whether papers are still in force, and as of when: Token Status Lists, kept with their age.
//!
//! Five states with five sentences: revoked, suspended, not valid (the list has no place for the paper, or says of it what
//! nobody here knows: ST-9, ST-11), unknown (never asked or not answered) and stale (older than the profile allows). A stale
//! list still says what it said; that it is old is shown, never hidden.

use std::collections::BTreeMap;
use std::sync::Arc;

use primitives::Instant;
use primitives::http::Request;
use trust::status::{
    Age, Freshness, FreshnessPolicy, StatusAuthority, StatusError, StatusFormat, StatusListToken,
    StatusReference, StatusState, VerifiedStatusList,
};
use trust::{Issuer, TrustAnchor};
use vault::StoredStatusToken;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::held::{Held, ListKey};
use crate::papers::shelf_of;
use crate::view::StatusView;

/// `APPLICATION_SPECIFIC` status 0x03, which this country's notices use for "paid" (`docs/papers.md`).
pub(crate) const PAID: u8 = 0x03;

/// What is known about a paper's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) view: StatusView,
    pub(crate) paid: bool,
    /// When the list was fetched.
    pub(crate) as_of: Option<Instant>,
}

impl Standing {
    const UNKNOWN: Self = Self { view: StatusView::Unknown, paid: false, as_of: None };
}

/// What a renewal of the lists did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Renewal {
    pub(crate) renewed: usize,
    pub(crate) failed: usize,
}

/// Under which a list is kept in memory: its address, and by whose word it counts.
pub(crate) fn list_key(uri: &str, anchor: &TrustAnchor<Issuer>) -> ListKey {
    (uri.to_owned(), anchor.certificate().hash())
}

impl Wallet {
    /// What the kept lists say about a paper: the worst of what they say of its forms.
    pub(crate) fn standing(&self, held: &Held) -> Standing {
        held.statuses()
            .map(|(reference, anchor)| self.standing_of(held, reference, anchor))
            .min_by_key(|standing| match standing.view {
                StatusView::Revoked => 0,
                StatusView::Suspended => 1,
                StatusView::NotValid => 2,
                StatusView::Unknown => 3,
                StatusView::Stale => 4,
                StatusView::Valid | StatusView::None => 5,
            })
            .unwrap_or(Standing { view: StatusView::None, paid: false, as_of: None })
    }

    /// What the kept list says about one reference of a paper. Only a notice can be paid: of anything else the status says nothing known.
    pub(crate) fn standing_of(
        &self,
        held: &Held,
        reference: &StatusReference,
        anchor: &TrustAnchor<Issuer>,
    ) -> Standing {
        let Some(entry) = self.kept_list(reference.uri(), anchor) else { return Standing::UNKNOWN };
        let (list, fetched_at) = entry.as_ref();
        let as_of = Some(*fetched_at);
        let not_valid = Standing { view: StatusView::NotValid, paid: false, as_of };
        let state = match list.state(reference) {
            Ok(state) => state,
            // A list that was there before the paper may have grown since.
            Err(StatusError::OutOfRange) if held.paper.received_at <= *fetched_at => return not_valid,
            Err(_) => return Standing::UNKNOWN,
        };
        let stale = self.is_stale(list, *fetched_at);
        let can_be_paid = shelf_of(held) == civic::Shelf::Notices;
        match state {
            // What took effect stays in effect however old the list is.
            StatusState::Invalid => Standing { view: StatusView::Revoked, paid: false, as_of },
            StatusState::Suspended => Standing { view: StatusView::Suspended, paid: false, as_of },
            StatusState::ApplicationSpecific(PAID) if can_be_paid => Standing {
                view: if stale { StatusView::Stale } else { StatusView::Valid },
                paid: true,
                as_of,
            },
            StatusState::Valid => Standing {
                view: if stale { StatusView::Stale } else { StatusView::Valid },
                paid: false,
                as_of,
            },
            StatusState::ApplicationSpecific(_) | StatusState::Reserved(_) => not_valid,
        }
    }

    pub(crate) fn is_stale(&self, list: &VerifiedStatusList, fetched_at: Instant) -> bool {
        let now = self.now();
        let policy = self.freshness_policy();
        let too_old = fetched_at + self.profile.status_max_age <= now;
        // A time earlier than that of fetching, or than a time that was signed, is a clock that went back: nothing can be said
        // of the age.
        let clock_is_behind = now < fetched_at || now + trust::CLOCK_LEEWAY_SECONDS < self.known_now();
        too_old || clock_is_behind || Freshness::of(list, fetched_at, &policy).at(now) == Age::Expired
    }

    /// The kept list of an address, verified as of when it was fetched.
    pub(crate) fn kept_list(
        &self,
        uri: &str,
        anchor: &TrustAnchor<Issuer>,
    ) -> Option<Arc<(VerifiedStatusList, Instant)>> {
        let key = list_key(uri, anchor);
        if let Some(list) = self.state().shelves.lists.get(&key) {
            return Some(Arc::clone(list));
        }
        let (list, stored) = self.kept_by_word_of(uri, anchor)?;
        let entry = Arc::new((list, stored.fetched_at));
        self.state().shelves.lists.insert(key, Arc::clone(&entry));
        Some(entry)
    }

    /// The list signed last among those kept of an address that count for what this anchor vouches for, each verified as of when it was
    /// fetched: the issuer itself and a signer for it may both have signed one.
    pub(crate) fn kept_by_word_of(
        &self,
        uri: &str,
        anchor: &TrustAnchor<Issuer>,
    ) -> Option<(VerifiedStatusList, StoredStatusToken)> {
        let kept = self.read(|transaction| transaction.status_tokens(uri)).ok()?;
        kept.into_iter()
            .filter_map(|stored| {
                let format = StatusFormat::of_kept(&stored.token);
                let list = self.verify_list(uri, format, &stored.token, anchor, stored.fetched_at)?;
                Some((list, stored))
            })
            .max_by_key(|(list, _)| list.issued_at())
    }

    /// When the list was signed that is kept of this address and signer, verified as of when it was fetched.
    pub(crate) fn kept_signed_at(&self, uri: &str, signer: [u8; 32]) -> Option<Instant> {
        let kept = self.read(|transaction| transaction.status_tokens(uri)).ok()?;
        kept.iter()
            .filter_map(|stored| self.by_any_issuers_word(uri, &stored.token, stored.fetched_at))
            .filter(|list| list.anchor() == signer)
            .map(|list| list.issued_at())
            .max()
    }

    /// The list, if it counts by the word of any issuer that is trusted.
    pub(crate) fn by_any_issuers_word(
        &self,
        uri: &str,
        token: &[u8],
        at: Instant,
    ) -> Option<VerifiedStatusList> {
        let anchors = self.anchors();
        let token = StatusListToken::parse(StatusFormat::of_kept(token), token).ok()?;
        token.verify_for_any(uri, &anchors.issuers, &anchors.status_signers, at).ok()
    }

    fn verify_list(
        &self,
        uri: &str,
        format: StatusFormat,
        token: &[u8],
        anchor: &TrustAnchor<Issuer>,
        at: Instant,
    ) -> Option<VerifiedStatusList> {
        let reference = StatusReference::new(uri, 0).ok()?;
        let anchors = self.anchors();
        let authority = StatusAuthority { credential: anchor, signers: &anchors.status_signers };
        StatusListToken::parse(format, token).ok()?.verify(&reference, &authority, at).ok()
    }

    /// Fetches the status lists of these papers, each list once, and keeps those that hold.
    pub(crate) async fn renew_status(&self, papers: &[Arc<Held>]) -> Result<Renewal, WalletError> {
        let mut wanted: BTreeMap<ListKey, (TrustAnchor<Issuer>, &str)> = BTreeMap::new();
        for held in papers {
            for (reference, anchor) in held.statuses() {
                wanted
                    .entry(list_key(reference.uri(), anchor))
                    .or_insert_with(|| (anchor.clone(), held.paper.issuer.id.as_str()));
            }
        }
        let mut renewal = Renewal::default();
        for ((uri, _), (anchor, issuer)) in wanted {
            match self.fetch_list(&uri, &anchor, issuer).await? {
                Some(()) => renewal.renewed += 1,
                None => renewal.failed += 1,
            }
        }
        Ok(renewal)
    }

    /// The list for papers that come in: the kept one while its `ttl` lasts and it calls all of them valid (ST-14), else one that is
    /// asked for now.
    pub(crate) async fn list_for(
        &self,
        references: &[StatusReference],
        anchor: &TrustAnchor<Issuer>,
        issuer: &str,
    ) -> Result<(), WalletError> {
        let Some(uri) = references.first().map(StatusReference::uri) else { return Ok(()) };
        let serves = self.kept_list(uri, anchor).is_some_and(|kept| {
            self.is_recent(&kept)
                && references.iter().all(|one| kept.0.state(one).is_ok_and(StatusState::is_valid))
        });
        if serves {
            return Ok(());
        }
        self.fetch_list(uri, anchor, issuer).await.map(drop)
    }

    /// Whether a kept list need not be asked for again yet (ST-14).
    pub(crate) fn is_recent(&self, kept: &(VerifiedStatusList, Instant)) -> bool {
        let freshness = Freshness::of(&kept.0, kept.1, &self.freshness_policy());
        freshness.at(self.now()) == Age::Fresh && !self.is_stale(&kept.0, kept.1)
    }

    fn freshness_policy(&self) -> FreshnessPolicy {
        FreshnessPolicy { longest_ttl: self.profile.status_max_age, ..FreshnessPolicy::default() }
    }

    /// `Ok(None)`: no answer, or one that does not hold; the list that was kept stays.
    ///
    /// `issuer` is who named the list.
    pub(crate) async fn fetch_list(
        &self,
        uri: &str,
        anchor: &TrustAnchor<Issuer>,
        issuer: &str,
    ) -> Result<Option<()>, WalletError> {
        let Ok(url) = url::Url::parse(uri) else { return Ok(None) };
        let request = Request::get(url)
            .with_header("accept", StatusFormat::accept())
            .with_max_response_bytes(trust::status::MAX_TOKEN_BYTES);
        let request = match url::Url::parse(issuer) {
            Ok(party) => request.named_by(&party),
            Err(_) => request,
        };
        let Ok(response) = self.call(request).await else { return Ok(None) };
        let now = self.now();
        if response.status != 200 {
            return Ok(None);
        }
        let format = response.content_type().and_then(|kind| StatusFormat::from_media_type(&kind));
        let verified = format.and_then(|format| self.verify_list(uri, format, &response.body, anchor, now));
        let Some(verified) = verified else { return Ok(None) };
        // An older list, signed as it may be, would bring back what was revoked since.
        let kept = self.kept_list(uri, anchor).map(|kept| kept.0.issued_at());
        if kept > Some(verified.issued_at()) {
            return Ok(None);
        }
        let stored = StoredStatusToken {
            uri: uri.to_owned(),
            anchor: Some(verified.anchor()),
            token: response.body,
            fetched_at: now,
        };
        self.transaction(|transaction| {
            transaction.save_status_token(&stored)?;
            transaction.advance_signed_time(verified.issued_at()).map(drop)
        })?;
        self.saw_signed_time(verified.issued_at());
        self.read_lists_anew(uri);
        self.state().shelves.lists.insert(list_key(uri, anchor), Arc::new((verified, now)));
        Ok(Some(()))
    }

    /// Puts out of memory what was read from older lists of this address, for whichever issuer.
    pub(crate) fn read_lists_anew(&self, uri: &str) {
        self.state().shelves.lists.retain(|(known, _), _| known != uri);
    }

    /// When the oldest list in use was fetched, and whether any is stale.
    pub(crate) fn status_lists_age(&self) -> (Option<Instant>, bool) {
        let lists: Vec<_> = self.state().shelves.lists.values().cloned().collect();
        let oldest = lists.iter().map(|entry| entry.1).min();
        (oldest, lists.iter().any(|entry| self.is_stale(&entry.0, entry.1)))
    }
}
