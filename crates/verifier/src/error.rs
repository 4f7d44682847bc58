//! What can go wrong at a desk, one type for each of its operations.

use openid4vp::verifier::{BuildError, ResponseError};
use primitives::{Blame, EntropyUnavailable, Left, Refusal};

/// Why no session was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// As many sessions as there may be are open.
    #[error("too many sessions are open")]
    Full,
    /// An address of the settings cannot be extended.
    #[error("an address of the desk is not usable")]
    Address,
    /// What is to be approved cannot be said now.
    #[error("what is to be approved cannot be said now")]
    Approvals,
    /// The request cannot be made.
    #[error(transparent)]
    Request(#[from] BuildError),
}

impl From<EntropyUnavailable> for CreateError {
    fn from(error: EntropyUnavailable) -> Self {
        Self::Request(BuildError::Entropy(error))
    }
}

impl Refusal for CreateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Full => "desk_full",
            Self::Address => "desk_address",
            Self::Approvals => "desk_approvals",
            Self::Request(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Full | Self::Address | Self::Approvals => "",
            Self::Request(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Full | Self::Address | Self::Approvals => Blame::Verifier,
            Self::Request(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why no request object is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestUnavailable {
    /// There is no such request, or it is answered or over.
    #[error("there is no such request")]
    Unknown,
    /// It cannot be signed, or what the wallet posted is malformed.
    #[error(transparent)]
    Request(#[from] BuildError),
}

impl Refusal for RequestUnavailable {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "desk_request_unknown",
            Self::Request(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Unknown => "VP-R9",
            Self::Request(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Unknown => Blame::You,
            Self::Request(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a response was turned away, so that the session stays open for the right one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseRejected {
    /// There is no such request, or it is answered already or over: also what a replayed answer meets.
    #[error("there is no such request")]
    Unknown,
    /// The response is none to this request.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// No random bytes for the `response_code`.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl Refusal for ResponseRejected {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "desk_request_unknown",
            Self::Response(error) => error.code(),
            Self::Entropy(error) => error.code(),
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Unknown => "VP-S2",
            Self::Response(error) => error.rule(),
            Self::Entropy(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Unknown => Blame::You,
            Self::Response(error) => error.blame(),
            Self::Entropy(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Something
    }
}

/// Why a verdict is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// There is no such session, or it is over.
    #[error("there is no such session")]
    Unknown,
    /// Another browser began the session. Where it came with the right code, the claims are forgotten.
    #[error("another browser began this session")]
    OtherBrowser,
    /// The code is not the one that the answer brought.
    #[error("the response code is wrong")]
    Code,
    /// The verdict was shown already; it is shown once.
    #[error("the verdict was shown already")]
    AlreadyShown,
    /// Nobody answered yet.
    #[error("nobody answered yet")]
    NotAnswered,
    /// The answer came by the link on this device: it is shown only where the wallet leads to, with its code.
    #[error("the verdict is shown on the page that the wallet opens")]
    CodeNeeded,
}

impl Refusal for RedeemError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "desk_session_unknown",
            Self::OtherBrowser => "desk_other_browser",
            Self::Code => "response_code_wrong",
            Self::AlreadyShown => "response_code_used",
            Self::NotAnswered => "desk_not_answered",
            Self::CodeNeeded => "response_code_needed",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::NotAnswered | Self::Unknown => "",
            _ => "VP-S2",
        }
    }
    fn blame(&self) -> Blame {
        Blame::You
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}
