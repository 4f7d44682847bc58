//! The list itself: bits in bytes, compressed. Section 4 and 7 of the draft; ST-7 to ST-11.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

/// The longest list after inflation, in bytes: 2^27 one-bit statuses (ST-8).
pub const MAX_INFLATED_BYTES: usize = 16 * 1024 * 1024;

/// How many bits a status takes (ST-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bits {
    /// One bit: valid or invalid.
    One,
    /// Two bits: also suspended, and one status of the application's own.
    Two,
    /// Four bits.
    Four,
    /// Eight bits.
    Eight,
}

impl Bits {
    /// From the number on the wire: 1, 2, 4 or 8.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// How many statuses one byte holds.
    fn per_byte(self) -> u64 {
        u64::from(8 / self.number())
    }

    /// The largest value a status can have.
    fn mask(self) -> u8 {
        match self {
            Self::One => 0b1,
            Self::Two => 0b11,
            Self::Four => 0b1111,
            Self::Eight => 0xff,
        }
    }
}

/// What a list says of a credential (ST-11). Only [`StatusState::Valid`] is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusState {
    /// 0x00: valid.
    Valid,
    /// 0x01: revoked, annulled, taken back.
    Invalid,
    /// 0x02: invalid for the time being.
    Suspended,
    /// 0x03, 0x0C to 0x0F: what it means is between the issuer and its readers.
    ApplicationSpecific(u8),
    /// Any other value: not registered when this was written.
    Reserved(u8),
}

impl StatusState {
    /// From the value in the list.
    #[must_use]
    pub fn from_value(value: u8) -> Self {
        match value {
            0x00 => Self::Valid,
            0x01 => Self::Invalid,
            0x02 => Self::Suspended,
            0x03 | 0x0C..=0x0F => Self::ApplicationSpecific(value),
            _ => Self::Reserved(value),
        }
    }

    /// The value in the list.
    #[must_use]
    pub fn value(self) -> u8 {
        match self {
            Self::Valid => 0x00,
            Self::Invalid => 0x01,
            Self::Suspended => 0x02,
            Self::ApplicationSpecific(value) | Self::Reserved(value) => value,
        }
    }

    /// Whether the credential is valid as far as the list goes.
    #[must_use]
    pub fn is_valid(self) -> bool {
        self == Self::Valid
    }
}

/// An inflated list.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct StatusBits {
    bits: Bits,
    bytes: Vec<u8>,
}

/// The bytes are not one ZLIB stream, or inflate beyond the bound (ST-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InflateError {
    Malformed,
    TooLong,
}

/// The index lies outside the list (ST-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfRange;

impl StatusBits {
    /// A list of `count` statuses, all valid.
    pub(super) fn all_valid(bits: Bits, count: u64) -> Option<Self> {
        let bytes = usize::try_from(count.div_ceil(bits.per_byte())).ok()?;
        (bytes <= MAX_INFLATED_BYTES).then(|| Self { bits, bytes: vec![0; bytes] })
    }

    /// Inflates a ZLIB stream, up to the bound and never beyond (ST-8).
    pub(super) fn inflate(bits: Bits, compressed: &[u8]) -> Result<Self, InflateError> {
        let mut decoder = ZlibDecoder::new(compressed);
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_INFLATED_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        decoder.by_ref().take(limit).read_to_end(&mut bytes).map_err(|_| InflateError::Malformed)?;
        if bytes.len() > MAX_INFLATED_BYTES {
            return Err(InflateError::TooLong);
        }
        // Reading on proves that the stream ended there, checksum included, and what is left was not part of it.
        let ended = matches!(decoder.read(&mut [0_u8; 1]), Ok(0));
        if !ended || !decoder.into_inner().is_empty() {
            return Err(InflateError::Malformed);
        }
        Ok(Self { bits, bytes })
    }

    /// The list as a ZLIB stream at the highest compression (section 4.1 step 4).
    pub(super) fn deflate(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &self.bytes)?;
        encoder.finish()
    }

    pub(super) fn bits(&self) -> Bits {
        self.bits
    }

    /// How many statuses the list holds.
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX).saturating_mul(self.bits.per_byte())
    }

    /// The value at `index` (ST-9, ST-10).
    pub(super) fn get(&self, index: u64) -> Result<u8, OutOfRange> {
        let (at, shift) = self.place(index)?;
        let byte = self.bytes.get(at).ok_or(OutOfRange)?;
        Ok((byte >> shift) & self.bits.mask())
    }

    /// Sets the value at `index`; `false` when the value does not fit into the bits.
    pub(super) fn set(&mut self, index: u64, value: u8) -> Result<bool, OutOfRange> {
        let (at, shift) = self.place(index)?;
        let mask = self.bits.mask();
        let byte = self.bytes.get_mut(at).ok_or(OutOfRange)?;
        if value > mask {
            return Ok(false);
        }
        *byte = (*byte & !(mask << shift)) | (value << shift);
        Ok(true)
    }

    /// The byte that holds the index, and how far its lowest bit stands from the byte's lowest (ST-10).
    fn place(&self, index: u64) -> Result<(usize, u32), OutOfRange> {
        let at = usize::try_from(index / self.bits.per_byte()).map_err(|_| OutOfRange)?;
        let within = u32::try_from(index % self.bits.per_byte()).map_err(|_| OutOfRange)?;
        Ok((at, within * u32::from(self.bits.number())))
    }
}
