//! Receiving: from an offer to papers on their shelves (OpenID4VCI 1.0; the protocol's steps are `openid4vci::holder`).
//!
//! 1. [`Wallet::receive_start`] reads the issuer's own description and shows who offers what.
//! 2. [`Wallet::receive_continue`] is the citizen's yes: attestation, token, keys, credentials, verification, storing.
//!
//! Keys are durable before their proofs leave. Papers are stored in one transaction with the line of the history, after
//! every one of them verified: nothing is half-stored ("How a wallet must behave", 12).

mod admission;
mod client;
mod deferred;
mod error;
mod grant;
mod registered;
mod renew;
mod same;
mod store;
mod telling;
mod view_of_offer;

use client::ClientKeys;
pub(crate) use deferred::end_renewals;
pub use error::ReceiveError;
use error::Stopped;
pub(crate) use grant::forget_grants;
pub use registered::ClientRegistration;

use std::sync::Arc;

use openid4vci::holder::{
    Authorized, CredentialFailure, DeferredSession, Discovery, DiscoveryPolicy, NotificationEvent, Outcome,
    PaperRequest, PushedAuthorization, ReceivedCopies, ResolvedOffer, TokenError,
};
use openid4vci::offer::OfferSource;
use openid4vci::wire::Identifier;
use primitives::{Entropy, EntropyUnavailable, LocalizedText, PageError};
use tokio::sync::Notify;
use vault::{GrantId, HistoryKind, HistoryParty, PaperId, SessionId};

use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{End, Fault, Session, refusal_view};
use crate::input::Waiting;
use crate::profile::Loopback;
use crate::view::{self, Progress, ProgressStep, ReceiveStarted, Received};

/// Copies that are asked for where the issuer gives batches, so that verifiers cannot link them.
const COPIES_WANTED: u32 = 5;

/// The most papers of one offer; each is asked for by itself.
const PAPERS_AT_ONCE: usize = 64;

/// An offer that waits for the citizen's yes.
pub(crate) struct OfferSession {
    resolved: ResolvedOffer,
    party: HistoryParty,
    /// Nobody offered it: the citizen went to the issuer, and says which papers are meant.
    unasked: bool,
    /// The configurations that the citizen chose; empty is all of them.
    chosen: Vec<String>,
}

/// What came of asking, so far.
#[derive(Default)]
struct Gathering {
    received: Vec<(ReceivedCopies, store::Described)>,
    /// Deferred papers, each with the session that reserved its keys.
    deferred: Vec<(SessionId, store::Described, DeferredSession)>,
    /// The sessions that reserved keys.
    sessions: Vec<SessionId>,
}

/// Hears how far it is.
type Report<'a> = &'a (dyn Fn(ProgressStep, usize, usize) + Send + Sync);

/// Where an offer comes from.
enum Source {
    Offer(OfferSource),
    Issuer(Identifier),
}

/// How far receiving is; the window shows it, the command line prints it.
pub type ProgressSink<'a> = &'a (dyn Fn(Progress) + Send + Sync);

impl Wallet {
    /// Reads the issuer's own description. Nothing of the citizen's leaves.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and an input that is gone; whatever is wrong with the offer is a
    /// [`ReceiveStarted::Refusal`].
    pub async fn receive_start(&self, input_id: &str) -> Result<ReceiveStarted, WalletError> {
        let epoch = self.epoch()?;
        let source = match self.take_input(input_id)? {
            Waiting::Offer(source) => Source::Offer(*source),
            Waiting::Issuer(issuer) => Source::Issuer(issuer),
            Waiting::Request { .. } | Waiting::Shown { .. } => return Err(WalletError::Unknown("input")),
        };
        let unasked = matches!(source, Source::Issuer(_));
        // Whom to believe is asked first; without an answer the list that is kept stays in use.
        let _ = self.update_trust_list().await;
        if self.was_locked_since(epoch) {
            return Err(WalletError::Locked);
        }
        let stop = Notify::new();
        match self.resolve(source, &stop).await {
            Ok(resolved) => {
                let party = self.issuer_party(&resolved);
                if let Err(too_old) = self.refuse_offer_by_old_list(&resolved) {
                    let refusal = self.end_receiving(&too_old.into(), Some(&party))?;
                    return Ok(ReceiveStarted::Refusal(Box::new(refusal)));
                }
                let session = OfferSession { resolved: resolved.clone(), party, unasked, chosen: Vec::new() };
                let id = self.keep_session(epoch, Session::Offer(Box::new(session)))?;
                let offer = view::Offer { choose: unasked, ..self.offer_view(&id, &resolved) };
                Ok(ReceiveStarted::Offer(Box::new(offer)))
            }
            Err(_) if self.was_locked_since(epoch) => Err(WalletError::Locked),
            Err(fault) => {
                let refusal = self.end_receiving(&fault, None)?;
                Ok(ReceiveStarted::Refusal(Box::new(refusal)))
            }
        }
    }

    async fn resolve(&self, source: Source, stop: &Notify) -> Result<ResolvedOffer, Fault> {
        let (offer, named_by) = match source {
            Source::Issuer(issuer) => (Err(issuer), None),
            Source::Offer(OfferSource::ByValue(offer)) => (Ok(offer), None),
            Source::Offer(OfferSource::ByReference(fetch)) => {
                let place = fetch.url().clone();
                let response = self.call(fetch.request()).await?;
                (Ok(fetch.receive(&response)?), Some(place))
            }
        };
        let policy = self.discovery_policy();
        let issuer = offer.as_ref().map_or_else(|issuer| issuer, |offer| offer.issuer()).as_str().to_owned();
        // The issuer's own address is named by whoever served the offer.
        let discovery = match offer {
            Ok(offer) => Discovery::new(offer, policy),
            Err(issuer) => Discovery::of_issuer(issuer, policy),
        };
        let resolved = self
            .exchange_named(named_by.as_ref(), &issuer, discovery, stop)
            .await
            .map_err(End::into_fault)?;
        if resolved.configurations().next().is_none() {
            return Err(ReceiveError::NothingUsable.into());
        }
        Ok(resolved)
    }

    /// The citizen's yes. Asks, verifies and stores; with an authorization code it opens the browser and waits.
    ///
    /// # Errors
    /// [`WalletError`] for a session that is gone; what went wrong in it is a [`Received::Refusal`].
    pub async fn receive_continue(
        &self,
        session_id: &str,
        tx_code: Option<&str>,
        progress: ProgressSink<'_>,
    ) -> Result<Received, WalletError> {
        let _working = self.begin_work()?;
        let (session, stop, epoch) = {
            let mut state = self.state();
            state.unlocked()?;
            let epoch = state.epoch;
            let session = match state.sessions.take(session_id) {
                Some(Session::Offer(session)) => session,
                Some(other) => {
                    state.sessions.put_back(session_id, other);
                    return Err(WalletError::Unknown("session"));
                }
                None => return Err(WalletError::Unknown("session")),
            };
            (session, state.sessions.stop_signal(session_id), epoch)
        };
        let report = |step: ProgressStep, count: usize, of: usize| {
            progress(Progress { session_id: session_id.to_owned(), step, count, of });
        };
        let mut gathering = Gathering::default();
        let received = self.receive_papers(&session, tx_code, &mut gathering, &stop, &report).await;
        self.state().sessions.forget_stop(session_id);
        match received {
            Ok(done) => Ok(done),
            Err(fault) => {
                self.drop_keys(&gathering);
                if self.was_locked_since(epoch) {
                    return Err(WalletError::Locked);
                }
                if let Fault::Refused(error) = &fault
                    && matches!(
                        error.code(),
                        "transaction_code_wrong" | "transaction_code_misfit" | "transaction_code_missing"
                    )
                {
                    self.state().sessions.put_back(session_id, Session::Offer(session));
                    return Ok(Received::TxCodeWrong { session_id: session_id.to_owned() });
                }
                if matches!(fault, Fault::Stopped) {
                    self.end_receiving(&fault, Some(&session.party))?;
                    return Ok(Received::Cancelled);
                }
                Ok(Received::Refusal(Box::new(self.end_receiving(&fault, Some(&session.party))?)))
            }
        }
    }

    /// Of what is offered, the papers that the citizen wants, by configuration.
    ///
    /// # Errors
    /// [`WalletError::Unknown`]: the session is gone, or one of them is not offered; the choice then is as it was.
    pub fn receive_choose(&self, session_id: &str, configuration_ids: &[String]) -> Result<(), WalletError> {
        let mut state = self.state();
        state.unlocked()?;
        let Some(Session::Offer(session)) = state.sessions.waiting_mut(session_id) else {
            return Err(WalletError::Unknown("session"));
        };
        let offered = |id: &String| session.resolved.configurations().any(|it| it.id == *id);
        if configuration_ids.is_empty() || !configuration_ids.iter().all(offered) {
            return Err(WalletError::Unknown("paper"));
        }
        session.chosen = configuration_ids.to_vec();
        Ok(())
    }

    /// Stops a receiving; what had not been stored is forgotten.
    pub fn receive_cancel(&self, session_id: &str) {
        self.state().sessions.stop(session_id);
    }

    async fn receive_papers(
        &self,
        session: &OfferSession,
        tx_code: Option<&str>,
        gathering: &mut Gathering,
        stop: &Notify,
        report: Report<'_>,
    ) -> Result<Received, Fault> {
        let (authorized, keys) = self.authorize(session, tx_code, stop, report).await?;
        // Kept where it serves again: copies are fetched anew with it.
        let state = grant::GrantState { keys, access: authorized.stored_access() };
        let granted = match state.access.can_refresh() {
            true => Some(grant::Granted { id: self.random(GrantId::random)?, state }),
            false => None,
        };
        self.gather(&session.party.id, authorized, granted, gathering, stop, report).await?;
        self.keep(&session.party, gathering, None, report).await
    }

    /// Asks for every paper that was authorized.
    async fn gather(
        &self,
        issuer: &str,
        mut authorized: Authorized,
        granted: Option<grant::Granted>,
        gathering: &mut Gathering,
        stop: &Notify,
        report: Report<'_>,
    ) -> Result<(), Fault> {
        let wanted: Vec<PaperRequest> = authorized.papers().to_vec();
        let of = wanted.len();
        if of > PAPERS_AT_ONCE {
            return Err(ReceiveError::TooMany.into());
        }
        for (count, paper) in wanted.iter().enumerate() {
            report(ProgressStep::Credential, count, of);
            let described = store::Described::of(&authorized, paper, granted.clone());
            let keys = self.random(SessionId::random)?;
            gathering.sessions.push(keys);
            let anchors = self.anchors();
            let entropy = Arc::clone(&self.ports.entropy);
            let context = openid4vci::holder::Context {
                now: self.now(),
                entropy: entropy.as_ref(),
                issuers: &anchors.issuers,
            };
            let exchange = self.ask_for(authorized, paper, keys, &context)?;
            let issued = match exchange {
                Ok(exchange) => self.exchange_or(issuer, exchange, stop).await,
                Err(failure) => Err(End::Step(failure)),
            };
            let issued = match issued {
                Ok(issued) => issued,
                Err(end) => {
                    let fault = self.credential_fault(issuer, end).await;
                    self.tell_unkept(issuer, &gathering.received, &fault).await;
                    return Err(fault);
                }
            };
            authorized = issued.authorized;
            match issued.outcome {
                Outcome::Received(copies) => gathering.received.push((*copies, described)),
                Outcome::Deferred(later) => gathering.deferred.push((keys, described, *later)),
            }
        }
        Ok(())
    }

    /// Checks, stores and confirms what came.
    async fn keep(
        &self,
        party: &HistoryParty,
        gathering: &mut Gathering,
        renews: Option<PaperId>,
        report: Report<'_>,
    ) -> Result<Received, Fault> {
        let Gathering { received, deferred, sessions } = gathering;
        let of = received.len() + deferred.len();
        report(ProgressStep::Verify, of, of);
        let fit = self.refuse_unfit(&party.id, received).await;
        let finished: Vec<SessionId> = sessions
            .iter()
            .filter(|keys| deferred.iter().all(|(waiting, ..)| waiting != *keys))
            .copied()
            .collect();
        let delivery = store::Delivery {
            received,
            deferred,
            // Whoever signed papers that verified is known.
            party: &HistoryParty { known: true, ..party.clone() },
            finished: &finished,
            ended: None,
            renews,
        };
        let stored = fit.and_then(|()| {
            report(ProgressStep::Store, of, of);
            self.store_papers(&delivery)
        });
        let stored = match stored {
            Ok(stored) => stored,
            Err(fault) => {
                self.tell_unkept(&party.id, received, &fault).await;
                return Err(fault);
            }
        };
        // Bound to copies or waited for: whatever happens from here on, they are not given up.
        sessions.clear();
        self.tell_all(stored.telling).await;
        let deferred = deferred.iter().map(|(_, described, _)| described.name.clone()).collect();
        let papers = self.still_there(stored.papers).map_err(Fault::Wallet)?;
        Ok(Received::Done { papers, deferred, replaced: stored.replaced })
    }

    /// Keys of proofs that came to nothing are of no use; a failure to drop them costs a few bytes.
    fn drop_keys(&self, gathering: &Gathering) {
        let _ = self.transaction(|transaction| {
            gathering.sessions.iter().try_for_each(|keys| transaction.release_keys(*keys).map(drop))
        });
    }

    /// What the profile says about issuers' descriptions.
    fn discovery_policy(&self) -> DiscoveryPolicy {
        DiscoveryPolicy {
            loopback_authorization_page: matches!(
                self.profile.loopback,
                Loopback::Allowed { plain_http: true, .. }
            ),
            signed_metadata: self.profile.issuer_metadata,
            keys: self.key_attestation_power(),
        }
    }

    /// A fresh identifier.
    fn random<T>(
        &self,
        make: impl FnOnce(&dyn Entropy) -> Result<T, EntropyUnavailable>,
    ) -> Result<T, Fault> {
        make(self.ports.entropy.as_ref()).map_err(|error| Fault::Wallet(error.into()))
    }

    async fn authorize(
        &self,
        session: &OfferSession,
        tx_code: Option<&str>,
        stop: &Notify,
        report: Report<'_>,
    ) -> Result<(Authorized, ClientKeys), Fault> {
        let resolved = session.resolved.clone();
        // An issuer has many papers that nobody spoke of; with one there is nothing to choose.
        if session.unasked && session.chosen.is_empty() && resolved.configurations().count() > 1 {
            return Err(ReceiveError::NothingChosen.into());
        }
        report(ProgressStep::Authorize, 0, 0);
        if let Some(asked) = resolved.transaction_code() {
            // What cannot be the code is said before anything is sent.
            match tx_code {
                None => return Err(TokenError::TransactionCodeMissing.into()),
                Some(typed) if !asked.fits(typed) => return Err(TokenError::TransactionCodeMisfit.into()),
                Some(_) => {}
            }
        }
        let keys = self.fresh_client_keys()?;
        let client = self.client(&resolved, &keys).await?;
        if resolved.has_pre_authorized_code() {
            report(ProgressStep::Token, 0, 0);
            let exchange = resolved.pre_authorized(client, &session.chosen, tx_code)?;
            return Ok((self.exchange(&session.party.id, exchange, stop).await?, keys));
        }
        if !resolved.has_authorization_code() {
            return Err(ReceiveError::NoGrant.into());
        }
        let mut pending = self.ports.pages.await_redirect().await?;
        let pushed: PushedAuthorization = {
            let anchors = self.anchors();
            let entropy = Arc::clone(&self.ports.entropy);
            let context = openid4vci::holder::Context {
                now: self.now(),
                entropy: entropy.as_ref(),
                issuers: &anchors.issuers,
            };
            resolved.authorization_code(client, &session.chosen, pending.redirect_uri(), &context)?
        };
        let awaiting = self.exchange(&session.party.id, pushed, stop).await?;
        report(ProgressStep::Browser, 0, 0);
        // Until then the page may be opened (RFC 9126 section 2.2). How long the citizen takes on it is the server's to say, and how long they are
        // waited for the listener's.
        if awaiting.expires_at() <= self.now() {
            return Err(PageError::TimedOut.into());
        }
        self.ports.pages.open(awaiting.page())?;
        let callback = {
            let recognises = |url: &url::Url| awaiting.recognises(url);
            tokio::select! {
                biased;
                () = stop.notified() => return Err(Fault::Stopped),
                callback = pending.wait(&recognises) => callback?,
            }
        };
        let exchange = awaiting.receive(&callback)?;
        report(ProgressStep::Token, 0, 0);
        Ok((self.exchange(&session.party.id, exchange, stop).await?, keys))
    }

    /// What became of a paper that was not received; an issuer that wants to know is told (CI-23).
    async fn credential_fault(&self, issuer: &str, end: End<CredentialFailure>) -> Fault {
        match end {
            End::Fault(fault) => fault,
            End::Step(failure) => {
                if let Some(ticket) = failure.notification {
                    self.tell(issuer, *ticket, NotificationEvent::CredentialFailure).await;
                }
                failure.error.into()
            }
        }
    }

    /// The end of a receiving that came to nothing: a line in the history, a screen with the reason.
    fn end_receiving(
        &self,
        fault: &Fault,
        party: Option<&HistoryParty>,
    ) -> Result<view::Refusal, WalletError> {
        let entry = self.ended_line(fault, HistoryKind::Received, party, Vec::new());
        // Locked meanwhile, or the disk is full: the reason on the screen matters more than its line.
        let _ = self.write_history(&entry);
        let name = party.map(|party| party.name.clone().into());
        Ok(match fault.refusal() {
            Some(error) => refusal_view(error, name, false),
            None => refusal_view(&Stopped, name, false),
        })
    }

    fn issuer_party(&self, resolved: &ResolvedOffer) -> HistoryParty {
        let issuer = resolved.issuer();
        let name = view_of_offer::issuer_name(&issuer.display)
            .unwrap_or_else(|| LocalizedText::new(issuer.issuer.host(), issuer.issuer.host()));
        HistoryParty {
            id: issuer.issuer.as_str().to_owned(),
            name,
            known: self.trust_in_issuer(resolved) == view::PartyTrust::Registered,
        }
    }
}
