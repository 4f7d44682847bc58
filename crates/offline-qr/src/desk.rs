//! The verifier's side: a message that was collected, and what it proves to whoever asked (OQ-1 to OQ-3, OQ-17, OQ-18).

use dcql::Query;
use openid4vp::screen::{OfflineBinding, ScreenMode};
use openid4vp::verifier::{BuildError, ResponseError, Session as Asked, VerifiedAnswer};
use primitives::{Blame, Instant, Left, Refusal, base64url};
use trust::{AnchorStore, Issuer};

use crate::code::ShortCode;
use crate::holder::code_binding;
use crate::message::{Answer, AnswerMessage, MessageError, check_members};
use crate::mode::{Mode, audience};

/// Why an answer is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// The bytes are no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It answers another way of asking than this desk's.
    #[error("the answer is to another way of asking")]
    OtherMode,
    /// It answers another ready-made question.
    #[error("the answer is to another question")]
    OtherQuestion,
    /// What it holds is not accepted.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

impl Refusal for AnswerRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Message(error) => error.code(),
            Self::OtherMode => "offline_answer_other_mode",
            Self::OtherQuestion => "offline_answer_other_question",
            Self::Response(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Message(error) => error.rule(),
            Self::OtherMode | Self::OtherQuestion => "OQ-18",
            Self::Response(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Message(_) | Self::OtherMode | Self::OtherQuestion => Blame::You,
            Self::Response(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Something
    }
}

/// What a verifier keeps between asking and the answer. It has no `Debug`: it holds a key, nonces and codes.
///
/// It may be opened more than once: frames of a message that was not accepted say nothing against the next. Whoever accepted an answer drops
/// the session, and so never accepts the same one twice.
pub struct Session(How);

enum How {
    /// Boxed: it is much larger than the others.
    Asked(Box<Asked>),
    Code {
        session: Box<Asked>,
        question: u8,
    },
    OneWay {
        query: Query,
        question: u8,
        begun_at: Instant,
        lifetime_seconds: i64,
    },
}

impl Session {
    /// (a) Of a request that was made for the screen
    /// ([`RequestBuilder::for_screen`](openid4vp::verifier::RequestBuilder::for_screen)). `None` for any other.
    pub fn asked(session: Asked) -> Option<Self> {
        let on_screen = session.screen() == Some(ScreenMode::Request);
        on_screen.then(|| Self(How::Asked(Box::new(session))))
    }

    /// (b) Of a code that is shown: an answer is taken for `lifetime_seconds` from `now`.
    ///
    /// # Errors
    /// [`BuildError::HolderBinding`] for a query that does without the holder's proof.
    pub fn code(
        code: &ShortCode,
        query: Query,
        now: Instant,
        lifetime_seconds: i64,
    ) -> Result<Self, BuildError> {
        let binding = code_binding(code).ok_or(BuildError::ClientId)?;
        let session = Box::new(Asked::for_offline_question(query, binding, now, lifetime_seconds)?);
        Ok(Self(How::Code { session, question: code.question() }))
    }

    /// (c) Of a question that nobody was asked: whoever shows an answer to it is heard for `lifetime_seconds` from `now`.
    ///
    /// A proof is not bound to this desk: within its 60 seconds another desk accepts it as well, which is a stated limit.
    ///
    /// # Errors
    /// [`BuildError::HolderBinding`] for a query that does without the holder's proof; [`BuildError::ClientId`] for a number that no
    /// question has.
    pub fn one_way(
        question: u8,
        query: Query,
        now: Instant,
        lifetime_seconds: i64,
    ) -> Result<Self, BuildError> {
        // What the query lacks is told now and not at the first answer.
        let binding =
            OfflineBinding::one_way(&audience(Mode::OneWay, question), "0").ok_or(BuildError::ClientId)?;
        if !crate::mode::QUESTION_NUMBERS.contains(&question) {
            return Err(BuildError::ClientId);
        }
        Asked::for_offline_question(query.clone(), binding, now, lifetime_seconds)?;
        Ok(Self(How::OneWay { query, question, begun_at: now, lifetime_seconds }))
    }

    /// How it was asked.
    pub fn mode(&self) -> Mode {
        match &self.0 {
            How::Asked(_) => Mode::Request,
            How::Code { .. } => Mode::Code,
            How::OneWay { .. } => Mode::OneWay,
        }
    }

    /// The last moment at which an answer is taken.
    pub fn expires_at(&self) -> Instant {
        match &self.0 {
            How::Asked(session) | How::Code { session, .. } => session.expires_at(),
            How::OneWay { begun_at, lifetime_seconds, .. } => *begun_at + *lifetime_seconds,
        }
    }

    /// What was asked.
    pub fn query(&self) -> &Query {
        match &self.0 {
            How::Asked(session) | How::Code { session, .. } => session.query(),
            How::OneWay { query, .. } => query,
        }
    }

    /// Opens a message and checks everything in it but what only lists tell: status is the caller's to ask for
    /// ([`VerifiedAnswer::status_references`]).
    ///
    /// # Errors
    /// See [`AnswerRefused`].
    pub fn open(
        &self,
        message: &[u8],
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedAnswer, AnswerRefused> {
        match (&self.0, AnswerMessage::decode(message)?) {
            (How::Asked(session), AnswerMessage::Sealed(jwe)) => {
                let plaintext = session.decrypt_screen(&jwe)?;
                let answer = Answer::from_bytes(plaintext.expose())?;
                check_members(Mode::Request, &answer)?;
                validate(session, &answer, issuers, now)
            }
            (How::Code { session, question }, AnswerMessage::Code(answer)) => {
                check_question(*question, &answer)?;
                validate(session, &answer, issuers, now)
            }
            (How::OneWay { query, question, .. }, AnswerMessage::OneWay(answer)) => {
                check_question(*question, &answer)?;
                if now > self.expires_at() {
                    return Err(ResponseError::Expired.into());
                }
                let nonce = answer.nonce.map(|nonce| base64url::encode(&nonce)).unwrap_or_default();
                let binding = OfflineBinding::one_way(&audience(Mode::OneWay, *question), &nonce);
                let binding = binding.ok_or(MessageError::Malformed)?;
                let session = Asked::for_offline_question(query.clone(), binding, now, 0);
                validate(&session.map_err(|_| AnswerRefused::OtherMode)?, &answer, issuers, now)
            }
            _ => Err(AnswerRefused::OtherMode),
        }
    }
}

fn check_question(asked: u8, answer: &Answer) -> Result<(), AnswerRefused> {
    if answer.question == Some(asked) { Ok(()) } else { Err(AnswerRefused::OtherQuestion) }
}

fn validate(
    session: &Asked,
    answer: &Answer,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedAnswer, AnswerRefused> {
    Ok(session.validate_screen(&answer.vp_token, answer.issued_at, issuers, now)?)
}
