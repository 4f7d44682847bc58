//! A message as a series of frames that never ends: first each piece once, then mixtures, so that a lost frame only costs time (OQ-24).

use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal};

use crate::fountain::{self, Sampler};
use crate::frame::{
    FRAME_OVERHEAD_BYTES, FRAME_PREFIX, Frame, FrameError, MAX_MESSAGE_BYTES, MAX_PIECES, Series,
};
use crate::hangul;
use crate::mode::Kind;

/// Whether a line begins as a frame does, in whatever letters it was typed (OQ-9). Looks at its first characters only; whether it is a frame
/// says [`Frame::parse`].
pub fn looks_like_frame(line: &str) -> bool {
    let start: String = line.trim_start().chars().take(FRAME_PREFIX.len()).collect();
    hangul::untype(&start).to_ascii_uppercase().starts_with(FRAME_PREFIX)
}

/// Whether a text is an undamaged frame that goes this way: what a camera looks for among other codes.
pub fn is_frame_of(kind: Kind, text: &str) -> bool {
    Frame::parse(text).is_ok_and(|frame| frame.series.kind == kind)
}

/// Whether a text is a frame of another version than is read here (OQ-22).
pub fn is_frame_of_another_version(text: &str) -> bool {
    Frame::parse(text) == Err(FrameError::Version)
}

/// How much stands in one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameSize {
    /// A code of version 20-M: 626 bytes of the message.
    Standard,
    /// A code of version 10-M, for weak cameras: 186 bytes of the message, more where 128 pieces would not do.
    Small,
    /// One code for everything, up to version 40-L: 2,843 bytes of the message.
    Still,
}

impl FrameSize {
    /// Characters of a frame's text, at most: what the code of this size holds in alphanumeric mode.
    pub fn characters(self) -> usize {
        match self {
            Self::Standard => 970,
            Self::Small => 311,
            Self::Still => crate::frame::MAX_FRAME_CHARACTERS,
        }
    }

    /// Bytes of the message in one frame, at most.
    pub fn data_bytes(self) -> usize {
        let digits = self.characters() - FRAME_PREFIX.len();
        // Three characters hold two bytes, two that are left hold one.
        digits / 3 * 2 + digits % 3 / 2 - FRAME_OVERHEAD_BYTES
    }
}

/// Why a message cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramesError {
    /// No byte to show.
    #[error("there is nothing to show")]
    Empty,
    /// More bytes than [`MAX_MESSAGE_BYTES`], or than one still picture holds.
    #[error("the message is too long for this size")]
    TooLong,
    /// No random bytes for the session.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl Refusal for FramesError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "offline_message_empty",
            Self::TooLong => "offline_message_too_long",
            Self::Entropy(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong => "OQ-21",
            Self::Entropy(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Empty => Blame::Application,
            Self::TooLong => Blame::Verifier,
            Self::Entropy(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The frames of one message. It has no `Debug`: it holds what is shown.
#[derive(Clone)]
pub struct Frames {
    series: Series,
    /// Each as long as the others, the last filled up with zeros.
    pieces: Vec<Vec<u8>>,
    degrees: std::sync::Arc<Sampler>,
}

impl Frames {
    /// Cuts a message into pieces of this size and draws a session.
    ///
    /// # Errors
    /// See [`FramesError`].
    pub fn new(
        kind: Kind,
        message: &[u8],
        size: FrameSize,
        entropy: &dyn Entropy,
    ) -> Result<Self, FramesError> {
        let session = crypto::random::bytes(entropy)?;
        Self::of_session(kind, message, size, session)
    }

    /// With a session that is given: for test vectors, and for the same message in another size beside the first.
    ///
    /// # Errors
    /// See [`FramesError`].
    pub fn of_session(
        kind: Kind,
        message: &[u8],
        size: FrameSize,
        session: [u8; 4],
    ) -> Result<Self, FramesError> {
        if message.is_empty() {
            return Err(FramesError::Empty);
        }
        let length = u16::try_from(message.len()).map_err(|_| FramesError::TooLong)?;
        debug_assert!(message.len() <= MAX_MESSAGE_BYTES);
        let pieces = message.len().div_ceil(size.data_bytes());
        let pieces = match size {
            FrameSize::Still if pieces > 1 => return Err(FramesError::TooLong),
            _ => u8::try_from(pieces).map_or(MAX_PIECES, |pieces| pieces.min(MAX_PIECES)),
        };
        Ok(Self::cut(message, Series { kind, session, length, pieces, checksum: crc32fast::hash(message) }))
    }

    fn cut(message: &[u8], mut series: Series) -> Self {
        let bytes = series.piece_bytes();
        // Where the count was capped, longer pieces may need fewer of them than the cap.
        series.pieces = u8::try_from(message.len().div_ceil(bytes)).unwrap_or(MAX_PIECES);
        let pieces = message.chunks(bytes).map(|piece| {
            let mut piece = piece.to_vec();
            piece.resize(bytes, 0);
            piece
        });
        let degrees = std::sync::Arc::new(Sampler::of_degrees(series.pieces));
        Self { series, pieces: pieces.collect(), degrees }
    }

    /// What all frames share.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// How many frames are enough if none is lost, 1 to 128.
    pub fn count(&self) -> u8 {
        self.series.pieces
    }

    /// The frame of this sequence: below [`count`](Self::count) a piece, from there on a mixture.
    pub fn frame(&self, sequence: u16) -> Frame {
        let set = fountain::mixed(sequence, self.series.pieces, self.series.checksum, &self.degrees);
        let mut data = vec![0; self.series.piece_bytes()];
        for (place, piece) in self.pieces.iter().enumerate() {
            if set >> place & 1 == 1 {
                fountain::xor_into(&mut data, piece);
            }
        }
        Frame { series: self.series, sequence, data }
    }

    /// The text for the code of this sequence.
    pub fn text(&self, sequence: u16) -> String {
        self.frame(sequence).to_text()
    }
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;

    /// Frames of pieces that the sizes do not give.
    pub(crate) fn cut(message: &[u8], series: Series) -> Frames {
        Frames::cut(message, series)
    }
}
