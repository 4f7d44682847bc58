//! What a check waits for, and what a message proves that came for it.

use dcql::Query;
use offline_qr::{Answer, AnswerMessage, Mode, ShortCode, audience};
use openid4vp::screen::OfflineBinding;
use openid4vp::verifier::{Session, VerifiedAnswer};
use primitives::{Instant, Refusal};
use trust::{AnchorStore, Issuer};

use super::error::BeginError;
use super::question::Question;
use crate::verdict::Reason;

/// What a check waits for. It has no `Debug`: it may hold the key to decrypt with.
pub(crate) enum Awaited {
    /// The answer to a signed request.
    Request(Box<Session>),
    /// The answer to a short code.
    Code { question: u8, session: Box<Session> },
    /// What nobody asked for.
    OneWay { question: u8, query: Query },
}

impl Awaited {
    pub(crate) fn code(
        code: &ShortCode,
        question: &Question,
        now: Instant,
        lifetime: i64,
    ) -> Result<Self, BeginError> {
        let binding = OfflineBinding::code(&audience(Mode::Code, code.question()), code.nonce())
            .ok_or(BeginError::Question)?;
        let session = Session::for_offline_question(question.query.clone(), binding, now, lifetime)?;
        Ok(Self::Code { question: code.question(), session: Box::new(session) })
    }
}

fn reason(error: &dyn Refusal) -> Reason {
    Reason { code: error.code(), rule: error.rule() }
}

/// Opens a message.
pub(crate) fn open(
    awaited: &Awaited,
    message: &[u8],
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedAnswer, Reason> {
    let other = Reason { code: "offline_answer_to_another", rule: "OQ-18" };
    let message = AnswerMessage::decode(message).map_err(|error| reason(&error))?;
    match (awaited, message) {
        (Awaited::Request(session), AnswerMessage::Sealed(jwe)) => {
            let plaintext = session.decrypt_screen(&jwe).map_err(|_| other)?;
            let answer = Answer::from_bytes(plaintext.expose()).map_err(|error| reason(&error))?;
            validate(session, &answer, issuers, now)
        }
        (Awaited::Code { question, session }, AnswerMessage::Code(answer)) => {
            if answer.question != Some(*question) {
                return Err(other);
            }
            validate(session, &answer, issuers, now)
        }
        (Awaited::OneWay { question, query }, AnswerMessage::OneWay(answer)) => {
            let nonce = answer.nonce.filter(|_| answer.question == Some(*question)).ok_or(other)?;
            let nonce = primitives::base64url::encode(&nonce);
            let binding = OfflineBinding::one_way(&audience(Mode::OneWay, *question), &nonce).ok_or(other)?;
            // Nobody asked at a certain moment: the proof's own is the earliest.
            let session = Session::for_offline_question(
                query.clone(),
                binding,
                answer.issued_at,
                openid4vp::screen::PROOF_SECONDS + 1,
            );
            validate(&session.map_err(|error| reason(&error))?, &answer, issuers, now)
        }
        _ => Err(Reason { code: "offline_mode_mismatch", rule: "OQ-18" }),
    }
}

fn validate(
    session: &Session,
    answer: &Answer,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedAnswer, Reason> {
    session.validate_screen(&answer.vp_token, answer.issued_at, issuers, now).map_err(|error| reason(&error))
}
