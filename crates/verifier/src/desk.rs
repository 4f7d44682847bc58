//! The desk: begins sessions, hands out requests, takes answers, shows each verdict once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openid4vp::verifier::{self, ClientIdentity, RequestBuilder, RequestSigner, ResponseError};
use primitives::http::Response;
use primitives::{Clock, Entropy, Instant, Refusal as _};
use url::Url;

use crate::error::{CreateError, RedeemError, RequestUnavailable, ResponseRejected};
use crate::session::{Session, SessionId, Sessions, State, Way, WayRequest};
use crate::settings::{Approval, Approvals, Identity, Settings};
use crate::status::StatusChecker;
use crate::verdict::{Binding, Outcome, Reason, Summary, Verdict};

/// How many responses to one session are turned away before it ends without a confirmation, a count.
pub const MAX_REJECTED: u32 = 5;
/// How long a session is remembered after its request ended, in seconds, so that the page can say so.
const REMEMBERED_SECONDS: i64 = 60;

/// Told of each verdict when it is reached, before anybody saw it: for a machine of the verifier's own.
pub type Observer = Arc<dyn Fn(&SessionId, &Verdict) + Send + Sync>;

/// A session that began.
#[derive(Clone)]
pub struct Created {
    /// Its name.
    pub id: SessionId,
    /// The link for a wallet on this device.
    pub link: String,
    /// The link to show as a QR code, for a wallet on another device.
    pub cross_device_link: String,
    /// What the browser that began proves itself with: the value of its cookie. Never put it into a page or an address.
    pub browser: String,
}

/// Where a session stands, for the page that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No wallet asked for the request yet.
    Waiting,
    /// A wallet has the request.
    Fetched,
    /// There is a verdict to show here.
    Answered,
    /// There is a verdict, to be shown on the page that the wallet opens.
    AnsweredElsewhere,
    /// The time is over and nobody answered.
    Expired,
    /// The verdict was shown or forgotten.
    Over,
}

/// [`Stage`] and how long the request can still be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Where the session stands.
    pub stage: Stage,
    /// Seconds until the session ends.
    pub seconds_left: i64,
}

/// A desk that asks one question. Shared between the routers by `Arc`.
pub struct Desk {
    settings: Settings,
    status: StatusChecker,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    observer: Option<Observer>,
    approvals: Option<Approvals>,
    sessions: Mutex<Sessions>,
}

impl Desk {
    /// A desk with these settings.
    pub fn new(
        settings: Settings,
        status: StatusChecker,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let sessions = Mutex::default();
        Self { settings, status, clock, entropy, observer: None, approvals: None, sessions }
    }

    /// The desk with somebody who is told of each verdict.
    #[must_use]
    pub fn with_observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The desk with somebody who says, for each session anew, what is to be approved together with the answer (VP-T1).
    #[must_use]
    pub fn with_approvals(mut self, approvals: Approvals) -> Self {
        self.approvals = Some(approvals);
        self
    }

    /// What the desk was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins a session.
    ///
    /// # Errors
    /// A [`CreateError`].
    pub fn create(&self) -> Result<Created, CreateError> {
        let now = self.clock.now();
        // Refused before any key is made.
        drop(self.with_room(now)?);
        let entropy = self.entropy.as_ref();
        let id = SessionId(crypto::random::token(entropy)?);
        let browser = crypto::random::token(entropy)?;
        let approvals = match &self.approvals {
            Some(approvals) => approvals().ok_or(CreateError::Approvals)?,
            None => Vec::new(),
        };
        let same = self.request(Way::SameDevice, &approvals, now)?;
        let cross = self.request(Way::CrossDevice, &approvals, now)?;
        let (link, cross_device_link) = (same.link.clone(), cross.link.clone());
        let limits = &self.settings.limits;
        let session = Session {
            browser: crypto::sha256(browser.as_bytes()),
            request_ends_at: now + limits.lifetime_seconds,
            ends_at: now + limits.lifetime_seconds + limits.result_seconds + REMEMBERED_SECONDS,
            state: State::Open { requests: vec![same, cross], rejected: 0 },
        };
        let (mut sessions, leaving) = self.with_room(now)?;
        if let Some(leaving) = leaving {
            sessions.remove(&leaving);
        }
        sessions.insert(id.clone(), session);
        Ok(Created { id, link, cross_device_link, browser })
    }

    /// The request object for a fetch of `request_uri`; `body` is that of a POST.
    ///
    /// # Errors
    /// A [`RequestUnavailable`].
    pub fn request_object(&self, request: &str, body: Option<&[u8]>) -> Result<String, RequestUnavailable> {
        let prepared = self.open_request(request, true).ok_or(RequestUnavailable::Unknown)?.prepared;
        let (chain, signer) = match &self.settings.identity {
            Identity::X509Hash { chain, signer } | Identity::X509SanDns { chain, signer, .. } => {
                (chain, signer)
            }
            Identity::Unsigned => return Err(RequestUnavailable::Unknown),
        };
        let signer = RequestSigner { chain, signer: signer.as_ref() };
        Ok(match body {
            None => prepared.request_object(&signer)?,
            Some(body) => prepared.handle_request_uri_post(body, &signer)?,
        })
    }

    /// Takes the body of a post to `response_uri` and gives the reply: 200, with the page to continue at where the wallet is on the
    /// same device, whatever the verdict is.
    ///
    /// # Errors
    /// A [`ResponseRejected`] where the response is none to this request; the session then waits for the right one.
    pub async fn receive(self: &Arc<Self>, request: &str, body: &[u8]) -> Result<Response, ResponseRejected> {
        let asked = self.open_request(request, false).ok_or(ResponseRejected::Unknown)?;
        let (way, prepared) = (asked.way, asked.prepared);
        let now = self.clock.now();
        let outcome = match prepared.session().validate(body, &self.settings.issuers, now) {
            Ok(outcome) => outcome,
            Err(error) if is_of_nobody(&error) => return Err(self.reject(request, error, way, now)),
            Err(error) => {
                return self
                    .conclude(request, Verdict::bare(Outcome::NotConfirmed, reason(&error), way, now));
            }
        };
        let verdict = match outcome {
            verifier::Outcome::Refused { .. } => {
                let reason = Reason { code: "access_denied", rule: "VP-S6" };
                Verdict::bare(Outcome::Declined, reason, way, now)
            }
            verifier::Outcome::Verified(answer) => {
                let mut statuses = Vec::with_capacity(answer.presentations.len());
                for presentation in &answer.presentations {
                    let status = presentation.status.as_ref();
                    statuses.push(self.status.check(&presentation.issuer, status, now).await);
                }
                Verdict::of_answer(&self.settings.asked(), &asked.approvals, &answer, &statuses, way, now)
            }
        };
        self.conclude(request, verdict)
    }

    /// Shows the verdict: once, to the browser that began, and with the code of the answer's `redirect_uri` where there is one.
    ///
    /// # Errors
    /// A [`RedeemError`].
    pub fn redeem(
        &self,
        id: &SessionId,
        browser: Option<&str>,
        code: Option<&str>,
    ) -> Result<Verdict, RedeemError> {
        let now = self.clock.now();
        let mut sessions = self.sessions();
        sessions.prune(now);
        let session = sessions.get_mut(id).ok_or(RedeemError::Unknown)?;
        let is_browser = browser.is_some_and(|browser| session.is_browser(browser));
        let State::Answered { verdict, response_code, .. } = &session.state else {
            return Err(match (&session.state, is_browser) {
                (_, false) => RedeemError::OtherBrowser,
                (State::Open { .. }, true) => RedeemError::NotAnswered,
                _ => RedeemError::AlreadyShown,
            });
        };
        let is_code = response_code.as_ref().map(|expected| {
            code.is_some_and(|code| crypto::constant_time_eq(&crypto::sha256(code.as_bytes()), expected))
        });
        let binding = match (is_browser, is_code) {
            (true, Some(true)) => Binding::SameBrowser,
            (true, None) => Binding::NotBound,
            (true, Some(false)) if code.is_some() => return Err(RedeemError::Code),
            (true, Some(false)) => return Err(RedeemError::CodeNeeded),
            (false, Some(true)) => {
                // Somebody was led to answer a request that another browser began: nobody may see the answer.
                session.state = State::Over(Summary {
                    outcome: Outcome::NotConfirmed,
                    reasons: vec![Reason { code: "desk_other_browser", rule: "VP-S2" }],
                    way: verdict.way,
                });
                return Err(RedeemError::OtherBrowser);
            }
            (false, _) => return Err(RedeemError::OtherBrowser),
        };
        let shown = Verdict { binding, ..verdict.as_ref().clone() };
        session.state = State::Over(shown.summary());
        Ok(shown)
    }

    /// Where a session stands, for the browser that began it.
    ///
    /// # Errors
    /// [`RedeemError::Unknown`], [`RedeemError::OtherBrowser`].
    pub fn progress(&self, id: &SessionId, browser: Option<&str>) -> Result<Progress, RedeemError> {
        let now = self.clock.now();
        let mut sessions = self.sessions();
        sessions.prune(now);
        let session = sessions.get(id).ok_or(RedeemError::Unknown)?;
        if !browser.is_some_and(|browser| session.is_browser(browser)) {
            return Err(RedeemError::OtherBrowser);
        }
        let stage = match &session.state {
            State::Open { .. } if session.request_ended(now) => Stage::Expired,
            State::Open { requests, .. } if requests.iter().any(|request| request.fetched) => Stage::Fetched,
            State::Open { .. } => Stage::Waiting,
            State::Answered { response_code: Some(_), .. } => Stage::AnsweredElsewhere,
            State::Answered { response_code: None, .. } => Stage::Answered,
            State::Over(_) => Stage::Over,
        };
        Ok(Progress { stage, seconds_left: session.request_ends_at.seconds_since(now).max(0) })
    }

    /// The links of an open session, same device first, for the browser that began it.
    pub fn links(&self, id: &SessionId, browser: Option<&str>) -> Option<(String, String)> {
        let sessions = self.sessions();
        let session =
            sessions.get(id).filter(|one| browser.is_some_and(|browser| one.is_browser(browser)))?;
        let State::Open { requests, .. } = &session.state else { return None };
        let link =
            |way| requests.iter().find(|request| request.way == way).map(|request| request.link.clone());
        Some((link(Way::SameDevice)?, link(Way::CrossDevice)?))
    }

    /// What became of a session, without a claim; for whoever runs the desk.
    pub fn summary(&self, id: &SessionId) -> Option<Summary> {
        match &self.sessions().get(id)?.state {
            State::Open { .. } => None,
            State::Answered { verdict, .. } => Some(verdict.summary()),
            State::Over(summary) => Some(summary.clone()),
        }
    }

    /// How many sessions are remembered, a count.
    pub fn session_count(&self) -> usize {
        self.sessions().len()
    }

    /// Drops what is over and forgets claims whose time has come. Each operation does so too; an answer also schedules it.
    pub fn prune(&self) {
        let now = self.clock.now();
        self.sessions().prune(now);
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sessions, with room for one more, and who leaves for it where all places are taken: what is over goes before anybody who waits,
    /// then who waits longest for a wallet to come. A wallet that got its request in the link itself is not seen to come, and nobody who
    /// waits leaves.
    fn with_room(&self, now: Instant) -> Result<(MutexGuard<'_, Sessions>, Option<SessionId>), CreateError> {
        let mut sessions = self.sessions();
        sessions.prune(now);
        if sessions.len() < self.settings.limits.sessions {
            return Ok((sessions, None));
        }
        let is_seen = !matches!(self.settings.identity, Identity::Unsigned);
        let leaving = sessions.leaving(now, is_seen).ok_or(CreateError::Full)?;
        Ok((sessions, Some(leaving)))
    }

    fn request(&self, way: Way, approvals: &[Approval], now: Instant) -> Result<WayRequest, CreateError> {
        let settings = &self.settings;
        let id = crypto::random::token(self.entropy.as_ref())?;
        let response_uri = address(&settings.addresses.protocol, &format!("response/{id}"))?;
        let identity = match &settings.identity {
            Identity::X509Hash { chain, .. } => ClientIdentity::X509Hash(chain.clone()),
            Identity::X509SanDns { name, chain, .. } => {
                ClientIdentity::X509SanDns { name: name.clone(), chain: chain.clone() }
            }
            Identity::Unsigned => ClientIdentity::RedirectUri,
        };
        let mut builder = RequestBuilder::new(identity, settings.question.clone(), response_uri)
            .lifetime_seconds(settings.limits.lifetime_seconds);
        if let Some(registration) = &settings.registration {
            builder = builder.registration(registration.clone());
        }
        for approval in approvals {
            builder = builder.transaction(approval.kind, approval.queries.iter(), approval.details.clone());
        }
        if !settings.encrypted {
            builder = builder.unencrypted();
        }
        if settings.loopback_http {
            builder = builder.allow_loopback_http();
        }
        let prepared = builder.build(now, self.entropy.as_ref())?;
        let link = match &settings.identity {
            Identity::Unsigned => prepared.link_by_value(&settings.scheme)?,
            _ => {
                let request_uri = address(&settings.addresses.protocol, &format!("request/{id}"))?;
                prepared.link_by_reference(
                    &settings.scheme,
                    request_uri.as_str(),
                    settings.request_by_post,
                )?
            }
        };
        let approvals = approvals.iter().map(|approval| approval.title.clone()).collect();
        Ok(WayRequest { way, id, prepared: Arc::new(prepared), approvals, link, fetched: false })
    }

    fn open_request(&self, request: &str, fetching: bool) -> Option<WayRequest> {
        let now = self.clock.now();
        let mut sessions = self.sessions();
        sessions.prune(now);
        let id = sessions.of_way(request)?;
        let open = sessions.get_mut(&id)?.request(request)?;
        if fetching && now > open.prepared.session().expires_at() {
            return None;
        }
        open.fetched |= fetching;
        Some(open.clone())
    }

    /// Counts a response that is none to this request; too many end the session.
    fn reject(&self, request: &str, error: ResponseError, way: Way, now: Instant) -> ResponseRejected {
        let mut sessions = self.sessions();
        let session = sessions.of_way(request).and_then(|id| sessions.get_mut(&id));
        if let Some(session) = session
            && let State::Open { rejected, .. } = &mut session.state
        {
            *rejected += 1;
            if *rejected >= MAX_REJECTED {
                let verdict = Verdict::bare(Outcome::NotConfirmed, reason(&error), way, now);
                let forget_at = now + self.settings.limits.result_seconds;
                session.state =
                    State::Answered { verdict: Box::new(verdict), response_code: None, forget_at };
            }
        }
        error.into()
    }

    /// Ends the open session of the request with this verdict; the second of two answers at once finds none.
    fn conclude(self: &Arc<Self>, request: &str, verdict: Verdict) -> Result<Response, ResponseRejected> {
        let limits = &self.settings.limits;
        let code = match verdict.way {
            Way::SameDevice => Some(crypto::random::token(self.entropy.as_ref())?),
            _ => None,
        };
        let id = {
            let mut sessions = self.sessions();
            let id = sessions.of_way(request).ok_or(ResponseRejected::Unknown)?;
            let session = sessions.get_mut(&id).ok_or(ResponseRejected::Unknown)?;
            session.request(request).ok_or(ResponseRejected::Unknown)?;
            session.state = State::Answered {
                verdict: Box::new(verdict.clone()),
                response_code: code.as_ref().map(|code| crypto::sha256(code.as_bytes())),
                forget_at: self.clock.now() + limits.result_seconds,
            };
            id
        };
        if let Some(observer) = &self.observer {
            observer(&id, &verdict);
        }
        self.forget_later();
        let page = code.and_then(|code| {
            let mut page = self.settings.addresses.pages.join(&format!("done/{}", id.as_str())).ok()?;
            page.query_pairs_mut().append_pair("response_code", &code);
            Some(page)
        });
        Ok(verifier::Session::reply(page.as_ref()))
    }

    /// Forgets the claims in time even if nobody comes by.
    fn forget_later(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        let seconds = u64::try_from(self.settings.limits.result_seconds).unwrap_or(0) + 1;
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            if let Some(desk) = desk.upgrade() {
                desk.prune();
            }
        });
    }
}

/// Whether a response may be anybody's: only who was asked knows `state` and the key, so that nobody else can end a session.
fn is_of_nobody(error: &ResponseError) -> bool {
    matches!(
        error,
        ResponseError::Expired
            | ResponseError::Malformed
            | ResponseError::NotEncrypted
            | ResponseError::Decryption
            | ResponseError::State
    )
}

fn reason(error: &ResponseError) -> Reason {
    Reason { code: error.code(), rule: error.rule() }
}

fn address(base: &Url, path: &str) -> Result<Url, CreateError> {
    if !base.path().ends_with('/') {
        return Err(CreateError::Address);
    }
    base.join(path).map_err(|_| CreateError::Address)
}
