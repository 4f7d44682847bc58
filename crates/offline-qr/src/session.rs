//! What a verifier waits for, and what a message proves that was read off a screen (OQ-1 to OQ-3, OQ-17, OQ-18, OQ-35). It opens once.

use std::sync::atomic::{AtomicBool, Ordering};

use dcql::Query;
use openid4vp::screen::{OfflineBinding, ScreenMode};
use openid4vp::verifier::{self, BuildError, ResponseError, VerifiedAnswer};
use primitives::{Blame, Instant, Left, Refusal, base64url};
use trust::{AnchorStore, Issuer};

use crate::code::ShortCode;
use crate::holder::code_binding;
use crate::message::{Answer, AnswerMessage, MessageError, check_members};
use crate::mode::{Mode, QUESTION_NUMBERS, audience};

/// Why nothing is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The request does not ask for an answer on the screen.
    #[error("the request does not ask for an answer on the screen")]
    Channel,
    /// A question's number outside [`QUESTION_NUMBERS`].
    #[error("there is no such question")]
    Question,
    /// The question cannot be asked so.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl Refusal for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Channel => "offline_request_channel",
            Self::Question => "offline_question_unknown",
            Self::Build(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Channel => "OQ-1",
            Self::Question => "OQ-6",
            Self::Build(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Channel | Self::Question => Blame::Application,
            Self::Build(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a message proves nothing. None of it is then to be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// It is no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It answers in another way than was asked.
    #[error("the answer is of another mode")]
    Mode,
    /// It answers another question, or is sealed for another request or damaged.
    #[error("the answer is to something else")]
    Another,
    /// An answer was taken already.
    #[error("the question was answered already")]
    Answered,
    /// What it holds does not prove what was asked.
    #[error(transparent)]
    Response(ResponseError),
}

impl From<ResponseError> for AnswerRefused {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Decryption => Self::Another,
            other => Self::Response(other),
        }
    }
}

impl Refusal for AnswerRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Message(error) => error.code(),
            Self::Mode => "offline_mode_mismatch",
            Self::Another => "offline_answer_to_another",
            Self::Answered => "offline_replayed",
            Self::Response(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Message(error) => error.rule(),
            Self::Mode | Self::Another => "OQ-18",
            Self::Answered => "OQ-35",
            Self::Response(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Message(_) | Self::Mode | Self::Another | Self::Answered => Blame::You,
            Self::Response(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// What a verifier keeps between a question and the one answer to it. It has no `Debug`: it may hold the decryption key.
pub struct Session {
    awaited: Awaited,
    answered: AtomicBool,
}

enum Awaited {
    Request(Box<verifier::Session>),
    Code { question: u8, session: Box<verifier::Session> },
    // The message brings the nonce, so the session is made when it is there.
    OneWay { question: u8, query: Query, begun_at: Instant, lifetime_seconds: i64 },
}

impl Session {
    /// Waits for the answer to a signed request that was built for a screen.
    ///
    /// # Errors
    /// [`SessionError::Channel`] for a request that asks another way.
    pub fn asked(session: verifier::Session) -> Result<Self, SessionError> {
        match session.screen() {
            Some(ScreenMode::Request) => Ok(Self::of(Awaited::Request(Box::new(session)))),
            _ => Err(SessionError::Channel),
        }
    }

    /// Waits for the answer to the question that a short code asks, from `now` for `lifetime_seconds`. `query` is that question.
    ///
    /// # Errors
    /// [`SessionError::Build`] where the query does without the holder's proof.
    pub fn code(
        code: &ShortCode,
        query: Query,
        now: Instant,
        lifetime_seconds: i64,
    ) -> Result<Self, SessionError> {
        let question = code.question();
        let binding = code_binding(code).map_err(|_| SessionError::Question)?;
        let session = verifier::Session::for_offline_question(query, binding, now, lifetime_seconds)?;
        Ok(Self::of(Awaited::Code { question, session: Box::new(session) }))
    }

    /// Waits, from `now` for `lifetime_seconds`, for somebody who shows the answer to this question without being asked.
    ///
    /// A proof is not bound to this desk: within its 60 seconds another desk takes it as well, which is a stated limit.
    ///
    /// # Errors
    /// [`SessionError::Question`]; [`SessionError::Build`] where the query does without the holder's proof.
    pub fn one_way(
        question: u8,
        query: Query,
        now: Instant,
        lifetime_seconds: i64,
    ) -> Result<Self, SessionError> {
        if !QUESTION_NUMBERS.contains(&question) {
            return Err(SessionError::Question);
        }
        if query.asks_without_holder_binding() {
            return Err(BuildError::HolderBinding.into());
        }
        Ok(Self::of(Awaited::OneWay { question, query, begun_at: now, lifetime_seconds }))
    }

    fn of(awaited: Awaited) -> Self {
        Self { awaited, answered: AtomicBool::new(false) }
    }

    /// How it was asked.
    pub fn mode(&self) -> Mode {
        match &self.awaited {
            Awaited::Request(_) => Mode::Request,
            Awaited::Code { .. } => Mode::Code,
            Awaited::OneWay { .. } => Mode::OneWay,
        }
    }

    /// What was asked.
    pub fn query(&self) -> &Query {
        match &self.awaited {
            Awaited::Request(session) | Awaited::Code { session, .. } => session.query(),
            Awaited::OneWay { query, .. } => query,
        }
    }

    /// The last moment at which an answer is taken.
    pub fn expires_at(&self) -> Instant {
        match &self.awaited {
            Awaited::Request(session) | Awaited::Code { session, .. } => session.expires_at(),
            Awaited::OneWay { begun_at, lifetime_seconds, .. } => *begun_at + *lifetime_seconds,
        }
    }

    /// Opens a message and verifies everything in it. The first that verifies is the answer, and no other is taken (OQ-35); one that does
    /// not verify ends nothing. Status is the caller's to ask for ([`VerifiedAnswer::status_references`]).
    ///
    /// # Errors
    /// An [`AnswerRefused`].
    pub fn open(
        &self,
        message: &[u8],
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedAnswer, AnswerRefused> {
        let verified = match (&self.awaited, AnswerMessage::decode(message)?) {
            (Awaited::Request(session), AnswerMessage::Sealed(jwe)) => {
                let plaintext = session.decrypt_screen(&jwe)?;
                let answer = Answer::from_bytes(plaintext.expose())?;
                check_members(Mode::Request, &answer)?;
                session.validate_screen(&answer.vp_token, answer.issued_at, issuers, now)?
            }
            (Awaited::Code { question, session }, AnswerMessage::Code(answer)) => {
                if answer.question != Some(*question) {
                    return Err(AnswerRefused::Another);
                }
                session.validate_screen(&answer.vp_token, answer.issued_at, issuers, now)?
            }
            (
                Awaited::OneWay { question, query, begun_at, lifetime_seconds },
                AnswerMessage::OneWay(answer),
            ) => {
                let nonce = answer.nonce.filter(|_| answer.question == Some(*question));
                let nonce = base64url::encode(&nonce.ok_or(AnswerRefused::Another)?);
                let binding = OfflineBinding::one_way(&audience(Mode::OneWay, *question), &nonce);
                let binding = binding.ok_or(AnswerRefused::Another)?;
                let query = query.clone();
                let session =
                    verifier::Session::for_offline_question(query, binding, *begun_at, *lifetime_seconds);
                let session = session.map_err(|_| AnswerRefused::Another)?;
                session.validate_screen(&answer.vp_token, answer.issued_at, issuers, now)?
            }
            _ => return Err(AnswerRefused::Mode),
        };
        if self.answered.swap(true, Ordering::AcqRel) { Err(AnswerRefused::Answered) } else { Ok(verified) }
    }
}
