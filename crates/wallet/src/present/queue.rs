//! Answers that wait for the network: approved, and then nothing of them could leave. Only a yes of its own keeps one ("연결되면 보내기"); it
//! lies encrypted in the vault like every paper, as long as its request counts and [`MAX_QUEUED_SECONDS`] at most, and can be withdrawn.
//!
//! It goes out once: before it leaves its row says that it is leaving, so that a crash, a lock or a second program finds an answer whose end
//! nobody saw, never one to be sent. Only where it is certain that nothing left does it wait again.

use openid4vp::holder::Answer;
use primitives::http::{Method, Request};
use primitives::{Blame, Instant, Left, Refusal};
use serde::{Deserialize, Serialize};
use url::Url;
use vault::{
    NewHistoryEntry, Outcome as Ending, PendingSession, SessionId, SessionKind, StoreError, Transaction,
};

use super::send::{Leaving, REMEMBERED_SECONDS};
use super::vouchers::{Unvouched, Vouchers};
use super::{ConsentSession, PresentError};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Session;
use crate::history::captions;
use crate::view::{QueueResult, QueuedAnswer};

/// Answers that wait at once, a count.
const MAX_QUEUED: usize = 16;
/// The longest that an answer waits, in seconds, however long its request counts: 30 days.
const MAX_QUEUED_SECONDS: i64 = 30 * 24 * 3600;

/// Why an answer does not wait, or not any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// As many wait as can.
    #[error("as many answers wait as can")]
    Full,
    /// Its request does not count any more.
    #[error("the request ended before the network came back")]
    Expired,
    /// It was answered meanwhile.
    #[error(transparent)]
    Present(#[from] PresentError),
}

impl Refusal for QueueError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "queue_full",
            Self::Expired => "queue_expired",
            Self::Present(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Full => Blame::You,
            Self::Expired => Blame::Network,
            Self::Present(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// An answer that nothing of left, while the citizen may still say that it is to wait. It has no `Debug`: it may hold claims.
pub(crate) struct UnsentSession {
    unsent: Unsent,
    until: Option<Instant>,
}

/// An answer that waits, as it is kept.
#[derive(Serialize, Deserialize)]
struct Unsent {
    leaving: Leaving,
    #[serde(default)]
    vouched_by: Option<Vouchers>,
    replay_key: [u8; 32],
    url: Url,
    party: Option<Url>,
    headers: Vec<(String, String)>,
    body: String,
    max_response_bytes: usize,
}

impl UnsentSession {
    /// `None`: it is no form.
    pub(super) fn new(
        request: Request,
        vouchers: Vouchers,
        replay_key: [u8; 32],
        leaving: Leaving,
    ) -> Option<Self> {
        let Request { url, party, headers, body, max_response_bytes, .. } = request;
        let body = String::from_utf8(body).ok()?;
        let vouched_by = Some(vouchers);
        let unsent =
            Unsent { leaving, vouched_by, replay_key, url, party, headers, body, max_response_bytes };
        Some(Self { unsent, until: None })
    }
}

impl Unsent {
    fn request(&self) -> Request {
        Request {
            method: Method::Post,
            headers: self.headers.clone(),
            body: self.body.clone().into_bytes(),
            party: self.party.clone(),
            ..Request::get(self.url.clone()).with_max_response_bytes(self.max_response_bytes)
        }
    }

    /// What the history says of it at a time.
    fn line(&self, at: Instant, ending: Ending, error: Option<&dyn Refusal>, left: bool) -> NewHistoryEntry {
        let mut leaving = self.leaving.at(at);
        if !left {
            leaving.items.clear();
            leaving.papers.clear();
        }
        leaving.line(ending, error)
    }
}

impl Wallet {
    /// Remembers, until the citizen decides, an answer that nothing of left, and says until when it could wait. A request that does not say
    /// until when it counts is answered now or not at all.
    pub(super) fn may_wait(
        &self,
        epoch: u64,
        session_id: &str,
        session: &ConsentSession,
        mut unsent: UnsentSession,
    ) -> Option<Instant> {
        let now = self.known_now();
        let ends = session.request.expires_at().filter(|ends| *ends > now)?;
        unsent.until = Some(ends.min(now + MAX_QUEUED_SECONDS));
        let until = unsent.until;
        let mut state = self.state();
        if state.unlocked().is_err() || state.epoch != epoch {
            return None;
        }
        state.sessions.put_back(session_id, Session::Unsent(Box::new(unsent)));
        until
    }

    /// Puts an answer out of memory that was not sent and shall not wait. Says whether there was one.
    pub(super) fn forget_unsent(&self, session_id: &str) -> bool {
        let sessions = &mut self.state().sessions;
        let is_unsent = matches!(sessions.waiting_mut(session_id), Some(Session::Unsent(_)));
        if is_unsent {
            sessions.take(session_id);
        }
        is_unsent
    }

    /// Until when the answer of this session could wait for the network, Unix seconds; `None`: it cannot, since it left, since its request
    /// says of no time that it counts until then, or since there is no such answer.
    #[must_use]
    pub fn can_wait_until(&self, session_id: &str) -> Option<i64> {
        match self.state().sessions.waiting_mut(session_id)? {
            Session::Unsent(unsent) => unsent.until.map(Instant::unix_seconds),
            _ => None,
        }
    }

    /// The citizen's yes to keeping an answer that could not leave and sending it when the network is back.
    ///
    /// # Errors
    /// [`WalletError::Unknown`] where [`can_wait_until`](Self::can_wait_until) says nothing, [`WalletError::Queue`], and the store's.
    pub fn queue_answer(&self, session_id: &str) -> Result<QueuedAnswer, WalletError> {
        let now = self.known_now();
        let session = {
            let mut state = self.state();
            state.unlocked()?;
            match state.sessions.take(session_id) {
                Some(Session::Unsent(session)) => session,
                other => {
                    if let Some(other) = other {
                        state.sessions.put_back(session_id, other);
                    }
                    return Err(WalletError::Unknown("session"));
                }
            }
        };
        let UnsentSession { unsent, until } = *session;
        let ends = until.filter(|ends| *ends > now).ok_or(QueueError::Expired)?;
        let pending = PendingSession {
            id: SessionId::random(self.ports.entropy.as_ref())?,
            kind: SessionKind::Presenting,
            issuer: String::new(),
            state: serde_json::to_vec(&unsent).map_err(|_| StoreError::Damaged)?.into(),
            created_at: now,
            next_try_at: Some(now),
            expires_at: Some(ends),
        };
        let kept = self.transaction(|transaction| {
            if waiting(transaction)?.len() >= MAX_QUEUED {
                return Ok(false);
            }
            // While it waits the request is answered: another answer to it would be a second one.
            transaction.remember_answered(&unsent.replay_key, now, now + REMEMBERED_SECONDS)?;
            transaction.save_session(&pending).map(|()| true)
        });
        match kept {
            Ok(true) => view_of(&pending, now).ok_or(WalletError::Store(StoreError::Damaged)),
            Ok(false) => Err(QueueError::Full.into()),
            Err(WalletError::Store(StoreError::Duplicate { .. })) => {
                Err(QueueError::Present(PresentError::AlreadyAnswered).into())
            }
            Err(error) => Err(error),
        }
    }

    /// The answers that wait, the one approved first first.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn queued_answers(&self) -> Result<Vec<QueuedAnswer>, WalletError> {
        let now = self.known_now();
        Ok(self.read(waiting)?.iter().filter_map(|pending| view_of(pending, now)).collect())
    }

    /// Takes an answer back that waits: it never leaves, and its request can be answered anew.
    ///
    /// # Errors
    /// [`WalletError::Unknown`]: it does not wait, and may have left.
    pub fn withdraw_queued(&self, id: &str) -> Result<(), WalletError> {
        let id = SessionId::parse(id).ok_or(WalletError::Unknown("session"))?;
        let now = self.now();
        let withdrawn = self.transaction(|transaction| {
            let Some(pending) = waiting(transaction)?.into_iter().find(|pending| pending.id == id) else {
                return Ok(false);
            };
            match stored(&pending) {
                Some(unsent) => {
                    let line = unsent.line(now, Ending::Declined, None, false);
                    end_unsent(transaction, &pending, &unsent, &line)?;
                }
                None => transaction.end_session(id)?,
            }
            Ok(true)
        })?;
        if withdrawn { Ok(()) } else { Err(WalletError::Unknown("session")) }
    }

    /// Sends what waits, each once. What nothing left of, since there still is no network, goes on waiting.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself.
    pub async fn send_queued(&self) -> Result<QueueResult, WalletError> {
        let mut result = QueueResult::default();
        let epoch = self.epoch()?;
        for pending in self.read(waiting)? {
            self.send_one(epoch, &pending, &mut result).await?;
        }
        result.waiting = self.read(waiting)?.len();
        Ok(result)
    }

    async fn send_one(
        &self,
        epoch: u64,
        pending: &PendingSession,
        result: &mut QueueResult,
    ) -> Result<(), WalletError> {
        // A clock that was set back lets nothing wait longer.
        let now = self.known_now();
        let Some(unsent) = stored(pending) else {
            return self.transaction(|transaction| transaction.end_session(pending.id));
        };
        if is_over(pending, now) {
            result.expired += 1;
            return self.transaction(|transaction| end_expired(transaction, pending, now));
        }
        match self.refuse_unvouched(unsent.vouched_by.as_ref()) {
            Ok(()) => {}
            // The next list may name them again: it goes on waiting.
            Err(Unvouched::TooOld(_)) => return Ok(()),
            Err(Unvouched::Gone(error)) => {
                result.refused += 1;
                let line = unsent.line(now, Ending::Refused, Some(&error), false);
                return self.transaction(|transaction| end_unsent(transaction, pending, &unsent, &line));
            }
        }
        // Before it leaves: a crash or a lock after this line leaves an answer whose end nobody saw, and none that waits.
        let leaving = unsent.leaving.at(now);
        let marked = PendingSession {
            state: serde_json::to_vec(&leaving).map_err(|_| StoreError::Damaged)?.into(),
            next_try_at: None,
            expires_at: None,
            ..pending.clone()
        };
        let first = self.transaction_since(epoch, |transaction| {
            // Withdrawn, or taken by another call, meanwhile.
            let waits = waiting(transaction)?.iter().any(|it| it.id == pending.id);
            if waits {
                transaction.save_session(&marked)?;
            }
            Ok(waits)
        })?;
        if !first {
            return Ok(());
        }
        let answer = match self.call(unsent.request()).await {
            Err(error) if error.left() == Left::Nothing => {
                // A lock meanwhile made a line of it, as of whatever has no end that somebody saw.
                return self.transaction_since(epoch, |transaction| transaction.save_session(pending));
            }
            Err(error) => Err(Box::new(error) as Box<dyn Refusal + Send + Sync>),
            Ok(response) => Answer::of(&response, &self.request_policy())
                .map_err(|error| Box::new(error) as Box<dyn Refusal + Send + Sync>),
        };
        match answer {
            Ok(answer) => {
                self.finish_sending(pending.id, &unsent.line(now, Ending::Done, None, true))?;
                result.sent.push(unsent.leaving.party.name.into());
                // Nobody sits before this answer: a page is offered, not opened.
                result.open_urls.extend(answer.redirect_uri.map(String::from));
            }
            Err(error) => {
                let line = unsent.line(now, Ending::Failed, Some(error.as_ref()), true);
                self.finish_sending(pending.id, &line)?;
                result.failed += 1;
            }
        }
        Ok(())
    }
}

/// Answers whose request does not count any more stay no longer than until the next unlock, whether or not anything is sent.
pub(crate) fn settle_expired(transaction: &Transaction<'_>, now: Instant) -> Result<(), StoreError> {
    for pending in waiting(transaction)?.iter().filter(|pending| is_over(pending, now)) {
        end_expired(transaction, pending, now)?;
    }
    Ok(())
}

fn is_over(pending: &PendingSession, now: Instant) -> bool {
    pending.expires_at.is_none_or(|ends| ends <= now)
}

fn end_expired(
    transaction: &Transaction<'_>,
    pending: &PendingSession,
    now: Instant,
) -> Result<(), StoreError> {
    let Some(unsent) = stored(pending) else {
        return transaction.end_session(pending.id);
    };
    let line = unsent.line(now, Ending::Failed, Some(&QueueError::Expired), false);
    end_unsent(transaction, pending, &unsent, &line)
}

/// Ends what waited and never left: its request was not answered, and can be.
fn end_unsent(
    transaction: &Transaction<'_>,
    pending: &PendingSession,
    unsent: &Unsent,
    line: &NewHistoryEntry,
) -> Result<(), StoreError> {
    transaction.end_session(pending.id)?;
    transaction.forget_answered(&unsent.replay_key)?;
    transaction.append_history(line).map(drop)
}

/// The rows of answers that wait, oldest first.
fn waiting(transaction: &Transaction<'_>) -> Result<Vec<PendingSession>, StoreError> {
    let mut sessions = transaction.sessions()?;
    sessions.retain(|session| session.kind == SessionKind::Presenting && session.next_try_at.is_some());
    Ok(sessions)
}

fn stored(pending: &PendingSession) -> Option<Unsent> {
    serde_json::from_slice(&pending.state).ok()
}

fn view_of(pending: &PendingSession, now: Instant) -> Option<QueuedAnswer> {
    let Leaving { party, items, .. } = stored(pending)?.leaving;
    let (items, approvals) = captions(&items);
    Some(QueuedAnswer {
        id: pending.id.to_string(),
        recipient: party.name.into(),
        item_count: items.len(),
        items,
        approvals,
        approved_at: pending.created_at.unix_seconds(),
        expires_at: pending.expires_at?.unix_seconds(),
        over: is_over(pending, now),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_kept_before_certificates_were_noted_is_read_and_nobody_vouches_for_it() {
        let party = json!({ "id": "x509_hash:a", "name": { "ko": "대여점", "en": "Rental" }, "known": true });
        let leaving = json!({
            "at": 1, "party": party, "items": [], "papers": [], "purpose": null, "retention": null,
        });
        let kept: Unsent = serde_json::from_value(json!({
            "leaving": leaving, "replay_key": vec![0; 32], "url": "https://rental.example/", "party": null,
            "headers": [["accept", "application/json"]], "body": "response=x", "max_response_bytes": 1024,
            "vouchers": { "verifier": { "anchor": vec![0; 32], "until": 1 }, "registrars": [] },
        }))
        .unwrap();
        assert!(kept.vouched_by.is_none());
        assert_eq!((kept.leaving.party.id.as_str(), kept.body.as_str()), ("x509_hash:a", "response=x"));
    }
}
