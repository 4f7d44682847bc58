//! Telling issuers what became of their papers (OpenID4VCI 1.0 section 11; CI-23), later too: what could not be told for want of a network is
//! kept and told another time, for a week. Telling changes nothing here, and telling twice changes nothing there.

use openid4vci::holder::{
    Discovery, NotificationEvent, NotificationTicket, ReceivedCopies, StoredNotificationTicket,
};
use openid4vci::offer::CredentialOffer;
use openid4vci::wire::Identifier;
use primitives::{Blame, UniqueNonEmpty};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vault::{PendingSession, SessionId, SessionKind};

use super::store::{Described, GrantState};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;

/// How long an issuer is tried to be told, in seconds: a week.
const TELLING_SECONDS: i64 = 7 * 24 * 3600;
/// Before it is tried again, in seconds.
const PAUSE_SECONDS: i64 = 60;

/// What is still to be told.
#[derive(Serialize, Deserialize)]
struct Untold {
    ticket: StoredNotificationTicket,
    event: NotificationEvent,
    /// What a newer token is had with, and for which configuration.
    grant: Option<GrantState>,
}

impl Wallet {
    /// Tells the issuer of every paper that arrived and is not kept (CI-23: a partly failed batch is a failure).
    pub(super) async fn tell_failure(&self, issuer: &str, received: &[(ReceivedCopies, Described)]) {
        for (copies, described) in received {
            if let Some(ticket) = copies.notification.clone() {
                let event = NotificationEvent::CredentialFailure;
                self.tell_with(issuer, ticket, event, described.grant_state()).await;
            }
        }
    }

    /// Tells an issuer what became of a paper.
    pub(crate) async fn tell(&self, issuer: &str, ticket: NotificationTicket, event: NotificationEvent) {
        self.tell_with(issuer, ticket, event, None).await;
    }

    /// The same, with what a newer token is had with if this one has ended.
    pub(crate) async fn tell_with(
        &self,
        issuer: &str,
        ticket: NotificationTicket,
        event: NotificationEvent,
        grant: Option<&GrantState>,
    ) {
        let untold = Untold { ticket: ticket.to_stored(), event, grant: grant.cloned() };
        if self.told(issuer, &untold).await {
            return;
        }
        let Ok(id) = SessionId::random(self.ports.entropy.as_ref()) else { return };
        let Ok(state) = serde_json::to_vec(&untold) else { return };
        let now = self.now();
        let pending = PendingSession {
            id,
            kind: SessionKind::Telling,
            issuer: issuer.to_owned(),
            state: state.into(),
            created_at: now,
            next_try_at: Some(now + PAUSE_SECONDS),
            expires_at: Some(now + TELLING_SECONDS),
        };
        // Locked meanwhile, or the disk is full: an issuer that does not hear it is none the worse.
        let _ = self.transaction(|transaction| transaction.save_session(&pending));
    }

    /// Tells what could not be told before.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub(crate) async fn tell_again(&self) -> Result<(), WalletError> {
        let now = self.now();
        let sessions = self.read(|transaction| transaction.sessions())?;
        for mut pending in sessions.into_iter().filter(|it| it.kind == SessionKind::Telling) {
            let untold = serde_json::from_slice::<Untold>(&pending.state).ok();
            let over = pending.expires_at.is_some_and(|end| end <= now);
            if !over && pending.next_try_at.is_some_and(|at| at > now) {
                continue;
            }
            let done = match &untold {
                Some(untold) if !over => self.told(&pending.issuer, untold).await,
                _ => true,
            };
            self.transaction(|transaction| match done {
                true => transaction.end_session(pending.id),
                false => {
                    pending.next_try_at = Some(now + PAUSE_SECONDS);
                    transaction.save_session(&pending)
                }
            })?;
        }
        Ok(())
    }

    /// Whether it was told, or can never be: what the issuer refuses is not told again.
    async fn told(&self, issuer: &str, untold: &Untold) -> bool {
        let Untold { ticket, event, grant } = untold;
        let mut ticket = ticket.clone();
        let refreshable = grant.as_ref().filter(|grant| grant.access.can_refresh());
        if let Some(grant) = refreshable.filter(|_| ticket.access().has_ended(self.now())) {
            match self.newer_access(issuer, grant).await {
                Ok(access) => ticket = ticket.with_access(access),
                Err(fault) => return !is_of_the_way(&fault),
            }
        }
        let Ok(dpop) = self.known_session_key(ticket.dpop_key_reference()) else { return true };
        let Some(ticket) = NotificationTicket::resume(ticket, dpop) else { return true };
        match self.exchange(issuer, ticket.notify(*event, None), &Notify::new()).await {
            Ok(()) => true,
            Err(fault) => !is_of_the_way(&fault),
        }
    }

    /// A newer token of a grant.
    async fn newer_access(
        &self,
        issuer: &str,
        grant: &GrantState,
    ) -> Result<openid4vci::holder::StoredAccess, Fault> {
        let authorized = self.granted_again(issuer, None, grant).await?;
        Ok(authorized.stored_access())
    }

    /// The grant again, for these configurations or for whatever the issuer has (CI-13).
    pub(super) async fn granted_again(
        &self,
        issuer: &str,
        configurations: Option<Vec<String>>,
        grant: &GrantState,
    ) -> Result<openid4vci::holder::Authorized, Fault> {
        let stop = Notify::new();
        let damaged = || Fault::Wallet(vault::StoreError::Damaged.into());
        let id = Identifier::parse(issuer, "credential_issuer").map_err(|_| damaged())?;
        let policy = self.discovery_policy();
        let discovery = match configurations {
            None => Discovery::of_issuer(id, policy),
            Some(ids) => {
                let ids = UniqueNonEmpty::new(ids).map_err(|_| damaged())?;
                Discovery::new(CredentialOffer::renewal(id, ids), policy)
            }
        };
        let resolved = self.exchange(issuer, discovery, &stop).await?;
        let client = self.client(&resolved, &grant.keys).await?;
        let exchange = resolved.refresh(client, grant.access.clone())?;
        self.exchange(issuer, exchange, &stop).await
    }
}

/// Whether it failed on the way, so that another try makes sense.
fn is_of_the_way(fault: &Fault) -> bool {
    match fault {
        Fault::Refused(error) => error.blame() == Blame::Network,
        Fault::Wallet(_) | Fault::Stopped => true,
    }
}
