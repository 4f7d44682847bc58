//! The three ways to ask, and whom a proof names in each (OQ-1, OQ-2).

use openid4vp::screen::ScreenMode;

/// How the question came to the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// (a) The verifier's screen shows a signed request: the recipient is authenticated, any question may be asked.
    Request,
    /// (b) The verifier's screen shows a [`ShortCode`](crate::ShortCode): ready-made questions that identify nobody.
    Code,
    /// (c) Nobody asked: the wallet shows an answer to a ready-made question that identifies nobody.
    OneWay,
}

/// Seconds after which a one-way proof is signed anew (OQ-29).
pub const ONE_WAY_RENEWAL_SECONDS: i64 = 20;
/// The numbers that a ready-made question may have: what one character of a code holds, without 0.
pub const QUESTION_NUMBERS: std::ops::RangeInclusive<u8> = 1..=31;

impl Mode {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Self::Request => 0,
            Self::Code => 1,
            Self::OneWay => 2,
        }
    }

    /// From the number on the wire.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Request),
            1 => Some(Self::Code),
            2 => Some(Self::OneWay),
            _ => None,
        }
    }

    /// The name in audiences: `request`, `code`, `one-way`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Code => "code",
            Self::OneWay => "one-way",
        }
    }
}

impl From<ScreenMode> for Mode {
    fn from(mode: ScreenMode) -> Self {
        match mode {
            ScreenMode::Request => Self::Request,
            ScreenMode::Code => Self::Code,
            ScreenMode::OneWay => Self::OneWay,
        }
    }
}

/// What `aud` is where the recipient is not authenticated: `offline-qr:v1:code:7` (OQ-2). In [`Mode::Request`] the audience is the
/// request's `client_id` instead, and what this gives for it is no audience of anybody.
pub fn audience(mode: Mode, question: u8) -> String {
    format!("{AUDIENCE_PREFIX}{}:{question}", mode.name())
}

/// The question that an audience of this mode names, if it is one.
pub(crate) fn question_of(mode: Mode, named: &str) -> Option<u8> {
    QUESTION_NUMBERS.into_iter().find(|number| audience(mode, *number) == named)
}

/// What every audience of a recipient who is not authenticated begins with. It is the prefix of no client identifier.
pub const AUDIENCE_PREFIX: &str = "offline-qr:v1:";

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From the verifier's screen to the wallet.
    Request,
    /// From the wallet's screen to the verifier.
    Answer,
}

impl Kind {
    /// The number on the wire.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Request => 0,
            Self::Answer => 1,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Request),
            1 => Some(Self::Answer),
            _ => None,
        }
    }
}
