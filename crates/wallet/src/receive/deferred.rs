//! Papers that their issuers deferred: kept over a restart, asked for when their time has come (OpenID4VCI 1.0 section 9; CI-22).

use openid4vci::holder::{
    CredentialError, DeferredOutcome, DeferredSession, NotificationEvent, StoredDeferredSession,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vault::{HistoryParty, PaperId, PendingSession, SessionId, SessionKind, StoreError};

use super::ReceiveError;
use super::store::{Delivery, Described};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{End, Fault};
use crate::view;

/// How long a deferred paper is asked for, in seconds: 90 days.
const DEFERRED_LIFE_SECONDS: i64 = 90 * 24 * 3600;

/// A deferred paper as it is kept until it comes.
#[derive(Serialize, Deserialize)]
struct StoredDeferred {
    session: StoredDeferredSession,
    described: Described,
    party: HistoryParty,
    /// The paper whose copies these are to be.
    #[serde(default)]
    renews: Option<PaperId>,
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
                    .pending(pending.id, &stored.described, &session, &stored.party, stored.renews)
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
                    renews: stored.renews,
                };
                let ids = self.store_papers(&delivery).map_err(Fault::Wallet)?.papers;
                if let Some(ticket) = ticket {
                    let [(_, described)] = &received;
                    let event = NotificationEvent::CredentialAccepted;
                    self.tell_with(&party.id, ticket, event, described.grant_state()).await;
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
}
