//! Storing what arrived: papers, copies and the line of the history in one transaction, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crypto::derive::Purpose;
use openid4vci::holder::{
    Authorized, CredentialError, DeferredOutcome, DeferredSession, DpopKey,
    NotificationEvent, PaperRequest, ReceivedCopies, StoredDeferredSession, StoredNotificationTicket,
    VerifiedCredential,
};
use primitives::{Instant, NonEmpty};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Notify;
use trust::CredentialType;
use trust::status::{StatusReference, StatusState};
use trust::{Issuer, TrustAnchor};
use vault::{
    BatchId, CopyId, CredentialBytes, CredentialFormat, HistoryItem, HistoryKind, HistoryParty, IssuerLabel,
    NewCopy, NewHistoryEntry, NewPaper, Outcome as Ending, PaperId, PendingSession, ReservedKeyId, SessionId,
    SessionKind, StoreError,
};

use super::ReceiveError;
use super::view_of_offer::{kind_of, localized};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{End, Fault};
use crate::view::{self, Text};

/// How long a deferred paper is asked for, in seconds: 90 days.
const DEFERRED_LIFE_SECONDS: i64 = 90 * 24 * 3600;

/// What is kept of a paper beside its copies, as the issuer described it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Described {
    pub(super) configuration_id: String,
    pub(super) name: Text,
    credential_type: Option<CredentialType>,
}

impl Described {
    pub(super) fn of(authorized: &Authorized, paper: &PaperRequest) -> Self {
        let configuration = authorized.configuration(paper);
        let kind = configuration.and_then(|it| kind_of(&it.credential_type));
        let name = kind
            .map(|kind| Text::from(kind.name))
            .or_else(|| configuration.and_then(|it| localized(&it.display)).map(Text::from))
            .unwrap_or_else(|| Text::same(paper.configuration_id.as_str()));
        Self {
            configuration_id: paper.configuration_id.clone(),
            name,
            credential_type: configuration.map(|it| it.credential_type.clone()),
        }
    }
}

/// A deferred paper as it is kept until it comes.
#[derive(Serialize, Deserialize)]
struct StoredDeferred {
    session: StoredDeferredSession,
    described: Described,
    party: HistoryParty,
}

/// What one receiving stores.
pub(super) struct Delivery<'a> {
    pub(super) received: &'a [(ReceivedCopies, Described)],
    /// Deferred papers, each with the session that reserved its keys.
    pub(super) deferred: &'a [(SessionId, Described, DeferredSession)],
    pub(super) party: &'a HistoryParty,
    /// Sessions whose keys are bound to copies by now; the others are of no use.
    pub(super) finished: &'a [SessionId],
    /// The pending session that this ends.
    pub(super) ended: Option<SessionId>,
}

/// What is kept in a paper's metadata.
#[derive(Serialize, Deserialize)]
pub(crate) struct PaperMetadata {
    pub(crate) configuration_id: String,
    pub(crate) notifications: Vec<StoredNotificationTicket>,
}

impl Wallet {
    /// Asks the status lists of what arrived. A paper that is revoked already is refused; a list that cannot be had is said
    /// on the paper's page and is no reason to refuse.
    pub(super) async fn refuse_revoked(
        &self,
        issuer: &str,
        received: &[(ReceivedCopies, Described)],
    ) -> Result<(), Fault> {
        let mut wanted: BTreeMap<String, (TrustAnchor<Issuer>, Vec<StatusReference>)> = BTreeMap::new();
        for copy in received.iter().flat_map(|(copies, _)| copies.copies.iter()) {
            let credential = copy.credential();
            if let Some(reference) = credential.status() {
                wanted
                    .entry(reference.uri().to_owned())
                    .or_insert_with(|| (credential.issuer().anchor().clone(), Vec::new()))
                    .1
                    .push(reference.clone());
            }
        }
        for (uri, (anchor, references)) in wanted {
            self.fetch_list(&uri, &anchor, issuer).await.map_err(Fault::Wallet)?;
            // Without an answer the list that is kept counts.
            let Some(list) = self.kept_list(&uri, &anchor) else { continue };
            if references.iter().any(|reference| list.0.state(reference) == Ok(StatusState::Invalid)) {
                return Err(ReceiveError::Revoked.into());
            }
        }
        Ok(())
    }

    /// Stores every paper, and every deferred one that is waited for, in one transaction.
    pub(super) fn store_papers(&self, delivery: &Delivery<'_>) -> Result<Vec<PaperId>, WalletError> {
        let Delivery { received, deferred, party, finished, ended } = delivery;
        let papers = grouped(received);
        let waiting = deferred
            .iter()
            .map(|(keys, described, session)| self.pending(*keys, described, session, party))
            .collect::<Result<Vec<_>, _>>()?;
        let (now, entropy) = (self.now(), Arc::clone(&self.ports.entropy));
        let ids = self.transaction(|transaction| {
            let (mut ids, mut types) = (Vec::new(), Vec::new());
            for deliveries in &papers {
                let id = PaperId::random(entropy.as_ref())?;
                let paper = new_paper(id, deliveries, party, now)?;
                let mut copies = Vec::new();
                for copy in deliveries.iter().flat_map(|(copies, _)| copies.copies.iter()) {
                    copies.push(NewCopy {
                        id: CopyId::random(entropy.as_ref())?,
                        format: match copy.credential() {
                            VerifiedCredential::SdJwtVc(_) => CredentialFormat::SdJwtVc,
                            VerifiedCredential::Mdoc(_) => CredentialFormat::Mdoc,
                        },
                        credential: CredentialBytes::new(copy.text().as_bytes().to_vec()),
                        // none for a copy that is bound to no key
                        key: copy
                            .key_reference()
                            .map(|it| ReservedKeyId::parse(it).ok_or(StoreError::Damaged))
                            .transpose()?,
                    });
                }
                transaction.add_paper(&paper)?;
                types.push(HistoryItem::of_type(&paper.type_key));
                transaction.add_copies(id, BatchId::random(entropy.as_ref())?, &copies)?;
                ids.push(id);
            }
            if !ids.is_empty() {
                transaction.append_history(&NewHistoryEntry {
                    at: now,
                    kind: HistoryKind::Received,
                    party: Some((*party).clone()),
                    // The line keeps the papers' types after the papers are gone.
                    items: types.clone(),
                    papers: ids.clone(),
                    purpose: None,
                    retention: None,
                    rule: None,
                    code: None,
                    outcome: Ending::Done,
                })?;
            }
            for pending in &waiting {
                transaction.save_session(pending)?;
            }
            for keys in *finished {
                // Keys for which no copy came are of no use any more.
                transaction.release_keys(*keys)?;
            }
            if let Some(session) = ended {
                transaction.end_session(*session)?;
            }
            Ok(ids)
        })?;
        Ok(ids)
    }

    /// A deferred paper as it is kept. It keeps its own keys: the session that reserved them is its name.
    fn pending(
        &self,
        keys: SessionId,
        described: &Described,
        session: &DeferredSession,
        party: &HistoryParty,
    ) -> Result<PendingSession, WalletError> {
        let stored = StoredDeferred {
            session: session.to_stored(),
            described: described.clone(),
            party: party.clone(),
        };
        let state = serde_json::to_vec(&stored).map_err(|_| StoreError::Damaged)?;
        let now = self.now();
        Ok(PendingSession {
            id: keys,
            kind: SessionKind::Deferred,
            issuer: party.id.clone(),
            state: state.into(),
            created_at: now,
            next_try_at: Some(session.ready_at()),
            expires_at: Some(now + DEFERRED_LIFE_SECONDS),
        })
    }

    /// Asks for the papers that their issuers deferred, each once if its time has come. Gives what came, and how many still
    /// wait.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself; an issuer that does not answer is asked again another time.
    pub async fn poll_deferred(&self) -> Result<(Vec<view::PaperSummary>, usize), WalletError> {
        // An issuer gives a paper once: two polls at the same time would each take what the other stores.
        let _one_at_a_time = self.polling.lock().await;
        let now = self.now();
        let mut came = Vec::new();
        for pending in self.deferred_sessions()? {
            if pending.expires_at.is_some_and(|end| end <= now) {
                let party = serde_json::from_slice::<StoredDeferred>(&pending.state).ok();
                let party = party.map(|stored| stored.party);
                self.end_receiving(&ReceiveError::DeferredExpired.into(), party.as_ref())?;
                self.end_deferred(pending.id)?;
            } else if pending.next_try_at.is_none_or(|at| at <= now) {
                match self.poll_one(&pending).await {
                    Ok(Some(ids)) => {
                        for id in ids {
                            came.push(self.summary(id)?);
                        }
                    }
                    Err(Fault::Wallet(error)) => return Err(error),
                    Ok(None) | Err(Fault::Refused(_) | Fault::Stopped) => {}
                }
            }
        }
        // An outage ends nothing: what is not over still waits.
        Ok((came, self.deferred_sessions()?.len()))
    }

    fn deferred_sessions(&self) -> Result<Vec<PendingSession>, WalletError> {
        let sessions = self.read(|transaction| transaction.sessions())?;
        Ok(sessions.into_iter().filter(|session| session.kind == SessionKind::Deferred).collect())
    }

    /// `Ok(None)`: not yet.
    async fn poll_one(&self, pending: &PendingSession) -> Result<Option<Vec<PaperId>>, Fault> {
        // One session that cannot be read does not keep the others waiting.
        let stored: StoredDeferred =
            serde_json::from_slice(&pending.state).map_err(|_| CredentialError::StoredSession)?;
        let dpop = self.known_session_key(stored.session.dpop_key_reference())?;
        let session = DeferredSession::resume(stored.session, dpop)?;
        let stop = Notify::new();
        let exchange = session.poll(self.ports.entropy.as_ref());
        let polled = match exchange {
            Ok(exchange) => self.exchange_or(&stored.party.id, exchange, &stop).await,
            Err(failure) => Err(End::Step(failure)),
        };
        let outcome = match polled {
            Ok(outcome) => outcome,
            Err(End::Fault(fault)) => return Err(fault),
            Err(End::Step(failure)) => {
                let over = failure.session.is_none();
                if let Some(ticket) = failure.notification {
                    self.tell(&stored.party.id, *ticket, NotificationEvent::CredentialFailure).await;
                }
                let fault = Fault::from(failure.error);
                // Over for good (denied, unknown, refused): the line in the history says so.
                if over {
                    self.end_receiving(&fault, Some(&stored.party)).map_err(Fault::Wallet)?;
                    self.end_deferred(pending.id).map_err(Fault::Wallet)?;
                }
                return Err(fault);
            }
        };
        match outcome {
            DeferredOutcome::Pending(session) => {
                let mut again = self
                    .pending(pending.id, &stored.described, &session, &stored.party)
                    .map_err(Fault::Wallet)?;
                // Being asked does not make it live longer.
                again.expires_at = pending.expires_at;
                self.transaction(|transaction| transaction.save_session(&again)).map_err(Fault::Wallet)?;
                Ok(None)
            }
            DeferredOutcome::Received(copies) => {
                let ticket = copies.notification.clone();
                let received = [(*copies, stored.described)];
                if let Err(fault) = self.refuse_revoked(&stored.party.id, &received).await {
                    if matches!(fault, Fault::Refused(_)) {
                        self.end_receiving(&fault, Some(&stored.party)).map_err(Fault::Wallet)?;
                        self.end_deferred(pending.id).map_err(Fault::Wallet)?;
                    }
                    self.tell_failure(&stored.party.id, &received).await;
                    return Err(fault);
                }
                let party = HistoryParty { known: true, ..stored.party };
                let delivery = Delivery {
                    received: &received,
                    deferred: &[],
                    party: &party,
                    finished: &[],
                    ended: Some(pending.id),
                };
                let ids = self.store_papers(&delivery).map_err(Fault::Wallet)?;
                if let Some(ticket) = ticket {
                    self.tell(&party.id, ticket, NotificationEvent::CredentialAccepted).await;
                }
                Ok(Some(ids))
            }
        }
    }

    fn end_deferred(&self, id: SessionId) -> Result<(), WalletError> {
        self.transaction(|transaction| {
            transaction.release_keys(id)?;
            transaction.end_session(id)
        })
    }

    /// The DPoP key of a stored session, from the salt that is its reference.
    pub(crate) fn known_session_key(&self, reference: &str) -> Result<DpopKey, Fault> {
        let damaged = || Fault::Wallet(StoreError::Damaged.into());
        let salt: [u8; 32] = primitives::base64url::decode(reference)
            .ok()
            .and_then(|salt| salt.try_into().ok())
            .ok_or_else(damaged)?;
        let mut state = self.state();
        let vault = state.unlocked().map_err(Fault::Wallet)?;
        Ok(DpopKey::new(Arc::new(vault.session_key(Purpose::Dpop, &salt)), reference.to_owned()))
    }
}

/// What came, paper by paper. One card in two formats is one paper; where a type came more than once in a format, nobody can
/// say which belong together, and each is a paper of its own: a paper never holds copies that say different things.
fn grouped(received: &[(ReceivedCopies, Described)]) -> Vec<Vec<&(ReceivedCopies, Described)>> {
    let key = |copies: &ReceivedCopies| {
        kind_of(&copies.credential_type).filter(|kind| kind.mobile_document.is_some()).map(|kind| kind.key)
    };
    let mut deliveries_of: BTreeMap<(&str, &CredentialType), usize> = BTreeMap::new();
    for (copies, _) in received {
        if let Some(key) = key(copies) {
            *deliveries_of.entry((key, &copies.credential_type)).or_default() += 1;
        }
    }
    let several: BTreeSet<&str> =
        deliveries_of.iter().filter(|(_, count)| **count > 1).map(|((key, _), _)| *key).collect();
    let mut papers: Vec<Vec<&(ReceivedCopies, Described)>> = Vec::new();
    for entry in received {
        let own = key(&entry.0).filter(|key| !several.contains(key));
        let there = papers
            .iter_mut()
            .find(|paper| own.is_some() && paper.first().is_some_and(|(copies, _)| key(copies) == own));
        match there {
            Some(paper) => paper.push(entry),
            None => papers.push(vec![entry]),
        }
    }
    papers
}

fn new_paper(
    id: PaperId,
    deliveries: &[&(ReceivedCopies, Described)],
    party: &HistoryParty,
    now: Instant,
) -> Result<NewPaper, StoreError> {
    let (first, described) = deliveries.first().ok_or(StoreError::Damaged)?;
    let kind = kind_of(&first.credential_type);
    let type_key = kind.map_or_else(
        || match &first.credential_type {
            CredentialType::SdJwtVc { vct } => vct.clone(),
            CredentialType::Mdoc { doctype } => doctype.clone(),
        },
        |kind| kind.key.to_owned(),
    );
    let mut formats = Vec::new();
    for (copies, _) in deliveries {
        let format = match &copies.credential_type {
            CredentialType::SdJwtVc { .. } => CredentialFormat::SdJwtVc,
            CredentialType::Mdoc { .. } => CredentialFormat::Mdoc,
        };
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    let metadata = PaperMetadata {
        configuration_id: described.configuration_id.clone(),
        notifications: deliveries
            .iter()
            .filter_map(|(copies, _)| copies.notification.as_ref().map(|ticket| ticket.to_stored()))
            .collect(),
    };
    Ok(NewPaper {
        id,
        type_key,
        shelf: match kind.map(|kind| kind.shelf) {
            Some(civic::Shelf::Identity) => vault::Shelf::Identity,
            Some(civic::Shelf::Notices) => vault::Shelf::Notices,
            Some(civic::Shelf::Benefits) | None => vault::Shelf::Certificates,
        },
        issuer: IssuerLabel { id: party.id.clone(), display: party.name.clone() },
        formats: NonEmpty::new(formats).map_err(|_| StoreError::Damaged)?,
        metadata: serde_json::to_value(&metadata).map_err(|_| StoreError::Damaged)?,
        summary: json!({ "name": described.name }),
        received_at: now,
        expires_at: None,
    })
}
