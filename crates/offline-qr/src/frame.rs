//! One frame: 18 bytes around a piece of the message, as text for QR's alphanumeric mode (OQ-21 to OQ-23).
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version (1) in the upper four bits, kind (0 request, 1 answer) in the lower |
//! | 4 | session: random, the same in all frames of one message |
//! | 2 | length of the message in bytes |
//! | 1 | count K of pieces, 1 to 128 |
//! | 2 | sequence: 0 to K − 1 the pieces, from K on mixtures of them |
//! | 4 | CRC-32 of the message |
//! | n | the piece, ⌈length / K⌉ bytes; the last one is filled up with zeros |
//! | 4 | CRC-32 of everything before |
//!
//! Numbers are big-endian. The text is `OQ1:` and the base45 of these bytes.

use std::fmt;

use crate::base45;
use crate::hangul;
use crate::mode::Kind;

/// What every frame's text begins with.
pub const FRAME_PREFIX: &str = "OQ1:";
/// Bytes of a frame around its data.
pub const FRAME_OVERHEAD_BYTES: usize = HEADER_BYTES + CHECKSUM_BYTES;
/// Pieces of a message, at most.
pub const MAX_PIECES: u8 = 128;
/// Bytes of a message, at most.
pub const MAX_MESSAGE_BYTES: usize = u16::MAX as usize;
/// Characters of a frame's text, at most: what a QR code of version 40-L holds.
pub const MAX_FRAME_CHARACTERS: usize = 4296;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 14;
const CHECKSUM_BYTES: usize = 4;

/// What is the same in all frames of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Series {
    /// Which way the message goes.
    pub kind: Kind,
    /// Random bytes of the sender's.
    pub session: [u8; 4],
    /// Bytes of the message, 1 to [`MAX_MESSAGE_BYTES`].
    pub length: u16,
    /// Pieces, 1 to [`MAX_PIECES`].
    pub pieces: u8,
    /// CRC-32 of the message.
    pub checksum: u32,
}

impl Series {
    /// Bytes of each piece.
    pub fn piece_bytes(&self) -> usize {
        usize::from(self.length).div_ceil(usize::from(self.pieces.max(1)))
    }

    /// Whether the pieces are as many as the length needs: none is filling only.
    fn is_well_formed(&self) -> bool {
        (1..=MAX_PIECES).contains(&self.pieces)
            && usize::from(self.pieces - 1) * self.piece_bytes() < usize::from(self.length)
    }
}

/// A frame whose checksum holds. `Debug` tells nothing of what it carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it belongs to.
    pub series: Series,
    /// Which one it is.
    pub sequence: u16,
    /// The piece, or the exclusive or of several.
    pub data: Vec<u8>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Frame")
            .field("series", &self.series)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// Why a text is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Another text, or one longer than any code.
    #[error("the text is no frame")]
    NotOurs,
    /// A frame of a version that is not read here.
    #[error("the frame is of another version")]
    Version,
    /// Not base45, a checksum that does not hold, or numbers that contradict each other.
    #[error("the frame is damaged")]
    Damaged,
}

impl Frame {
    /// Reads a code's text; blanks and line ends around it, small letters and keys struck in Hangul mode do no harm (OQ-9, OQ-23).
    ///
    /// # Errors
    /// See [`FrameError`].
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        // A syllable of three bytes is two or three keys, a jamo of three bytes one: the bound holds before and after.
        if text.len() > 4 * MAX_FRAME_CHARACTERS {
            return Err(FrameError::NotOurs);
        }
        // A blank may be the last character of base45: only what a scanner adds is taken off the end.
        let text = text.trim_start().trim_end_matches(['\r', '\n', '\t']);
        let typed = hangul::untype(text).to_ascii_uppercase();
        if typed.len() > MAX_FRAME_CHARACTERS {
            return Err(FrameError::NotOurs);
        }
        match typed.strip_prefix(FRAME_PREFIX) {
            Some(digits) => Self::from_bytes(&base45::decode(digits).map_err(|_| FrameError::Damaged)?),
            None if is_of_another_version(&typed) => Err(FrameError::Version),
            None => Err(FrameError::NotOurs),
        }
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(FrameError::Damaged)?;
        if crc32fast::hash(content) != u32::from_be_bytes(*checksum) {
            return Err(FrameError::Damaged);
        }
        let (header, data) = content.split_first_chunk::<HEADER_BYTES>().ok_or(FrameError::Damaged)?;
        let [first, s0, s1, s2, s3, l0, l1, pieces, n0, n1, c0, c1, c2, c3] = *header;
        if first >> 4 != VERSION {
            return Err(FrameError::Version);
        }
        let series = Series {
            kind: Kind::from_number(first & 15).ok_or(FrameError::Damaged)?,
            session: [s0, s1, s2, s3],
            length: u16::from_be_bytes([l0, l1]),
            pieces,
            checksum: u32::from_be_bytes([c0, c1, c2, c3]),
        };
        if !series.is_well_formed() || data.len() != series.piece_bytes() {
            return Err(FrameError::Damaged);
        }
        Ok(Self { series, sequence: u16::from_be_bytes([n0, n1]), data: data.to_vec() })
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_OVERHEAD_BYTES + self.data.len());
        bytes.push((VERSION << 4) | self.series.kind.number());
        bytes.extend(self.series.session);
        bytes.extend(self.series.length.to_be_bytes());
        bytes.push(self.series.pieces);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.series.checksum.to_be_bytes());
        bytes.extend(&self.data);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_be_bytes());
        bytes
    }

    /// The text for the code.
    pub fn to_text(&self) -> String {
        let mut text = FRAME_PREFIX.to_owned();
        text.push_str(&base45::encode(&self.to_bytes()));
        text
    }
}

/// `OQ2:` and the like.
fn is_of_another_version(text: &str) -> bool {
    text.strip_prefix("OQ").and_then(|rest| rest.split_once(':')).is_some_and(|(number, _)| {
        (1..=3).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests;
