//! The hash of the profile a vault belongs to (design, "Trust"): a change of profile is confirmed by the person.

use std::fmt;

/// SHA-256 of the profile's canonical bytes, made by whoever reads profiles. The vault compares it and no more.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProfileHash([u8; 32]);

impl ProfileHash {
    /// Takes the hash.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses 64 lower-case hex digits; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::store::hex::decode(text).map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ProfileHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&crate::store::hex::encode(&self.0))
    }
}

impl fmt::Debug for ProfileHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ProfileHash({self})")
    }
}
