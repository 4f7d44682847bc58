//! What every flow shares: sessions, stopping, and how an error becomes the screen that ends it.

use std::collections::BTreeMap;
use std::sync::Arc;

use openid4vci::holder::{Context, Exchange, Step};
use openid4vci::oauth::OAuthErrorCode;
use primitives::http::HttpError;
use primitives::{Blame, Left, Refusal};
use tokio::sync::Notify;
use url::Url;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::present::{ConsentSession, ShowingSession, UnsentSession};
use crate::receive::OfferSession;
use crate::view::{self, RefusalFacts, RefusalWhy, Text};

/// Flows under way at once; the oldest make way.
const MAX_SESSIONS: usize = 8;
/// Answers of one step that are waited for in vain: somebody who names many servers that keep silent only wants to keep us busy. Then nobody
/// else is asked, and what answered has to suffice.
const MAX_TIMEOUTS: usize = 2;

/// A flow that waits for the citizen.
pub(crate) enum Session {
    Offer(Box<OfferSession>),
    Consent(Box<ConsentSession>),
    Showing(Box<ShowingSession>),
    Unsent(Box<UnsentSession>),
}

/// The flows under way. Dropped whole when the wallet locks.
#[derive(Default)]
pub(crate) struct Sessions {
    waiting: BTreeMap<u64, Session>,
    stops: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

impl Sessions {
    /// None yet; the first has the number after this one.
    pub(crate) fn numbered_from(next: u64) -> Self {
        Self { next, ..Self::default() }
    }

    pub(crate) fn keep(&mut self, session: Session) -> String {
        self.next += 1;
        self.waiting.insert(self.next, session);
        while self.waiting.len() > MAX_SESSIONS {
            self.waiting.pop_first();
        }
        self.next.to_string()
    }

    pub(crate) fn put_back(&mut self, id: &str, session: Session) {
        if let Ok(id) = id.parse() {
            self.waiting.insert(id, session);
        }
    }

    pub(crate) fn take(&mut self, id: &str) -> Option<Session> {
        self.waiting.remove(&id.parse().ok()?)
    }

    pub(crate) fn consent(&self, id: &str) -> Option<&ConsentSession> {
        match self.waiting.get(&id.parse().ok()?)? {
            Session::Consent(session) => Some(session),
            Session::Offer(_) | Session::Showing(_) | Session::Unsent(_) => None,
        }
    }

    /// A flow that waits, to be changed where it is.
    pub(crate) fn waiting_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.waiting.get_mut(&id.parse().ok()?)
    }

    /// The signal that stops a flow while it works.
    pub(crate) fn stop_signal(&mut self, id: &str) -> Arc<Notify> {
        let signal = Arc::new(Notify::new());
        if let Ok(id) = id.parse() {
            self.stops.insert(id, Arc::clone(&signal));
        }
        signal
    }

    pub(crate) fn forget_stop(&mut self, id: &str) {
        if let Ok(id) = id.parse::<u64>() {
            self.stops.remove(&id);
        }
    }

    pub(crate) fn stop(&mut self, id: &str) {
        if let Ok(id) = id.parse::<u64>() {
            self.waiting.remove(&id);
            if let Some(signal) = self.stops.remove(&id) {
                signal.notify_one();
            }
        }
    }

    /// Stops everything that works, at a lock.
    pub(crate) fn stop_all(&mut self) {
        self.waiting.clear();
        for signal in std::mem::take(&mut self.stops).into_values() {
            signal.notify_one();
        }
    }
}

/// Why a flow ended before its aim.
pub(crate) enum Fault {
    /// It was refused or failed.
    Refused(Box<dyn Refusal + Send + Sync>),
    /// The wallet itself could not: locked, disk full.
    Wallet(WalletError),
    /// The citizen stopped it.
    Stopped,
}

impl<E: Refusal + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl Fault {
    /// Whether a server refused, and with this code.
    pub(crate) fn is_refusal(&self, code: OAuthErrorCode) -> bool {
        matches!(self, Self::Refused(error) if error.code() == code.stable_code())
    }

    pub(crate) fn refusal(&self) -> Option<&(dyn Refusal + Send + Sync)> {
        match self {
            Self::Refused(error) => Some(error.as_ref()),
            Self::Wallet(error) => Some(error),
            Self::Stopped => None,
        }
    }
}

/// The other side asks for one more round again and again.
#[derive(Debug, thiserror::Error)]
#[error("the other side keeps asking for one more round")]
pub(crate) struct TooManyRounds;

impl Refusal for TooManyRounds {
    fn code(&self) -> &'static str {
        "too_many_rounds"
    }
    fn rule(&self) -> &'static str {
        "CI-11"
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// Runs one step of issuance to its end: requests and answers until there is a next state.
    ///
    /// `issuer` is who named the addresses that are called.
    pub(crate) async fn exchange<E>(&self, issuer: &str, exchange: E, stop: &Notify) -> Result<E::Next, Fault>
    where
        E: Exchange,
        E::Error: Refusal + Send + Sync + 'static,
    {
        self.exchange_or(issuer, exchange, stop).await.map_err(End::into_fault)
    }

    /// The same for a step whose error holds more than the reason.
    pub(crate) async fn exchange_or<E: Exchange>(
        &self,
        issuer: &str,
        exchange: E,
        stop: &Notify,
    ) -> Result<E::Next, End<E::Error>> {
        self.exchange_named(None, issuer, exchange, stop).await
    }

    /// The same where the first address was named by another party than the issuer.
    pub(crate) async fn exchange_named<E: Exchange>(
        &self,
        named_by: Option<&Url>,
        issuer: &str,
        mut exchange: E,
        stop: &Notify,
    ) -> Result<E::Next, End<E::Error>> {
        let mut named_by = named_by.cloned();
        let mut timeouts = 0;
        for _ in 0..E::ANSWERS_MAX {
            let anchors = self.anchors();
            let entropy = Arc::clone(&self.ports.entropy);
            let now = self.now();
            let context = Context { now, entropy: entropy.as_ref(), issuers: &anchors.issuers };
            let mut request = exchange.request(&context).map_err(End::Step)?;
            // what the profile names says so itself: the issuer has not named it
            if request.party.is_none() {
                request.party = named_by.take().or_else(|| Url::parse(issuer).ok());
            }
            let answer = tokio::select! {
                biased;
                () = stop.notified() => return Err(End::Fault(Fault::Stopped)),
                answer = self.call(request) => answer,
            };
            let context = Context { now: self.now(), ..context };
            let step = match answer {
                Ok(response) => exchange.receive(&response, &context).map_err(End::Step)?,
                Err(HttpError::Cancelled) => return Err(End::Fault(HttpError::Cancelled.into())),
                Err(error) => {
                    timeouts += usize::from(error == HttpError::Timeout);
                    let on = match timeouts < MAX_TIMEOUTS {
                        true => exchange.unanswered(),
                        false => exchange.given_up().map(Step::Done),
                    };
                    on.ok_or_else(|| End::Fault(error.into()))?
                }
            };
            match step {
                Step::Again(again) => exchange = again,
                Step::Done(next) => return Ok(next),
            }
        }
        Err(End::Fault(TooManyRounds.into()))
    }
}

/// How a step ended before its next state.
pub(crate) enum End<E> {
    /// With its own error.
    Step(E),
    /// Outside it: the network, the citizen.
    Fault(Fault),
}

impl<E: Refusal + Send + Sync + 'static> End<E> {
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            Self::Step(error) => error.into(),
            Self::Fault(fault) => fault,
        }
    }
}

/// The screen that ends a flow. `sent` is whether anything of the citizen's had left by then.
pub(crate) fn refusal_view(error: &dyn Refusal, party: Option<Text>, sent: bool) -> view::Refusal {
    view::Refusal {
        why: why(error),
        code: error.code().to_owned(),
        rule: Some(error.rule().to_owned()).filter(|rule| !rule.is_empty()),
        blame: error.blame().into(),
        left: sent,
        party,
        papers: Vec::new(),
        facts: RefusalFacts::default(),
        session_id: None,
        can_tell: false,
        wait_until: None,
    }
}

/// Families of rules whose breach means that somebody is not who they say, or a paper not what it says.
const GENUINENESS: [&str; 7] = ["PK-", "SJ-", "SV-", "MD-", "ST-", "TL-", "VP-C"];

fn why(error: &dyn Refusal) -> RefusalWhy {
    match error.blame() {
        Blame::Network => RefusalWhy::Network,
        Blame::Computer => RefusalWhy::Computer,
        Blame::Issuer | Blame::Verifier
            if GENUINENESS.iter().any(|family| error.rule().starts_with(family)) =>
        {
            RefusalWhy::NotGenuine
        }
        _ => RefusalWhy::Invalid,
    }
}
