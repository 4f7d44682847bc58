//! The citizen's yes and no. Copies are marked used, and the request is remembered, before the answer leaves.

use std::collections::BTreeSet;

use crypto::PrivateKey;
use mdoc::IssuerSigned;
use openid4vp::dc_api::DcApiResponse;
use openid4vp::holder::{Answer, Copy as PresentedCopy, Delivery};
use primitives::http::{HttpError, Request, Response};
use primitives::{Instant, Left, LocalizedText, Refusal};
use sd_jwt_vc::{UnverifiedSdJwtVc, VerifiedSdJwtVc};
use serde::{Deserialize, Serialize};
use url::Url;
use vault::{
    Copy, CopyId, CredentialFormat, HistoryItem, HistoryKind, HistoryParty, NewHistoryEntry,
    Outcome as Ending, PaperId, PendingSession, SessionId, SessionKind, StoreError, Transaction,
};

use super::choice::{self, paper_of};
use super::{ConsentSession, PresentError, purpose_of};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{Fault, Session, refusal_view};
use crate::held::{Form, Held, read_form, vc_policy};
use crate::profile::Anchors;
use crate::view::{self, PresentSent, Preview, Selection, Sent, StatusView};

/// How long an answered request is remembered, in seconds: 90 days.
const REMEMBERED_SECONDS: i64 = 90 * 24 * 3600;

/// What the history will say of an answer that is leaving: written before it does, so that no crash and no lock hides it.
#[derive(Serialize, Deserialize)]
struct Leaving {
    at: i64,
    party: HistoryParty,
    items: Vec<HistoryItem>,
    papers: Vec<PaperId>,
    purpose: Option<LocalizedText>,
    retention: Option<LocalizedText>,
}

impl Leaving {
    fn line(self, outcome: Ending, error: Option<&dyn Refusal>) -> NewHistoryEntry {
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

/// A copy that was chosen, with what is needed to present it once.
struct Chosen {
    copy: Copy,
    signer: Option<PrivateKey>,
    credential: Credential,
}

enum Credential {
    SdJwtVc(Box<VerifiedSdJwtVc>),
    Mdoc(Box<IssuerSigned>),
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
        let session = self.take_consent(session_id)?;
        let judged = choice::judge(&session.solution, &session.consent, selection);
        let Some(selection) = judged.selection else {
            let party = Some(session.party.name.clone().into());
            self.state().sessions.put_back(session_id, Session::Consent(session));
            return Ok(PresentSent::Refusal(Box::new(refusal_view(&PresentError::Choice, party, false))));
        };
        let disclosures = match dcql::select(&session.solution, &selection) {
            Ok(disclosures) => disclosures,
            Err(error) => return Ok(self.not_sent(&session, &Fault::from(error))),
        };
        let items: Vec<HistoryItem> = disclosures
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
        let papers: Vec<PaperId> = {
            let ids: BTreeSet<&str> =
                disclosures.iter().map(|disclosure| paper_of(&disclosure.holding)).collect();
            ids.into_iter().filter_map(PaperId::parse).collect()
        };
        let chosen = match self.choose_copies(&session, &disclosures) {
            Ok(chosen) => chosen,
            Err(Fault::Wallet(error)) => return Err(error),
            Err(fault) => return Ok(self.not_sent(&session, &fault)),
        };
        let copies: Option<Vec<PresentedCopy<'_>>> = chosen.iter().map(Chosen::presented).collect();
        let Some(copies) = copies else {
            return Ok(self.not_sent(&session, &Fault::from(PresentError::NoCopy)));
        };
        let now = self.now();
        let prepared =
            session.request.respond(&session.solution, &selection, &copies, now, self.ports.entropy.as_ref());
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Ok(self.not_sent(&session, &Fault::from(error))),
        };
        // Before the answer leaves: a crash after this line costs a copy, never a second use of one.
        let key = session.request.replay_key();
        let mut leaving = Leaving {
            at: now.unix_seconds(),
            party: session.party.clone(),
            items,
            papers,
            purpose: purpose_of(&session.request),
            retention: session
                .request
                .registration()
                .and_then(|registration| registration.registration().retention.clone()),
        };
        let pending = PendingSession {
            id: SessionId::random(self.ports.entropy.as_ref())?,
            kind: SessionKind::Presenting,
            issuer: String::new(),
            state: serde_json::to_vec(&leaving).map_err(|_| StoreError::Damaged)?.into(),
            created_at: now,
            next_try_at: None,
            expires_at: None,
        };
        let used: BTreeSet<CopyId> = chosen.iter().map(|one| one.copy.id).collect();
        let marked = self.transaction(|transaction| {
            for copy in &used {
                transaction.mark_copy_used(*copy, now)?;
            }
            transaction.save_session(&pending)?;
            transaction.remember_answered(&key, now, now + REMEMBERED_SECONDS).map(drop)
        });
        match marked {
            Ok(()) => {}
            // The same request in another window was answered meanwhile.
            Err(WalletError::Store(StoreError::Duplicate { .. })) => {
                return Ok(self.not_sent(&session, &Fault::from(PresentError::AlreadyAnswered)));
            }
            Err(error) => return Err(error),
        }
        let answered = match prepared.into_delivery() {
            Delivery::Post(request) => self.call(named(request, &session)).await.map(Some),
            Delivery::DcApi(response) => {
                *handed = Some(response);
                Ok(None)
            }
            // What is shown leaves by the session that shows it, which makes the answer itself; this sending makes no frames.
            Delivery::Screen(_) | Delivery::Nothing => Ok(None),
        };
        let answer = match answered {
            Ok(None) => Ok(Answer { redirect_uri: None }),
            Ok(Some(response)) => self.answer(&session, &response),
            Err(error) => {
                let left = error.left() == Left::Something;
                if !left {
                    leaving.items.clear();
                    leaving.papers.clear();
                    // The citizen may try again; that the note stays is the worst that can come of an error here.
                    let _ = self.transaction(|transaction| transaction.forget_answered(&key));
                }
                self.finish_sending(pending.id, &leaving.line(Ending::Failed, Some(&error)))?;
                let refusal = refusal_view(&error, Some(session.party.name.clone().into()), left);
                return Ok(PresentSent::Refusal(Box::new(refusal)));
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
            item_count: judged.preview.item_count,
            paper_count: judged.preview.paper_count,
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
        let session = match self.take_consent(session_id) {
            Ok(session) => session,
            // Closing a window twice, or after it was answered, is no fault of anybody's.
            Err(WalletError::Unknown(_)) => return Ok((false, None)),
            Err(error) => return Err(error),
        };
        let mut told = false;
        let mut handed = None;
        if tell {
            let (key, now) = (session.request.replay_key(), self.now());
            // A no is an answer too; one that was given already is not given twice.
            let first = self.transaction(|transaction| {
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
                // To a question on a screen the person says no, and not the wallet.
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
    fn finish_sending(&self, id: SessionId, line: &NewHistoryEntry) -> Result<Option<u64>, WalletError> {
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

    /// For each presentation the copy that was used least: two verifiers should not meet the same one. Within one answer a copy
    /// serves twice before the answer fails.
    fn choose_copies(
        &self,
        session: &ConsentSession,
        disclosures: &[dcql::Disclosure],
    ) -> Result<Vec<Chosen>, Fault> {
        let issuers = self.anchors();
        let mut taken = BTreeSet::new();
        let mut chosen = Vec::new();
        for disclosure in disclosures {
            // As it stood on the screen.
            let held = session.held.get(paper_of(&disclosure.holding)).ok_or(PresentError::NoCopy)?;
            let format = if disclosure.holding.ends_with(CredentialFormat::Mdoc.as_str()) {
                CredentialFormat::Mdoc
            } else {
                CredentialFormat::SdJwtVc
            };
            let copies = self.read(|transaction| transaction.copies(held.paper.id)).map_err(Fault::Wallet)?;
            let shown = held.forms.iter().find(|form| form.format == format).ok_or(PresentError::NoCopy)?;
            let mut copies: Vec<Copy> = copies.into_iter().filter(|copy| copy.format == format).collect();
            copies.sort_by_key(|copy| (taken.contains(&copy.id), copy.used_count, copy.last_used_at));
            let copy = copies
                .into_iter()
                .find(|copy| self.is_fit(copy, held, shown, disclosure, &issuers))
                .ok_or(PresentError::NoCopy)?;
            taken.insert(copy.id);
            let text = std::str::from_utf8(copy.credential.expose()).map_err(|_| PresentError::NoCopy)?;
            let credential = match format {
                CredentialFormat::SdJwtVc => UnverifiedSdJwtVc::parse(text)
                    .ok()
                    .and_then(|it| it.verify(&issuers.issuers, held.paper.received_at, &vc_policy()).ok())
                    .map(|it| Credential::SdJwtVc(Box::new(it))),
                CredentialFormat::Mdoc => {
                    IssuerSigned::parse_base64url(text).ok().map(|it| Credential::Mdoc(Box::new(it)))
                }
            };
            let signer = match &copy.key {
                None => None,
                Some(key) => {
                    let mut state = self.state();
                    let vault = state.unlocked().map_err(Fault::Wallet)?;
                    Some(vault.holder_key(key).map_err(|error| Fault::Wallet(error.into()))?)
                }
            };
            chosen.push(Chosen { copy, signer, credential: credential.ok_or(PresentError::NoCopy)? });
        }
        Ok(chosen)
    }

    /// Whether a copy may go out for what was shown: it holds, it is in force itself, and it says what stood on the screen.
    fn is_fit(
        &self,
        copy: &Copy,
        held: &Held,
        shown: &Form,
        disclosure: &dcql::Disclosure,
        anchors: &Anchors,
    ) -> bool {
        let bytes = copy.credential.expose();
        let Some(form) = read_form(copy.format, bytes, &anchors.issuers, held.paper.received_at) else {
            return false;
        };
        let now = self.known_now();
        let in_time = form.valid_until.is_none_or(|until| now < until)
            && form.valid_from.is_none_or(|from| from <= now + trust::CLOCK_LEEWAY_SECONDS);
        let withdrawn = form.status.as_ref().is_some_and(|status| {
            let standing = self.standing_of(status, &form.anchor, true);
            matches!(standing.view, StatusView::Revoked | StatusView::Suspended)
        });
        let told = disclosure.paths().into_iter().map(|path| shown.told_with(&path));
        let told = told.chain(disclosure.always_disclosed.iter().cloned());
        let mut same = told.map(|path| match (path.select(&form.claims), path.select(&shown.claims)) {
            (Ok(own), Ok(seen)) => own == seen,
            _ => false,
        });
        in_time && !withdrawn && same.all(|same| same)
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

    fn not_sent(&self, session: &ConsentSession, fault: &Fault) -> PresentSent {
        let refusal: view::Refusal = self.refuse(fault, Some(&session.party), Some(&session.request));
        PresentSent::Refusal(Box::new(refusal))
    }
}

/// Answers whose end nobody saw, because the wallet was locked or its process ended: each may have arrived, and the history
/// says so.
pub(crate) fn settle_unfinished(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for session in transaction.sessions()? {
        if session.kind != SessionKind::Presenting {
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

impl Chosen {
    fn presented(&self) -> Option<PresentedCopy<'_>> {
        match &self.credential {
            Credential::SdJwtVc(credential) => Some(PresentedCopy::SdJwtVc {
                credential,
                signer: self.signer.as_ref().map(|signer| signer as &dyn crypto::Signer),
            }),
            Credential::Mdoc(issuer_signed) => {
                Some(PresentedCopy::Mdoc { issuer_signed, signer: self.signer.as_ref()? })
            }
        }
    }
}
