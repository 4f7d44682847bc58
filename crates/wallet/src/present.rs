//! Presenting: from a request to an answer that the citizen named item by item (OpenID4VP 1.0; the protocol's steps are
//! `openid4vp::holder`).
//!
//! 1. [`Wallet::present_start`] fetches and authenticates the request and shows who asks for what. A request that is not
//!    authentic or not well-formed is refused here, silently to the other side.
//! 2. [`Wallet::present_preview`] says what a choice would send and what is still to be answered.
//! 3. [`Wallet::present_send`] is the citizen's yes, [`Wallet::present_decline`] the no. Both exist only for requests that
//!    were authenticated: there is nothing else that could be sent.

mod choice;
mod consent;
mod copies;
mod dc_api;
mod number;
mod offline;
mod qr;
mod queue;
mod send;
mod showing;
mod statements;
mod transactions;
mod vouchers;

pub use offline::OfflineError;
pub use qr::frame as qr_frame;
pub use queue::QueueError;
pub(crate) use queue::UnsentSession;
pub(crate) use queue::settle_expired;
pub(crate) use send::settle_unfinished;
pub use showing::ShowError;
pub(crate) use showing::ShowingSession;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dcql::Solution;
use openid4vp::holder::{
    AuthenticatedRequest, Invocation, Next, Policy, RequestTrust, Resolution, Unauthenticated,
};
use primitives::{Blame, Left, LocalizedText, Refusal};
use vault::{HistoryKind, HistoryParty, NewHistoryEntry, Outcome as Ending};

use statements::{PURPOSE, Statements};

use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{Fault, Session, refusal_view};
use crate::held::Held;
use crate::input::Waiting;
use crate::papers::Read;
use crate::profile::{Loopback, Marking, UnauthenticatedVerifiers};
use crate::view::{self, PresentStarted, RefusalFacts, RefusalWhy, Text};

/// A request that waits for the citizen's choice.
pub(crate) struct ConsentSession {
    pub(crate) request: AuthenticatedRequest,
    pub(crate) solution: Solution,
    /// What was shown: a choice counts only over what stood on the screen.
    pub(crate) consent: view::Consent,
    pub(crate) party: HistoryParty,
    /// The papers that were shown, as they stood then, by identifier.
    pub(crate) held: BTreeMap<String, Arc<Held>>,
    /// Where the request was fetched, if it was.
    pub(crate) fetched_from: Option<url::Url>,
    /// The ready-made question that it is, if nobody signed it.
    pub(crate) question: Option<&'static civic::Question>,
    /// It was said, after what stood on the screen, that a copy is used again.
    pub(crate) reuse_told: bool,
}

/// How a request came.
#[derive(Default)]
struct Came {
    /// Where it was fetched, if it was.
    fetched_from: Option<url::Url>,
    /// Another device may have shown it.
    cross_device: bool,
    /// The ready-made question that it is, if nobody signed it.
    question: Option<&'static civic::Question>,
}

/// Why a request that is authentic and well-formed is refused all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// It was answered before ("How a wallet must behave", 11).
    #[error("this request was answered already")]
    AlreadyAnswered,
    /// It asks for the resident registration number without a law (개인정보 보호법 제24조의2).
    #[error("the request asks for the resident registration number without a legal basis")]
    ResidentNumber,
    /// Whatever would answer it holds, or seems to hold, a resident registration number, and no law is named for it: its issuer put it beside
    /// what is asked for, or some number only looks like one. That is no fault of who asks.
    #[error("an answer would tell what looks like a resident registration number without a legal basis")]
    ResidentNumberWithheld,
    /// Nothing that is held answers it.
    #[error("nothing in the wallet answers the request")]
    NothingFits,
    /// The choice is not complete, or not one of those shown.
    #[error("the choice is not complete")]
    Choice,
    /// No copy is left that could be presented.
    #[error("no copy of the paper is left")]
    NoCopy,
    /// The copy that nobody had met went to somebody else since it was shown: one would be used again, which nobody was told.
    #[error("the last unused copy was used meanwhile")]
    CopyUsed,
    /// Whoever vouched for the other side when it was shown does so no longer: a list names it no more, or a certificate or the registration
    /// has ended (TL-11, PK-3, PK-22).
    #[error("nobody vouches for the other side any more")]
    NoLongerVouched,
}

impl Refusal for PresentError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyAnswered => "request_already_answered",
            Self::ResidentNumber => "request_resident_number",
            Self::ResidentNumberWithheld => "resident_number_withheld",
            Self::NothingFits => "nothing_fits",
            Self::Choice => "choice_incomplete",
            Self::NoCopy => "no_copy_left",
            Self::CopyUsed => "copy_used_meanwhile",
            Self::NoLongerVouched => "verifier_no_longer_vouched",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::NothingFits => "VP-D6",
            Self::Choice => "VP-D3",
            Self::NoLongerVouched => "TL-11",
            Self::AlreadyAnswered
            | Self::ResidentNumber
            | Self::ResidentNumberWithheld
            | Self::NoCopy
            | Self::CopyUsed => "",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::AlreadyAnswered | Self::ResidentNumber | Self::NoLongerVouched => Blame::Verifier,
            Self::ResidentNumberWithheld
            | Self::NothingFits
            | Self::Choice
            | Self::NoCopy
            | Self::CopyUsed => Blame::You,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    pub(crate) fn request_policy(&self) -> Policy {
        Policy {
            unauthenticated: match self.profile.unauthenticated_verifiers {
                UnauthenticatedVerifiers::Refuse => Unauthenticated::Refuse,
                UnauthenticatedVerifiers::Warn => Unauthenticated::Warn,
            },
            loopback_http: matches!(self.profile.loopback, Loopback::Allowed { plain_http: true, .. }),
            untyped_unsigned: self.profile.marking == Marking::Developer,
            transactions: transactions::TYPES,
        }
    }

    /// Fetches and authenticates a request and works out what could answer it. Nothing of the citizen's leaves.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and an input that is gone; whatever is wrong with the request is a
    /// [`PresentStarted::Refusal`].
    pub async fn present_start(&self, input_id: &str) -> Result<PresentStarted, WalletError> {
        let epoch = self.epoch()?;
        let authenticated = match self.take_input(input_id)? {
            Waiting::Request { link, cross_device } => {
                let _ = self.update_trust_list().await;
                if self.was_locked_since(epoch) {
                    return Err(WalletError::Locked);
                }
                let authenticated = self.authenticate(&link).await;
                authenticated.map(|(request, fetched_from)| {
                    (request, Came { fetched_from, cross_device, question: None })
                })
            }
            // There may be no network, and none is waited for.
            Waiting::Shown { message } => {
                let request = self.authenticate_shown(&message).await;
                request.map(|request| (request, Came { cross_device: true, ..Came::default() }))
            }
            Waiting::Offer(_) | Waiting::Issuer(_) => return Err(WalletError::Unknown("input")),
        };
        match authenticated {
            Ok((request, came)) => self.offer_choice(request, came, epoch),
            Err(_) if self.was_locked_since(epoch) => Err(WalletError::Locked),
            Err(fault) => Ok(PresentStarted::Refusal(Box::new(self.refuse(&fault, None, None)))),
        }
    }

    /// Shows what an authenticated request asks and what would answer it, or why it is not answered.
    fn offer_choice(
        &self,
        request: AuthenticatedRequest,
        came: Came,
        epoch: u64,
    ) -> Result<PresentStarted, WalletError> {
        let party = party_of(&request);
        if let Err(too_old) = self.refuse_by_old_list(&request) {
            let refusal = self.refuse(&too_old.into(), Some(&party), Some(&request));
            return Ok(PresentStarted::Refusal(Box::new(refusal)));
        }
        if let Err(error) = self.may_be_answered(&request) {
            let fault = match error {
                Ok(refused) => Fault::from(refused),
                Err(wallet) => return Err(wallet),
            };
            return Ok(PresentStarted::Refusal(Box::new(self.refuse(&fault, Some(&party), Some(&request)))));
        }
        let objection = request.objection();
        let papers: Vec<Read> = match objection {
            // Whatever is held makes no difference, and is not looked at.
            Some(_) => Vec::new(),
            None => self.read_papers()?.into_iter().filter(Read::is_in_force).collect(),
        };
        let mut solution = choice::solve(&request, &papers);
        if came.question.is_some() {
            offline::keep_harmless(&mut solution, &papers);
        }
        let could_fit = solution.fits();
        let withheld = number::withhold(&request, &mut solution, &papers);
        let fits = solution.fits();
        if could_fit && !fits {
            let fault = Fault::from(PresentError::ResidentNumberWithheld);
            let mut refusal = self.refuse(&fault, Some(&party), Some(&request));
            refusal.why = RefusalWhy::Withheld;
            return Ok(PresentStarted::Refusal(Box::new(refusal)));
        }
        let id = {
            let mut consent = self.consent(&request, &solution, &papers, came.cross_device);
            if let Some(question) = came.question {
                offline::word_consent(&mut consent, question);
            }
            if !withheld.is_empty() {
                consent.warnings.insert(0, view::Warning::ResidentNumber { captions: withheld });
            }
            let session = ConsentSession {
                request: request.clone(),
                consent,
                party: party.clone(),
                held: shown(&solution, &papers),
                solution,
                fetched_from: came.fetched_from,
                question: came.question,
                reuse_told: false,
            };
            self.keep_session(epoch, Session::Consent(Box::new(session)))?
        };
        if let Some(objection) = objection {
            let mut refusal = self.refuse(&Fault::from(objection), Some(&party), Some(&request));
            refusal.session_id = Some(id);
            refusal.can_tell = true;
            return Ok(PresentStarted::Refusal(Box::new(refusal)));
        }
        if !fits {
            return Ok(PresentStarted::Refusal(Box::new(self.nothing_fits(&id, &request, &papers, &party))));
        }
        let mut state = self.state();
        let Some(Session::Consent(mut session)) = state.sessions.take(&id) else {
            return Err(WalletError::Unknown("session"));
        };
        session.consent.session_id.clone_from(&id);
        let consent = session.consent.clone();
        state.sessions.put_back(&id, Session::Consent(session));
        Ok(PresentStarted::Consent(Box::new(consent)))
    }

    async fn authenticate(&self, link: &str) -> Result<(AuthenticatedRequest, Option<url::Url>), Fault> {
        let policy = self.request_policy();
        let invocation = Invocation::parse(link, &policy)?;
        let (request, fetched_from) = match invocation.next(self.ports.entropy.as_ref())? {
            Next::Request(request) => (*request, None),
            Next::Fetch(fetch) => {
                let call = fetch.request();
                let place = call.url.clone();
                let response = self.call(call).await?;
                (fetch.receive(&response)?, Some(place))
            }
        };
        let anchors = self.anchors();
        let trust = RequestTrust::new(&anchors.verifiers, &anchors.registrars)
            .with_known(&self.profile.known_verifiers);
        let request = match request.resolve(&trust, &policy)? {
            Resolution::Request(request) => *request,
            Resolution::Fetch(fetch) => {
                let call = fetch.request();
                let call = match &fetched_from {
                    Some(party) => call.named_by(party),
                    None => call,
                };
                fetch.receive(&self.call(call).await?)?
            }
        };
        Ok((request.authenticate(&trust, self.now(), &policy)?, fetched_from))
    }

    /// Refuses what was answered before and what no law allows to be asked. The inner `Err` is the wallet's own.
    fn may_be_answered(
        &self,
        request: &AuthenticatedRequest,
    ) -> Result<(), Result<PresentError, WalletError>> {
        let key = request.replay_key();
        if self.read(|transaction| transaction.was_answered(&key)).map_err(Err)? {
            return Err(Ok(PresentError::AlreadyAnswered));
        }
        if number::is_asked_without_basis(request) {
            return Err(Ok(PresentError::ResidentNumber));
        }
        Ok(())
    }

    /// A refusal: silent to the other side, plain to the citizen, a line in the history.
    fn refuse(
        &self,
        fault: &Fault,
        party: Option<&HistoryParty>,
        request: Option<&AuthenticatedRequest>,
    ) -> view::Refusal {
        let Some(error) = fault.refusal() else {
            return refusal_view(&PresentError::Choice, None, false);
        };
        let failed = matches!(error.blame(), Blame::Network | Blame::Computer);
        let entry = NewHistoryEntry {
            at: self.now(),
            kind: HistoryKind::Presented,
            party: party.cloned(),
            items: Vec::new(),
            papers: Vec::new(),
            purpose: request.and_then(purpose_of),
            retention: None,
            rule: Some(error.rule().to_owned()).filter(|rule| !rule.is_empty()),
            code: Some(error.code().to_owned()),
            outcome: if failed { Ending::Failed } else { Ending::Refused },
        };
        // Locked meanwhile, or the disk is full: the reason on the screen matters more than its line.
        let _ = self.write_history(&entry);
        let mut refusal = refusal_view(error, party.map(|party| party.name.clone().into()), false);
        if let Some(request) = request {
            refusal.facts = facts_of(request);
        }
        refusal
    }

    /// "You do not have it" and "the condition is not met" look different to the citizen and the same to the other side.
    fn nothing_fits(
        &self,
        session_id: &str,
        request: &AuthenticatedRequest,
        papers: &[Read],
        party: &HistoryParty,
    ) -> view::Refusal {
        let mut refusal = refusal_view(&PresentError::NothingFits, Some(party.name.clone().into()), false);
        refusal.why = if choice::has_asked_types(request, papers) {
            RefusalWhy::ConditionNotMet
        } else {
            RefusalWhy::Missing
        };
        refusal.facts = facts_of(request);
        refusal.papers = request.query().credentials().iter().map(choice::type_name).collect();
        refusal.session_id = Some(session_id.to_owned());
        // To a screen nothing goes back.
        refusal.can_tell = request.screen().is_none();
        refusal
    }
}

/// The papers that a solution offers.
fn shown(solution: &Solution, papers: &[Read]) -> BTreeMap<String, Arc<Held>> {
    let ids: BTreeSet<&str> = solution
        .queries
        .iter()
        .flat_map(|query| &query.candidates)
        .map(|candidate| choice::paper_of(&candidate.holding))
        .collect();
    papers
        .iter()
        .map(|read| (read.held.paper.id.to_string(), &read.held))
        .filter(|(id, _)| ids.contains(id.as_str()))
        .map(|(id, held)| (id, Arc::clone(held)))
        .collect()
}

fn party_of(request: &AuthenticatedRequest) -> HistoryParty {
    let client = request.client();
    let registered = statements::registered_name(request);
    let certified = client.certified_name().or_else(|| client.attested_name());
    let certified = certified.map(|name| LocalizedText::new(name, name));
    let known = client.known_name().cloned();
    let unnamed = || match (request.destination(), client.is_authenticated()) {
        ("", false) => offline::unknown_recipient(),
        ("", true) => LocalizedText::new(client.id().as_str(), client.id().as_str()),
        (host, _) => LocalizedText::new(host, host),
    };
    HistoryParty {
        id: client.id().as_str().to_owned(),
        known: registered.is_some(),
        name: registered.or(certified).or(known).unwrap_or_else(unnamed),
    }
}

/// The purposes of all that is asked, for where nothing was chosen of it.
fn purpose_of(request: &AuthenticatedRequest) -> Option<LocalizedText> {
    Statements::of(request, |_| true).words(PURPOSE)
}

fn facts_of(request: &AuthenticatedRequest) -> RefusalFacts {
    RefusalFacts {
        purpose: purpose_of(request).map(Text::from),
        asked: choice::asked_captions(request),
        available: None,
    }
}
