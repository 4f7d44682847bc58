//! Papers that their issuers deferred: kept over a restart, asked for when their time has come (OpenID4VCI 1.0 section 9; CI-22).

use std::sync::Arc;

use openid4vci::holder::{
    Context, CredentialError, DeferredFailure, DeferredOutcome, DeferredSession, IssuerDiscovery,
    NotificationEvent, NotificationTicket, ReceivedCopies, StoredArrival, StoredDeferredSession,
};
use openid4vci::metadata::IssuerMetadata;
use openid4vci::oauth::OAuthErrorCode;
use openid4vci::wire::Identifier;
use primitives::Blame;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vault::{
    HistoryKind, HistoryParty, PaperId, PendingSession, SessionId, SessionKind, StoreError, Transaction,
};

use super::ReceiveError;
use super::grant::{Tokens, forget_grants};
use super::store::{Delivery, Described};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{End, Fault};
use crate::trust_list::TrustListTooOld;
use crate::view;

/// How long a deferred paper is asked for, in seconds: 90 days.
const DEFERRED_LIFE_SECONDS: i64 = 90 * 24 * 3600;

/// A deferred paper as it is kept until it comes.
#[derive(Clone, Serialize, Deserialize)]
struct StoredDeferred {
    session: StoredDeferredSession,
    described: Described,
    party: HistoryParty,
    /// The paper whose copies these are to be.
    #[serde(default)]
    renews: Option<PaperId>,
    /// What came for it, until it is checked and stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrived: Option<StoredArrival>,
}

/// Why a deferred paper did not come this time.
struct NotIssued {
    fault: Fault,
    /// It will not come another time.
    over: bool,
    notification: Option<Box<NotificationTicket>>,
}

impl From<Fault> for NotIssued {
    fn from(fault: Fault) -> Self {
        Self { fault, over: false, notification: None }
    }
}

impl NotIssued {
    fn access_ended() -> Self {
        Self { over: true, ..Fault::from(ReceiveError::DeferredAccessEnded).into() }
    }

    /// No newer token was had. What the server grants no more it will not grant later; everything else may pass.
    fn without_token(fault: Fault) -> Self {
        match fault.is_refusal(OAuthErrorCode::InvalidGrant) {
            true => Self::access_ended(),
            false => fault.into(),
        }
    }
}

impl Wallet {
    /// A deferred paper as it is kept. It keeps its own keys: the session that reserved them is its name.
    pub(super) fn pending(
        &self,
        keys: SessionId,
        described: &Described,
        session: &DeferredSession,
        party: &HistoryParty,
        renews: Option<PaperId>,
    ) -> Result<PendingSession, WalletError> {
        let stored = StoredDeferred {
            renews,
            session: session.to_stored(),
            described: described.clone(),
            party: party.clone(),
            arrived: None,
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
        let _working = self.begin_work()?;
        // An issuer gives a paper once: two polls at the same time would each take what the other stores.
        let _one_at_a_time = self.polling.lock().await;
        let now = self.now();
        let mut came = Vec::new();
        for pending in self.deferred_sessions()? {
            if pending.expires_at.is_some_and(|end| end <= now) {
                let stored = serde_json::from_slice::<StoredDeferred>(&pending.state).ok();
                self.give_up(pending.id, stored.as_ref(), &ReceiveError::DeferredExpired.into())?;
            } else if pending.next_try_at.is_none_or(|at| at <= now) {
                match self.poll_one(&pending).await {
                    Ok(Some(ids)) => came.extend(self.still_there(ids)?),
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
        let outcome = match &stored.arrived {
            Some(arrived) => self.arrived_before(&stored, arrived.clone()),
            None => self.ask_again(&stored).await,
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(NotIssued { fault, over, notification }) => {
                if let Some(ticket) = notification {
                    let event = NotificationEvent::CredentialFailure;
                    self.tell_with(&stored.party.id, *ticket, event, stored.described.granted()).await;
                }
                // Over for good (denied, unknown, refused, nothing left to ask with): the line in the history says so.
                if over {
                    self.give_up(pending.id, Some(&stored), &fault).map_err(Fault::Wallet)?;
                }
                return Err(fault);
            }
        };
        match outcome {
            DeferredOutcome::Pending(session) => {
                let mut again = self
                    .pending(pending.id, &stored.described, &session, &stored.party, stored.renews)
                    .map_err(Fault::Wallet)?;
                // Being asked does not make it live longer.
                again.expires_at = pending.expires_at;
                self.transaction(|transaction| save_if_there(transaction, &again)).map_err(Fault::Wallet)?;
                Ok(None)
            }
            DeferredOutcome::Received(copies) => {
                if stored.arrived.is_none() {
                    self.keep_arrival(pending, &stored, &copies);
                }
                let received = [(*copies, stored.described.clone())];
                self.keep_deferred(pending, &stored, &received).await.map(Some)
            }
        }
    }

    /// Keeps what came, before anybody else is asked about it: the issuer gives it once (section 9.1), and a lock or a crash may come meanwhile.
    fn keep_arrival(&self, pending: &PendingSession, stored: &StoredDeferred, copies: &ReceivedCopies) {
        let arrived = StoredDeferred { arrived: Some(copies.to_stored()), ..stored.clone() };
        let Ok(state) = serde_json::to_vec(&arrived) else { return };
        // What is here is awaited no longer: it neither waits for its time nor is it given up with time.
        let arrived =
            PendingSession { state: state.into(), next_try_at: None, expires_at: None, ..pending.clone() };
        // The disk is full, or it was ended: storing it says so.
        let _ = self.transaction(|transaction| save_if_there(transaction, &arrived));
    }

    /// What came before and was not stored: verified anew, not asked for again.
    fn arrived_before(
        &self,
        stored: &StoredDeferred,
        arrived: StoredArrival,
    ) -> Result<DeferredOutcome, NotIssued> {
        let dpop = self.known_session_key(stored.session.dpop_key_reference())?;
        let session = DeferredSession::resume(stored.session.clone(), dpop).map_err(Fault::from)?;
        let (anchors, entropy) = (self.anchors(), Arc::clone(&self.ports.entropy));
        let context = Context { now: self.now(), entropy: entropy.as_ref(), issuers: &anchors.issuers };
        match session.receive_kept(arrived, &context) {
            Ok(copies) => Ok(DeferredOutcome::Received(Box::new(copies))),
            Err(failure) => {
                Err(NotIssued { fault: failure.error.into(), over: true, notification: failure.notification })
            }
        }
    }

    /// Checks, stores and confirms what came.
    async fn keep_deferred(
        &self,
        pending: &PendingSession,
        stored: &StoredDeferred,
        received: &[(ReceivedCopies, Described)],
    ) -> Result<Vec<PaperId>, Fault> {
        let party = HistoryParty { known: true, ..stored.party.clone() };
        let delivery = Delivery {
            received,
            deferred: &[],
            party: &party,
            finished: &[],
            ended: Some(pending.id),
            renews: stored.renews,
        };
        let fit = self.refuse_unfit(&party.id, received).await;
        match fit.and_then(|()| self.store_papers(&delivery)) {
            Ok(kept) => {
                self.tell_all(kept.telling).await;
                Ok(kept.papers)
            }
            // It is kept as it came, and is judged and stored another time.
            Err(fault) if may_pass(&fault) => Err(fault),
            Err(fault) => {
                self.give_up(pending.id, Some(stored), &fault).map_err(Fault::Wallet)?;
                self.tell_unkept(&party.id, received, &fault).await;
                Err(fault)
            }
        }
    }

    /// Asks with a token that holds (section 9): one that has ended, or that the issuer takes no longer, is exchanged. Where there is
    /// nothing to exchange it with, nobody can fetch this paper any more, and to go on asking would keep the citizen waiting for nothing.
    async fn ask_again(&self, stored: &StoredDeferred) -> Result<DeferredOutcome, NotIssued> {
        // What could not be taken by the list that is in use is left where it is, as an answer that waits (TL-15): the issuer gives it once.
        if !self.may_come(stored.session.credential_type()) {
            return Err(Fault::from(TrustListTooOld).into());
        }
        let issuer = stored.party.id.as_str();
        let access = stored.session.access().clone();
        let mut tokens = Tokens::new(issuer, stored.described.granted(), access);
        self.unended_token(&mut tokens).await.map_err(NotIssued::without_token)?;
        let mut asked = stored.session.clone();
        let mut with_present_keys = false;
        loop {
            let session = asked.clone().with_access(tokens.access().clone());
            let failure = match self.poll_with(issuer, session).await {
                Ok(outcome) => return Ok(outcome),
                Err(End::Fault(fault)) => return Err(fault.into()),
                Err(End::Step(failure)) => failure,
            };
            let over = failure.session.is_none();
            let fault = Fault::from(failure.error);
            if !over && !with_present_keys && fault.is_refusal(OAuthErrorCode::InvalidEncryptionParameters) {
                // The issuer has other keys by now than when it deferred.
                asked = asked.with_encryption_of(&self.issuer_now(issuer).await?);
                with_present_keys = true;
                continue;
            }
            if over || !fault.is_refusal(OAuthErrorCode::InvalidToken) {
                return Err(NotIssued { fault, over, notification: failure.notification });
            }
            if !self.newer_token(&mut tokens).await.map_err(NotIssued::without_token)? {
                return Err(NotIssued::access_ended());
            }
        }
    }

    async fn poll_with(
        &self,
        issuer: &str,
        session: StoredDeferredSession,
    ) -> Result<DeferredOutcome, End<DeferredFailure>> {
        let dpop = self.known_session_key(session.dpop_key_reference()).map_err(End::Fault)?;
        let session = DeferredSession::resume(session, dpop).map_err(|error| End::Fault(error.into()))?;
        let exchange = session.poll(self.ports.entropy.as_ref()).map_err(End::Step)?;
        self.exchange_or(issuer, exchange, &Notify::new()).await
    }

    /// What an issuer says of itself now.
    async fn issuer_now(&self, issuer: &str) -> Result<IssuerMetadata, Fault> {
        let id = Identifier::parse(issuer, "credential_issuer");
        let id = id.map_err(|_| Fault::Wallet(StoreError::Damaged.into()))?;
        self.exchange(issuer, IssuerDiscovery::new(id, self.discovery_policy()), &Notify::new()).await
    }

    /// Waits for it no longer, and says why in the history, unless it is the citizen who stopped it: their act has a line of its own.
    fn give_up(
        &self,
        id: SessionId,
        stored: Option<&StoredDeferred>,
        fault: &Fault,
    ) -> Result<(), WalletError> {
        let renews = stored.and_then(|it| it.renews);
        let kind = if renews.is_some() { HistoryKind::Refreshed } else { HistoryKind::Received };
        if !matches!(fault, Fault::Stopped) {
            let party = stored.map(|it| &it.party);
            let line = self.ended_line(fault, kind, party, renews.into_iter().collect());
            // That it is over counts, with its line or without.
            let _ = self.write_history(&line);
        }
        self.transaction(|transaction| {
            // It may have ended with the paper that it was to renew.
            end_if_there(transaction, id)?;
            forget_grants(transaction)
        })
    }
}

/// Ends what is kept, unless that was done meanwhile.
pub(super) fn end_if_there(transaction: &Transaction<'_>, id: SessionId) -> Result<(), StoreError> {
    match transaction.end_session(id) {
        Err(StoreError::NotFound { .. }) => Ok(()),
        ended => ended,
    }
}

/// Keeps it as it is by now, unless it was ended meanwhile.
pub(super) fn save_if_there(
    transaction: &Transaction<'_>,
    pending: &PendingSession,
) -> Result<(), StoreError> {
    match transaction.session(pending.id) {
        Ok(_) => transaction.save_session(pending),
        Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether it may be stored another time: by the next trust list, or unlocked; what does not fit the vault will never.
fn may_pass(fault: &Fault) -> bool {
    match fault {
        Fault::Wallet(error) => !matches!(
            error,
            WalletError::Store(
                StoreError::TooLarge { .. }
                    | StoreError::Duplicate { .. }
                    | StoreError::NotFound { .. }
                    | StoreError::Damaged
            )
        ),
        // That a list is not there yet is no fault of the paper's.
        Fault::Refused(error) => error.blame() == Blame::Network,
        Fault::Stopped => false,
    }
}

/// What a kept session says of the paper whose copies are awaited.
#[derive(Deserialize)]
struct Renewal {
    #[serde(default)]
    renews: Option<PaperId>,
    #[serde(default)]
    arrived: Option<IgnoredAny>,
}

/// Waits no longer for newer copies of a paper that is deleted; their keys are given up. Those that are here already are refused with the next
/// poll, and their issuer is told.
pub(crate) fn end_renewals(transaction: &Transaction<'_>, paper: PaperId) -> Result<(), StoreError> {
    for pending in transaction.sessions()?.iter().filter(|it| it.kind == SessionKind::Deferred) {
        let renewal = serde_json::from_slice::<Renewal>(&pending.state).ok();
        if renewal.is_some_and(|it| it.renews == Some(paper) && it.arrived.is_none()) {
            transaction.end_session(pending.id)?;
        }
    }
    Ok(())
}
