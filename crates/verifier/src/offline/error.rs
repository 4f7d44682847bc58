//! What can go wrong at a desk without a network.

use offline_qr::{DrawError, FramesError, MessageError, SessionError};
use openid4vp::verifier::BuildError;
use primitives::{Blame, EntropyUnavailable, Left, Refusal};

/// Why no check was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// As many checks as there may be are open.
    #[error("too many checks are open")]
    Full,
    /// The desk has no such question.
    #[error("there is no such question")]
    Question,
    /// The answer would say who somebody is, and nobody authenticated asks in this way.
    #[error("a question that identifies is asked by a signed request only")]
    Identifying,
    /// The desk has no key to sign a request with.
    #[error("the desk has no key of its own")]
    NoIdentity,
    /// The request cannot be made.
    #[error(transparent)]
    Request(#[from] BuildError),
    /// Nothing can be waited for.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// No code can be drawn.
    #[error(transparent)]
    Code(#[from] DrawError),
    /// The request is no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The request cannot be shown.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl Refusal for BeginError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "desk_full",
            Self::Question => "desk_question_unknown",
            Self::Identifying => "desk_question_identifying",
            Self::NoIdentity => "desk_identity_missing",
            Self::Request(error) => error.code(),
            Self::Session(error) => error.code(),
            Self::Code(_) => "desk_code_undrawn",
            Self::Message(error) => error.code(),
            Self::Frames(error) => error.code(),
            Self::Entropy(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Full | Self::Question | Self::NoIdentity => "",
            Self::Identifying => "OQ-5",
            Self::Request(error) => error.rule(),
            Self::Session(error) => error.rule(),
            Self::Code(_) => "OQ-6",
            Self::Message(error) => error.rule(),
            Self::Frames(error) => error.rule(),
            Self::Entropy(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Full | Self::Question | Self::Identifying | Self::NoIdentity => Blame::You,
            Self::Request(error) => error.blame(),
            Self::Session(error) => error.blame(),
            Self::Code(_) => Blame::Application,
            Self::Message(error) => error.blame(),
            Self::Frames(error) => error.blame(),
            Self::Entropy(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why something cannot be done with a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// There is no such check, or it was stopped.
    #[error("there is no such check")]
    Unknown,
    /// It came to its verdict already.
    #[error("the check is over")]
    Over,
    /// Nobody answered in time.
    #[error("nobody answered in time")]
    Expired,
    /// It shows no request.
    #[error("the check has no request to show")]
    NoRequest,
    /// The request does not fit into one picture.
    #[error(transparent)]
    Frames(#[from] FramesError),
}

impl Refusal for CheckError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "desk_check_unknown",
            Self::Over => "desk_check_over",
            Self::Expired => "desk_check_expired",
            Self::NoRequest => "desk_check_without_request",
            Self::Frames(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Frames(error) => error.rule(),
            _ => "",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Frames(error) => error.blame(),
            _ => Blame::You,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}
