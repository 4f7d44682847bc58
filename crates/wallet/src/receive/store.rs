//! Storing what arrived: papers, copies and the line of the history in one transaction, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::derive::Purpose;
use openid4vci::holder::{
    Authorized, DeferredExchange, DeferredOutcome, DeferredSession, DpopKey, NotificationEvent, PaperRequest,
    ReceivedCopies, StoredDeferredSession, StoredNotificationTicket, VerifiedCredential,
};
use primitives::{Instant, NonEmpty};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Notify;
use trust::CredentialType;
use trust::status::{StatusReference, StatusState};
use trust::{Issuer, TrustAnchor};
use vault::{
    BatchId, CopyId, CredentialBytes, CredentialFormat, HistoryKind, HistoryParty, IssuerLabel, NewCopy,
    NewHistoryEntry, NewPaper, Outcome as Ending, PaperId, PendingSession, ReservedKeyId, SessionId,
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
            let list = self.state().shelves.lists.get(&uri).cloned();
            let Some(list) = list else { continue };
            if references.iter().any(|reference| list.0.state(reference) == Ok(StatusState::Invalid)) {
                return Err(ReceiveError::Revoked.into());
            }
        }
        Ok(())
    }

    /// Stores every paper in one transaction. Copies of one type are one paper, whatever their formats.
    pub(super) fn store_papers(
        &self,
        received: &[(ReceivedCopies, Described)],
        party: &HistoryParty,
        keys: SessionId,
        all_here: bool,
    ) -> Result<Vec<PaperId>, WalletError> {
        let mut papers: BTreeMap<(usize, String), Vec<&(ReceivedCopies, Described)>> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        for entry in received {
            let key = grouping_key(&entry.0);
            let place = order.iter().position(|known| *known == key).unwrap_or_else(|| {
                order.push(key.clone());
                order.len() - 1
            });
            papers.entry((place, key)).or_default().push(entry);
        }
        let (now, entropy) = (self.now(), Arc::clone(&self.ports.entropy));
        let ids = self.transaction(|transaction| {
            let mut ids = Vec::new();
            for deliveries in papers.values() {
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
                        key: Some(ReservedKeyId::parse(copy.key_reference()).ok_or(StoreError::Damaged)?),
                    });
                }
                transaction.add_paper(&paper)?;
                transaction.add_copies(id, BatchId::random(entropy.as_ref())?, &copies)?;
                ids.push(id);
            }
            if !ids.is_empty() {
                transaction.append_history(&NewHistoryEntry {
                    at: now,
                    kind: HistoryKind::Received,
                    party: Some(party.clone()),
                    items: Vec::new(),
                    papers: ids.clone(),
                    purpose: None,
                    retention: None,
                    rule: None,
                    code: None,
                    outcome: Ending::Done,
                })?;
            }
            if all_here {
                // Keys for which no copy came are of no use any more.
                transaction.release_keys(keys)?;
            }
            Ok(ids)
        })?;
        Ok(ids)
    }

    pub(super) fn keep_deferred(
        &self,
        keys: SessionId,
        described: &Described,
        session: &DeferredSession,
        party: &HistoryParty,
    ) -> Result<(), Fault> {
        let stored = StoredDeferred {
            session: session.to_stored(),
            described: described.clone(),
            party: party.clone(),
        };
        let state = serde_json::to_vec(&stored).map_err(|_| Fault::Wallet(StoreError::Damaged.into()))?;
        let now = self.now();
        let pending = PendingSession {
            id: keys,
            kind: SessionKind::Deferred,
            issuer: party.id.clone(),
            state: state.into(),
            created_at: now,
            next_try_at: Some(session.ready_at()),
            expires_at: Some(now + DEFERRED_LIFE_SECONDS),
        };
        self.transaction(|transaction| transaction.save_session(&pending)).map_err(Fault::Wallet)
    }

    /// Asks for the papers that their issuers deferred, each once if its time has come. Gives what came, and how many still
    /// wait.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself; an issuer that does not answer is asked again another time.
    pub async fn poll_deferred(&self) -> Result<(Vec<view::PaperSummary>, usize), WalletError> {
        let sessions = self.read(|transaction| transaction.sessions())?;
        let now = self.now();
        let mut came = Vec::new();
        let mut waiting = 0;
        for pending in sessions.into_iter().filter(|session| session.kind == SessionKind::Deferred) {
            if pending.expires_at.is_some_and(|end| end <= now) {
                self.end_deferred(pending.id)?;
            } else if pending.next_try_at.is_some_and(|at| at > now) {
                waiting += 1;
            } else {
                match self.poll_one(&pending).await {
                    Ok(Some(ids)) => {
                        for id in ids {
                            came.push(self.summary(id)?);
                        }
                    }
                    Ok(None) => waiting += 1,
                    Err(Fault::Wallet(error)) => return Err(error),
                    Err(Fault::Refused(_) | Fault::Stopped) => {}
                }
            }
        }
        Ok((came, waiting))
    }

    /// `Ok(None)`: not yet.
    async fn poll_one(&self, pending: &PendingSession) -> Result<Option<Vec<PaperId>>, Fault> {
        let stored: StoredDeferred =
            serde_json::from_slice(&pending.state).map_err(|_| Fault::Wallet(StoreError::Damaged.into()))?;
        let dpop = self.known_session_key(stored.session.dpop_key_reference())?;
        let session = DeferredSession::resume(stored.session, dpop)?;
        let stop = Notify::new();
        let exchange: DeferredExchange = session.poll();
        let outcome = match self.exchange_or(&stored.party.id, exchange, &stop).await {
            Ok(outcome) => outcome,
            Err(End::Fault(fault)) => return Err(fault),
            Err(End::Step(failure)) => {
                let over = failure.session.is_none();
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
                self.keep_deferred(pending.id, &stored.described, &session, &stored.party)?;
                Ok(None)
            }
            DeferredOutcome::Received(copies) => {
                let ticket = copies.notification.clone();
                let received = [(*copies, stored.described)];
                self.refuse_revoked(&stored.party.id, &received).await?;
                let ids =
                    self.store_papers(&received, &stored.party, pending.id, true).map_err(Fault::Wallet)?;
                self.end_deferred(pending.id).map_err(Fault::Wallet)?;
                if let Some(ticket) = ticket {
                    let _ = self
                        .exchange(
                            &stored.party.id,
                            ticket.notify(NotificationEvent::CredentialAccepted, None),
                            &stop,
                        )
                        .await;
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

/// Copies with the same key are one paper. Two notices of the same type in one offer are two papers.
fn grouping_key(copies: &ReceivedCopies) -> String {
    match kind_of(&copies.credential_type) {
        Some(kind) if kind.mobile_document.is_some() => kind.key.to_owned(),
        _ => format!(
            "{} {}",
            copies.paper.configuration_id,
            copies.paper.credential_identifier.as_deref().unwrap_or_default()
        ),
    }
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
