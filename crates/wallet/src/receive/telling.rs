//! Telling issuers what became of their papers (OpenID4VCI 1.0 section 11; CI-23), later too: what could not be told for want of a network is
//! kept and told another time, for a week. Telling changes nothing here, and telling twice changes nothing there.

use openid4vci::holder::{NotificationEvent, NotificationTicket, ReceivedCopies, StoredNotificationTicket};
use openid4vci::oauth::OAuthErrorCode;
use primitives::Blame;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vault::{CredentialFormat, PaperId, PendingSession, SessionId, SessionKind, StoreError};

use super::deferred::{end_if_there, save_if_there};
use super::grant::{Granted, Tokens, forget_grants};
use super::store::{Described, PaperMetadata};
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
    /// What a newer token is had with; absent in what an earlier version kept.
    granted: Option<Granted>,
}

/// With which the issuer is told what becomes of a paper's copies in one format.
#[derive(Serialize, Deserialize)]
pub(super) struct FormatTicket {
    /// Absent in what an earlier version kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(flatten)]
    ticket: StoredNotificationTicket,
}

impl FormatTicket {
    pub(super) fn new(format: CredentialFormat, ticket: StoredNotificationTicket) -> Self {
        Self { format: Some(format.as_str().to_owned()), ticket }
    }
}

/// Of the tickets of a paper that is there in some formats, those of the formats that stay when these come anew. Where a format stays and nobody
/// noted whose a ticket is, it stays as well: an issuer may rather hear twice that copies are deleted than never.
pub(super) fn tickets_that_stay(
    there: Vec<FormatTicket>,
    formats: &[CredentialFormat],
    came: &[CredentialFormat],
) -> Vec<FormatTicket> {
    let stays = |format: &&CredentialFormat| !came.contains(format);
    let staying: Vec<&str> = formats.iter().filter(stays).map(|format| format.as_str()).collect();
    let kept = |one: &FormatTicket| match &one.format {
        Some(format) => staying.contains(&format.as_str()),
        None => !staying.is_empty(),
    };
    there.into_iter().filter(kept).collect()
}

impl Wallet {
    /// Tells the issuer of every paper that arrived and is not kept (CI-23: a partly failed batch is a failure; what the citizen did not want is none,
    /// section 11.1).
    pub(super) async fn tell_unkept(
        &self,
        issuer: &str,
        received: &[(ReceivedCopies, Described)],
        fault: &Fault,
    ) {
        let event = match fault {
            Fault::Stopped => NotificationEvent::CredentialDeleted,
            Fault::Refused(_) | Fault::Wallet(_) => NotificationEvent::CredentialFailure,
        };
        for (copies, described) in received {
            if let Some(ticket) = copies.notification.clone() {
                self.tell_with(issuer, ticket, event, described.granted()).await;
            }
        }
    }

    /// Tells an issuer what became of a paper.
    pub(crate) async fn tell(&self, issuer: &str, ticket: NotificationTicket, event: NotificationEvent) {
        self.tell_with(issuer, ticket, event, None).await;
    }

    /// The same, with what a newer token is had with if this one has ended.
    pub(super) async fn tell_with(
        &self,
        issuer: &str,
        ticket: NotificationTicket,
        event: NotificationEvent,
        granted: Option<&Granted>,
    ) {
        let untold = Untold { ticket: ticket.to_stored(), event, granted: granted.cloned() };
        let Ok(pending) = self.to_be_told(issuer, &untold) else { return };
        match self.transaction(|transaction| transaction.save_session(&pending)) {
            Ok(()) => self.tell_all(vec![pending]).await,
            // Locked meanwhile, or the disk is full: an issuer that does not hear it is none the worse.
            Err(_) => drop(self.told(issuer, &untold).await),
        }
    }

    /// What issuers are to be told of papers that are stored: kept in the same transaction.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub(super) fn to_be_told_of_acceptance(
        &self,
        issuer: &str,
        received: &[(ReceivedCopies, Described)],
    ) -> Result<Vec<PendingSession>, WalletError> {
        let event = NotificationEvent::CredentialAccepted;
        let untold = |(copies, described): &(ReceivedCopies, Described)| {
            let ticket = copies.notification.as_ref()?.to_stored();
            Some(self.to_be_told(issuer, &Untold { ticket, event, granted: described.granted().cloned() }))
        };
        received.iter().filter_map(untold).collect()
    }

    /// Tells at once what is kept to be told.
    pub(crate) async fn tell_all(&self, telling: Vec<PendingSession>) {
        for pending in telling {
            // Locked meanwhile: it is kept, and told another time.
            let _ = self.tell_kept(pending).await;
        }
    }

    /// What the issuer is to be told of a paper that is deleted: kept in the same transaction, since the grant that it is told with stays
    /// only as long as something goes on with it.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub(crate) fn to_be_told_of_deletion(
        &self,
        id: PaperId,
        issuer: &str,
    ) -> Result<Vec<PendingSession>, WalletError> {
        let metadata = self.read(|transaction| transaction.paper_metadata(id))?;
        let tickets =
            serde_json::from_value::<PaperMetadata>(metadata).map(|it| it.notifications).unwrap_or_default();
        let grants = self.grants_of(id)?;
        let untold = |FormatTicket { ticket, .. }: FormatTicket| {
            let key = ticket.dpop_key_reference();
            let granted = grants.iter().find(|it| it.state.access.dpop_key_reference() == key).cloned();
            self.to_be_told(issuer, &Untold { ticket, event: NotificationEvent::CredentialDeleted, granted })
        };
        tickets.into_iter().map(untold).collect()
    }

    fn to_be_told(&self, issuer: &str, untold: &Untold) -> Result<PendingSession, WalletError> {
        let state = serde_json::to_vec(untold).map_err(|_| StoreError::Damaged)?;
        let now = self.now();
        Ok(PendingSession {
            id: SessionId::random(self.ports.entropy.as_ref())?,
            kind: SessionKind::Telling,
            issuer: issuer.to_owned(),
            state: state.into(),
            created_at: now,
            next_try_at: Some(now + PAUSE_SECONDS),
            expires_at: Some(now + TELLING_SECONDS),
        })
    }

    /// Tells what could not be told before.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub(crate) async fn tell_again(&self) -> Result<(), WalletError> {
        let now = self.now();
        let sessions = self.read(|transaction| transaction.sessions())?;
        for pending in sessions.into_iter().filter(|it| it.kind == SessionKind::Telling) {
            let over = pending.expires_at.is_some_and(|end| end <= now);
            if over || pending.next_try_at.is_none_or(|at| at <= now) {
                self.tell_kept(pending).await?;
            }
        }
        Ok(())
    }

    /// Tells what is kept to be told, and keeps it no longer if that is done or its time is over.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub(crate) async fn tell_kept(&self, mut pending: PendingSession) -> Result<(), WalletError> {
        let now = self.now();
        let untold = serde_json::from_slice::<Untold>(&pending.state).ok();
        let over = pending.expires_at.is_some_and(|end| end <= now);
        let done = match &untold {
            Some(untold) if !over => self.told(&pending.issuer, untold).await,
            _ => true,
        };
        self.transaction(|transaction| match done {
            true => {
                end_if_there(transaction, pending.id)?;
                forget_grants(transaction)
            }
            false => {
                pending.next_try_at = Some(now + PAUSE_SECONDS);
                save_if_there(transaction, &pending)
            }
        })
    }

    /// Whether it was told, or can never be: what the issuer refuses is not told again. It is told with a newer token where this one has ended or the
    /// issuer takes it no longer.
    async fn told(&self, issuer: &str, untold: &Untold) -> bool {
        let Untold { ticket, event, granted } = untold;
        let mut tokens = Tokens::new(issuer, granted.as_ref(), ticket.access().clone());
        if let Err(fault) = self.unended_token(&mut tokens).await {
            return is_withdrawn(&fault);
        }
        loop {
            let ticket = ticket.clone().with_access(tokens.access().clone());
            let Ok(dpop) = self.known_session_key(ticket.dpop_key_reference()) else { return false };
            // What is malformed can never be told.
            let Some(ticket) = NotificationTicket::resume(ticket, dpop) else { return true };
            match self.exchange(issuer, ticket.notify(*event, None), &Notify::new()).await {
                Ok(()) => return true,
                Err(fault) if fault.is_refusal(OAuthErrorCode::InvalidToken) => {}
                Err(fault) => return is_refused(&fault),
            }
            match self.newer_token(&mut tokens).await {
                Ok(true) => {}
                Ok(false) => return true,
                Err(fault) => return is_withdrawn(&fault),
            }
        }
    }
}

/// Whether the issuer refused it. What failed on the way, at a server that is down or by a lock is tried again.
fn is_refused(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused(error) if error.blame() == Blame::Issuer)
}

/// Whether no newer token will be had: what the server grants no more it will not grant later; everything else may pass.
fn is_withdrawn(fault: &Fault) -> bool {
    fault.is_refusal(OAuthErrorCode::InvalidGrant)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // rule: CI-23
    #[test]
    fn a_ticket_that_an_earlier_version_kept_stays_as_long_as_a_format_does() {
        let (jwt, mdoc) = (CredentialFormat::SdJwtVc, CredentialFormat::Mdoc);
        let kept = || -> Vec<FormatTicket> {
            let access = json!({ "token": "t", "scheme": "dpop", "dpop_key": "k" });
            let ticket = |format: serde_json::Value| json!({ "endpoint": "https://a.example/n", "notification_id": "n", "access": access, "format": format });
            let mut old = ticket(json!(null));
            old.as_object_mut().unwrap().remove("format");
            serde_json::from_value(json!([old, ticket(json!(jwt.as_str())), ticket(json!(mdoc.as_str()))]))
                .unwrap()
        };
        let formats = |came: &[CredentialFormat]| -> Vec<Option<String>> {
            let stay = tickets_that_stay(kept(), &[jwt, mdoc], came);
            let again = serde_json::to_value(stay).unwrap();
            let stay: Vec<FormatTicket> = serde_json::from_value(again).unwrap();
            stay.into_iter().map(|it| it.format).collect()
        };
        assert_eq!(formats(&[jwt]), [None, Some(mdoc.as_str().to_owned())]);
        assert_eq!(formats(&[mdoc]), [None, Some(jwt.as_str().to_owned())]);
        assert!(formats(&[jwt, mdoc]).is_empty());
    }
}
