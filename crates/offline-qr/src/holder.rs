//! The holder's answer as the message that frames carry (OQ-15, OQ-17): packed and deflated first, then, to who asked by a signed request,
//! encrypted, since what is encrypted cannot be made smaller.

use crypto::jwe::{self, EncryptError, PartyInfo};
use openid4vp::holder::{ScreenAnswer, ScreenRecipient};
use openid4vp::screen::OfflineBinding;
use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal, base64url};

use crate::code::ShortCode;
use crate::message::{Answer, AnswerMessage, MessageError, ONE_WAY_NONCE_BYTES};
use crate::mode::{Mode, QUESTION_NUMBERS, audience, question_of};

/// Why an answer makes no message. Nothing was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// It does not fit.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It could not be encrypted to who asked.
    #[error(transparent)]
    Encryption(#[from] EncryptError),
    /// The proofs name no ready-made question of this mode.
    #[error("the answer is to no question that can be shown")]
    Question,
    /// The nonce of a one-way answer is not what the wallet draws.
    #[error("the nonce of the answer is not one that a wallet draws")]
    Nonce,
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl Refusal for NotShown {
    fn code(&self) -> &'static str {
        match self {
            Self::Message(error) => error.code(),
            Self::Encryption(_) => "response_encryption_failed",
            Self::Question => "offline_question_unknown",
            Self::Nonce => "offline_nonce_malformed",
            Self::Entropy(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Message(error) => error.rule(),
            Self::Encryption(_) => "OQ-17",
            Self::Question => "OQ-2",
            Self::Nonce => "OQ-29",
            Self::Entropy(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Encryption(EncryptError::Entropy(error)) | Self::Entropy(error) => error.blame(),
            _ => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The bytes for [`Frames`](crate::Frames) of an answer that was prepared for the screen.
///
/// # Errors
/// An [`NotShown`].
pub fn answer_message(answer: &ScreenAnswer, entropy: &dyn Entropy) -> Result<Vec<u8>, NotShown> {
    let inner = |question, nonce| Answer {
        issued_at: answer.issued_at,
        question,
        nonce,
        vp_token: answer.vp_token.clone(),
    };
    let message = match &answer.to {
        ScreenRecipient::Asked(encryption) => {
            let plaintext = inner(None, None).to_bytes()?;
            let (key, method) = (encryption.key(), encryption.method());
            AnswerMessage::Sealed(jwe::encrypt(key, method, &PartyInfo::default(), &plaintext, entropy)?)
        }
        ScreenRecipient::Code { audience } => {
            let question = question_of(Mode::Code, audience.as_str()).ok_or(NotShown::Question)?;
            AnswerMessage::Code(inner(Some(question), None))
        }
        ScreenRecipient::OneWay { audience, nonce } => {
            let question = question_of(Mode::OneWay, audience.as_str()).ok_or(NotShown::Question)?;
            let nonce = base64url::decode(nonce).ok().and_then(|nonce| nonce.try_into().ok());
            let nonce = nonce.ok_or(NotShown::Nonce)?;
            AnswerMessage::OneWay(inner(Some(question), Some(nonce)))
        }
    };
    Ok(message.encode()?)
}

/// What an answer to a short code is bound to.
///
/// # Errors
/// [`NotShown::Question`], which no code that was read or drawn gives.
pub fn code_binding(code: &ShortCode) -> Result<OfflineBinding, NotShown> {
    let audience = audience(Mode::Code, code.question());
    OfflineBinding::code(&audience, code.nonce()).ok_or(NotShown::Question)
}

/// What an answer to a question that nobody asked is bound to: with a fresh nonce, to be drawn for each signing (OQ-29).
///
/// # Errors
/// [`NotShown::Question`] outside [`QUESTION_NUMBERS`]; [`NotShown::Entropy`].
pub fn one_way_binding(question: u8, entropy: &dyn Entropy) -> Result<OfflineBinding, NotShown> {
    if !QUESTION_NUMBERS.contains(&question) {
        return Err(NotShown::Question);
    }
    let mut nonce = [0; ONE_WAY_NONCE_BYTES];
    entropy.fill(&mut nonce)?;
    let audience = audience(Mode::OneWay, question);
    OfflineBinding::one_way(&audience, &base64url::encode(&nonce)).ok_or(NotShown::Question)
}
