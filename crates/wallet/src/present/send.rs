//! The citizen's yes and no. Copies are marked used, and the request is remembered, before the answer leaves.

use std::collections::BTreeSet;

use openid4vp::dc_api::DcApiResponse;
use openid4vp::holder::{Answer, Delivery};
use primitives::http::{HttpError, Request, Response};
use primitives::{Instant, Left, LocalizedText, Refusal};
use serde::{Deserialize, Serialize};
use url::Url;
use vault::{
    HistoryItem, HistoryKind, HistoryParty, NewHistoryEntry, Outcome as Ending, PaperId, PendingSession,
    SessionId, SessionKind, StoreError, Transaction,
};

use super::choice::{self, paper_of};
use super::copies::{Signed, Taken};
use super::offline::shown_mode;
use super::queue::UnsentSession;
use super::showing::Yes;
use super::statements::{PURPOSE, RETENTION, Statements};
use super::vouchers::Vouchers;
use super::{ConsentSession, PresentError, purpose_of};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{Fault, Session, refusal_view};
use crate::view::{self, PresentSent, Preview, Selection, Sent};

/// How long an answered request is remembered, in seconds: 90 days.
pub(super) const REMEMBERED_SECONDS: i64 = 90 * 24 * 3600;

/// What the history will say of an answer that is leaving: written before it does, so that no crash and no lock hides it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Leaving {
    at: i64,
    pub(super) party: HistoryParty,
    pub(super) items: Vec<HistoryItem>,
    pub(super) papers: Vec<PaperId>,
    purpose: Option<LocalizedText>,
    retention: Option<LocalizedText>,
}

impl Leaving {
    /// The same at another time.
    pub(super) fn at(&self, at: Instant) -> Self {
        Self { at: at.unix_seconds(), ..self.clone() }
    }

    pub(super) fn line(self, outcome: Ending, error: Option<&dyn Refusal>) -> NewHistoryEntry {
        NewHistoryEntry {
            at: Instant::from_unix_seconds(self.at),
            kind: HistoryKind::Presented,
            party: Some(self.party),
            items: self.items,
            papers: self.papers,
            purpose: self.purpose,
            retention: self.retention,
            rule: error.map(|error| error.rule().to_owned()).filter(|rule| !rule.is_empty()),
            code: error.map(|error| error.code().to_owned()),
            outcome,
        }
    }
}

impl Wallet {
    /// What a choice would send, and what is still to be answered.
    ///
    /// # Errors
    /// [`WalletError::Unknown`] for a session that is gone.
    pub fn present_preview(&self, session_id: &str, selection: &Selection) -> Result<Preview, WalletError> {
        let state = self.state();
        let session = state.sessions.consent(session_id).ok_or(WalletError::Unknown("session"))?;
        Ok(choice::judge(&session.solution, &session.consent, selection).preview)
    }

    /// The citizen's yes to exactly this choice.
    ///
    /// # Errors
    /// [`WalletError`] for a session that is gone or a locked wallet; what went wrong with the answer is a
    /// [`PresentSent::Refusal`]. An incomplete choice sends nothing and keeps the session.
    pub async fn present_send(
        &self,
        session_id: &str,
        selection: &Selection,
    ) -> Result<PresentSent, WalletError> {
        Ok(self.present_send_to(session_id, selection).await?.0)
    }

    /// As [`present_send`](Self::present_send), also for a request over the Digital Credentials API: its answer is given here, to be
    /// handed to the platform (VP-A4), and nothing is posted.
    ///
    /// # Errors
    /// As [`present_send`](Self::present_send).
    pub async fn present_send_to(
        &self,
        session_id: &str,
        selection: &Selection,
    ) -> Result<(PresentSent, Option<DcApiResponse>), WalletError> {
        let mut handed = None;
        let sent = self.send(session_id, selection, &mut handed).await?;
        Ok((sent, handed))
    }

    async fn send(
        &self,
        session_id: &str,
        selection: &Selection,
        handed: &mut Option<DcApiResponse>,
    ) -> Result<PresentSent, WalletError> {
        let epoch = self.epoch()?;
        let session = self.take_consent(session_id)?;
        let judged = choice::judge(&session.solution, &session.consent, selection);
        let Some(selection) = judged.selection else {
            let party = Some(session.party.name.clone().into());
            self.return_consent(epoch, session_id, session)?;
            return Ok(PresentSent::Refusal(Box::new(refusal_view(&PresentError::Choice, party, false))));
        };
        let disclosures = match dcql::select(&session.solution, &selection) {
            Ok(disclosures) => disclosures,
            Err(error) => return Ok(self.not_sent(&session, &Fault::from(error))),
        };
        let mut items: Vec<HistoryItem> = disclosures
            .iter()
            .flat_map(|disclosure| {
                let held = self.held_by_text(paper_of(&disclosure.holding));
                let key = held.as_ref().map(|held| held.key().to_owned()).unwrap_or_default();
                let paths = disclosure.paths();
                let told =
                    held.map_or_else(|| paths.clone(), |held| held.told(&disclosure.holding, paths.clone()));
                let told = told.into_iter().chain(disclosure.always_disclosed.clone());
                told.map(move |path| HistoryItem { type_key: key.clone(), path }).collect::<Vec<_>>()
            })
            .chain(super::transactions::history_items(&session.request))
            .take(vault::limits::HISTORY_ITEMS)
            .collect();
        items.extend(super::offline::history_item(&session, &items));
        let papers: Vec<PaperId> = {
            let ids: BTreeSet<&str> =
                disclosures.iter().map(|disclosure| paper_of(&disclosure.holding)).collect();
            ids.into_iter().filter_map(PaperId::parse).collect()
        };
        // Of what is told, and not of what else was asked.
        let stated = Statements::of(&session.request, |query| selection.picks.contains_key(query));
        let now = self.now();
        let leaving = Leaving {
            at: now.unix_seconds(),
            party: session.party.clone(),
            items,
            papers,
            purpose: stated.words(PURPOSE),
            retention: stated.words(RETENTION),
        };
        let Preview { item_count, paper_count, .. } = judged.preview;
        if let Some(mode) = shown_mode(&session.request) {
            let yes = Yes { selection, disclosures, leaving, item_count, paper_count };
            return self.begin_showing(epoch, session_id, session, mode, &yes);
        }
        // Before the answer leaves: a crash after this costs a copy, never a second use of one.
        let key = session.request.replay_key();
        let prepare = |signed: &Signed| {
            let leaving = leaving.at(signed.at);
            let id = SessionId::random(self.ports.entropy.as_ref()).map_err(|it| Fault::Wallet(it.into()))?;
            let state = serde_json::to_vec(&leaving);
            let state = state.map_err(|_| Fault::Wallet(StoreError::Damaged.into()))?;
            let pending = PendingSession {
                id,
                kind: SessionKind::Presenting,
                issuer: String::new(),
                state: state.into(),
                created_at: signed.at,
                next_try_at: None,
                expires_at: None,
            };
            Ok((pending, leaving))
        };
        let keep = |transaction: &Transaction<'_>, (pending, _): &(PendingSession, Leaving)| {
            transaction.save_session(pending)?;
            let at = pending.created_at;
            transaction.remember_answered(&key, at, at + REMEMBERED_SECONDS).map(drop)
        };
        // The lock is given back within this line: a future that holds one cannot move between threads.
        let taken = self
            .sign_and_take(epoch, &session, &selection, &disclosures, prepare, keep)
            .map(|Taken { signed, prepared, .. }| (signed.delivery, prepared));
        let (delivery, (pending, mut leaving)) = match taken {
            Ok(taken) => taken,
            Err(fault) => return self.not_taken(epoch, session_id, session, fault),
        };
        let posted = match &delivery {
            Delivery::Post(request) => Some(named(request.clone(), &session)),
            Delivery::DcApi(_) | Delivery::Screen(_) | Delivery::Nothing => None,
        };
        let answered = match delivery {
            Delivery::Post(request) => self.call(named(request, &session)).await.map(Some),
            Delivery::DcApi(response) => {
                *handed = Some(response);
                Ok(None)
            }
            // What is shown left this way above.
            Delivery::Screen(_) | Delivery::Nothing => Ok(None),
        };
        let answer = match answered {
            Ok(None) => Ok(Answer { redirect_uri: None }),
            Ok(Some(response)) => self.answer(&session, &response),
            Err(error) => {
                let left = error.left() == Left::Something;
                let whole = leaving.clone();
                if !left {
                    leaving.items.clear();
                    leaving.papers.clear();
                    // The citizen may try again; that the note stays is the worst that can come of an error here.
                    let _ = self.transaction(|transaction| transaction.forget_answered(&key));
                }
                self.finish_sending(pending.id, &leaving.line(Ending::Failed, Some(&error)))?;
                let unsent = posted.filter(|_| error == HttpError::Unreachable).and_then(|request| {
                    UnsentSession::new(request, Vouchers::of(&session.request), key, whole)
                });
                let until = unsent.and_then(|unsent| self.may_wait(epoch, session_id, &session, unsent));
                return Ok(PresentSent::Refusal(Box::new(view::Refusal {
                    session_id: until.map(|_| session_id.to_owned()),
                    wait_until: until.map(Instant::unix_seconds),
                    ..refusal_view(&error, Some(session.party.name.clone().into()), left)
                })));
            }
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.finish_sending(pending.id, &leaving.line(Ending::Failed, Some(error.as_ref())))?;
                let refusal = refusal_view(error.as_ref(), Some(session.party.name.clone().into()), true);
                return Ok(PresentSent::Refusal(Box::new(refusal)));
            }
        };
        let line = self.finish_sending(pending.id, &leaving.line(Ending::Done, None))?;
        let (opened_browser, open_url) = self.open_page(answer.redirect_uri);
        Ok(PresentSent::Sent(Sent {
            recipient: Some(session.party.name.clone().into()),
            host: session.consent.recipient.host.clone(),
            at: self.now().unix_seconds(),
            item_count,
            paper_count,
            history_id: line.map(|line| line.to_string()).unwrap_or_default(),
            opened_browser,
            open_url,
        }))
    }

    /// The citizen's no. `tell`: the other side gets `access_denied`, the same whatever the reason (VP-S6). Gives whether it
    /// was told.
    ///
    /// # Errors
    /// [`WalletError`].
    pub async fn present_decline(&self, session_id: &str, tell: bool) -> Result<bool, WalletError> {
        Ok(self.present_decline_to(session_id, tell).await?.0)
    }

    /// As [`present_decline`](Self::present_decline), also for a request over the Digital Credentials API, whose refusal is given here,
    /// to be handed to the platform (VP-A4).
    ///
    /// # Errors
    /// [`WalletError`].
    pub async fn present_decline_to(
        &self,
        session_id: &str,
        tell: bool,
    ) -> Result<(bool, Option<DcApiResponse>), WalletError> {
        // No to letting it wait; that it was not sent stands in the history already.
        if self.forget_unsent(session_id) {
            return Ok((false, None));
        }
        let epoch = self.epoch()?;
        let session = match self.take_consent(session_id) {
            Ok(session) => session,
            // Closing a window twice, or after it was answered, is no fault of anybody's.
            Err(WalletError::Unknown(_)) => return Ok((false, None)),
            Err(error) => return Err(error),
        };
        let mut told = false;
        let mut handed = None;
        // To a question on a screen the person says no, and not the wallet.
        let tell = tell && self.refuse_unvouched_request(&session.request).is_ok();
        if tell && session.request.screen().is_none() {
            let (key, now) = (session.request.replay_key(), self.now());
            // A no is an answer too; one that was given already is not given twice.
            let first = self.transaction_since(epoch, |transaction| {
                transaction.remember_answered(&key, now, now + REMEMBERED_SECONDS).map(drop)
            });
            match first {
                Ok(()) => {}
                Err(WalletError::Store(StoreError::Duplicate { .. })) => return Ok((false, None)),
                Err(error) => return Err(error),
            }
            match session.request.decline(self.ports.entropy.as_ref()) {
                Delivery::DcApi(response) => {
                    told = true;
                    handed = Some(response);
                }
                Delivery::Post(request) => {
                    if let Ok(response) = self.call(named(request, &session)).await {
                        told = true;
                        if let Ok(answer) = self.answer(&session, &response) {
                            self.open_page(answer.redirect_uri);
                        }
                    }
                }
                Delivery::Screen(_) | Delivery::Nothing => {}
            }
        }
        self.write_history(&NewHistoryEntry {
            at: self.now(),
            kind: HistoryKind::Presented,
            party: Some(session.party.clone()),
            items: Vec::new(),
            papers: Vec::new(),
            purpose: purpose_of(&session.request),
            retention: None,
            rule: None,
            code: told.then(|| {
                session
                    .request
                    .objection()
                    .map_or("access_denied", openid4vp::holder::Objection::error_code)
                    .to_owned()
            }),
            outcome: Ending::Declined,
        })?;
        Ok((told, handed))
    }

    fn take_consent(&self, session_id: &str) -> Result<Box<ConsentSession>, WalletError> {
        let mut state = self.state();
        state.unlocked()?;
        match state.sessions.take(session_id) {
            Some(Session::Consent(session)) => Ok(session),
            Some(other) => {
                state.sessions.put_back(session_id, other);
                Err(WalletError::Unknown("session"))
            }
            None => Err(WalletError::Unknown("session")),
        }
    }

    /// The line of the history in place of the note that an answer is leaving.
    ///
    /// Gives its number, or nothing where it cannot be written now: the note stays, and the next unlock makes a line of it. What
    /// became of the answer is said all the same, unless the wallet was locked.
    pub(super) fn finish_sending(
        &self,
        id: SessionId,
        line: &NewHistoryEntry,
    ) -> Result<Option<u64>, WalletError> {
        let written = self.transaction(|transaction| {
            transaction.end_session(id)?;
            transaction.append_history(line)
        });
        match written {
            Ok(number) => Ok(Some(number)),
            Err(WalletError::Locked) => Err(WalletError::Locked),
            Err(_) => Ok(None),
        }
    }

    fn held_by_text(&self, id: &str) -> Option<std::sync::Arc<crate::held::Held>> {
        self.held(PaperId::parse(id)?).ok()
    }

    fn answer(
        &self,
        session: &ConsentSession,
        response: &Response,
    ) -> Result<Answer, Box<dyn Refusal + Send + Sync>> {
        session
            .request
            .receive_answer(response, &self.request_policy())
            .map_err(|error| Box::new(error) as Box<dyn Refusal + Send + Sync>)
    }

    /// Opens the page that the other side wants opened; what cannot be opened by itself is given back to be shown.
    fn open_page(&self, page: Option<Url>) -> (bool, Option<String>) {
        match page {
            None => (false, None),
            Some(page) => match self.ports.pages.open(&page) {
                Ok(()) => (true, None),
                Err(_) => (false, Some(page.to_string())),
            },
        }
    }

    pub(super) fn not_sent(&self, session: &ConsentSession, fault: &Fault) -> PresentSent {
        let refusal: view::Refusal = self.refuse(fault, Some(&session.party), Some(&session.request));
        PresentSent::Refusal(Box::new(refusal))
    }
}

/// Answers whose end nobody saw, because the wallet was locked or its process ended: each may have arrived, and the history
/// says so.
pub(crate) fn settle_unfinished(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for session in transaction.sessions()? {
        // What waits has not left.
        if session.kind != SessionKind::Presenting || session.next_try_at.is_some() {
            continue;
        }
        if let Ok(leaving) = serde_json::from_slice::<Leaving>(&session.state) {
            transaction.append_history(&leaving.line(Ending::Failed, Some(&HttpError::Cancelled)))?;
        }
        transaction.end_session(session.id)?;
    }
    Ok(())
}

/// The request to the address that the verifier named; where the request itself was fetched, that place is the party.
fn named(request: Request, session: &ConsentSession) -> Request {
    match &session.fetched_from {
        Some(party) => request.named_by(party),
        None => request,
    }
}
