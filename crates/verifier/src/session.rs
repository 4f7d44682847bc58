//! The sessions of a desk: bounded in number and time, each with two ways to be answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use openid4vp::verifier::PreparedRequest;
use primitives::{Instant, LocalizedText};

use crate::verdict::{Summary, Verdict};

/// How a wallet was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// By the link, on the device with the browser: the answer leads back to that browser.
    SameDevice,
    /// By the QR code, from another device: the browser waits.
    CrossDevice,
    /// By a signed request on the verifier's screen; the answer was read from the holder's.
    ScreenRequest,
    /// By a short code; the answer was read from the holder's screen.
    ScreenCode,
    /// Not at all; what the holder's screen showed was read.
    ScreenOneWay,
}

impl Way {
    /// The stable word in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameDevice => "same_device",
            Self::CrossDevice => "cross_device",
            Self::ScreenRequest => "screen_request",
            Self::ScreenCode => "screen_code",
            Self::ScreenOneWay => "screen_one_way",
        }
    }
}

/// The name of a session in the pages' addresses: 43 characters, unguessable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub(crate) String);

impl SessionId {
    /// As it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The session that an address names; nothing says that it exists.
    pub fn named(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// One of the two requests of a session.
#[derive(Clone)]
pub(crate) struct WayRequest {
    pub(crate) way: Way,
    /// Its name in the protocol's addresses.
    pub(crate) id: String,
    pub(crate) prepared: Arc<PreparedRequest>,
    /// The titles of what it asks to have approved.
    pub(crate) approvals: Arc<[LocalizedText]>,
    pub(crate) link: String,
    pub(crate) fetched: bool,
}

/// Where a session stands.
pub(crate) enum State {
    /// Nobody answered yet.
    Open {
        requests: Vec<WayRequest>,
        /// How many responses were turned away.
        rejected: u32,
    },
    /// Answered; the verdict waits to be shown.
    Answered {
        verdict: Box<Verdict>,
        /// SHA-256 of the code that the answer's `redirect_uri` carries; `None` where the answer came by QR.
        response_code: Option<[u8; 32]>,
        forget_at: Instant,
    },
    /// Shown, or forgotten unseen: no claim is left.
    Over(Summary),
}

pub(crate) struct Session {
    /// SHA-256 of the browser's cookie.
    pub(crate) browser: [u8; 32],
    /// The last moment at which its request can be answered.
    pub(crate) request_ends_at: Instant,
    /// When it is forgotten.
    pub(crate) ends_at: Instant,
    pub(crate) state: State,
}

/// All sessions of a desk.
#[derive(Default)]
pub(crate) struct Sessions {
    sessions: BTreeMap<SessionId, Session>,
    ways: BTreeMap<String, SessionId>,
}

impl Sessions {
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn insert(&mut self, id: SessionId, session: Session) {
        if let State::Open { requests, .. } = &session.state {
            for request in requests {
                self.ways.insert(request.id.clone(), id.clone());
            }
        }
        self.sessions.insert(id, session);
    }

    pub(crate) fn get(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(id)
    }

    /// Forgets a session and its requests.
    pub(crate) fn remove(&mut self, id: &SessionId) {
        self.sessions.remove(id);
        self.ways.retain(|_, session| session != id);
    }

    /// Who leaves where all places are taken: of those whose verdict was shown the oldest, else of those whose request ended unanswered,
    /// else of those whose request no wallet asked for yet, if that `is_seen`.
    pub(crate) fn leaving(&self, now: Instant, is_seen: bool) -> Option<SessionId> {
        let rank = |session: &Session| match &session.state {
            State::Over(_) => Some(0),
            State::Open { .. } if session.request_ended(now) => Some(1),
            State::Open { requests, .. } => {
                (is_seen && !requests.iter().any(|request| request.fetched)).then_some(2)
            }
            State::Answered { .. } => None,
        };
        let leaving =
            self.sessions.iter().filter_map(|(id, session)| Some((rank(session)?, session.ends_at, id)));
        leaving.min().map(|(.., id)| id.clone())
    }

    /// The session of a request.
    pub(crate) fn of_way(&self, way: &str) -> Option<SessionId> {
        self.ways.get(way).cloned()
    }

    /// Drops sessions that are over and claims that nobody looked at.
    pub(crate) fn prune(&mut self, now: Instant) {
        self.sessions.retain(|_, session| session.ends_at > now);
        let sessions = &self.sessions;
        self.ways.retain(|_, id| sessions.contains_key(id));
        for session in self.sessions.values_mut() {
            if let State::Answered { verdict, forget_at, .. } = &session.state
                && *forget_at <= now
            {
                session.state = State::Over(verdict.summary());
            }
        }
    }
}

impl Session {
    /// Whether its request cannot be answered any more.
    pub(crate) fn request_ended(&self, now: Instant) -> bool {
        self.request_ends_at < now
    }

    /// The request of this name, while it can be answered.
    pub(crate) fn request(&mut self, way: &str) -> Option<&mut WayRequest> {
        match &mut self.state {
            State::Open { requests, .. } => requests.iter_mut().find(|request| request.id == way),
            State::Answered { .. } | State::Over(_) => None,
        }
    }

    /// Whether the cookie is that of the browser that began.
    pub(crate) fn is_browser(&self, token: &str) -> bool {
        crypto::constant_time_eq(&crypto::sha256(token.as_bytes()), &self.browser)
    }
}
