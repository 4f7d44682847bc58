//! Base64url without padding (RFC 4648 section 5, RFC 7515 section 2) and the padded base64 that `x5c` uses (RFC 7515 section 4.1.6). Strict: no
//! padding or white space where none belongs, no bits left over.
//!
//! What is decoded here travels or is public, and is never a private key: tables that are looked up by its characters do no harm.

use std::fmt;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The text is not base64 of the expected alphabet and padding, or its last character carries bits that belong to no byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not strict base64")]
pub struct NotBase64;

/// Encodes as base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding. The caller bounds the length of `text`; the result is shorter.
///
/// # Errors
/// [`NotBase64`] for any other alphabet, padding, white space or a non-canonical ending.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64)
}

/// Encodes as standard base64 with padding (RFC 4648 section 4).
pub fn encode_standard(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Decodes standard base64 with padding (RFC 4648 section 4).
///
/// # Errors
/// [`NotBase64`] for any other alphabet, missing padding, white space or a non-canonical ending.
pub fn decode_standard(text: &str) -> Result<Vec<u8>, NotBase64> {
    BASE64_STANDARD.decode(text).map_err(|_| NotBase64)
}

/// Bytes that travel in JSON as base64url without padding. Its `Debug` tells the length only, since some are nonces or key material.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Base64UrlBytes(Vec<u8>);

impl Base64UrlBytes {
    /// Wraps bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Decodes base64url without padding.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn parse(text: &str) -> Result<Self, NotBase64> {
        decode(text).map(Self)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Base64UrlBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64UrlBytes({} bytes)", self.0.len())
    }
}

impl fmt::Display for Base64UrlBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

impl AsRef<[u8]> for Base64UrlBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Base64UrlBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Base64UrlBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64UrlBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_white_space_the_other_alphabet_and_spare_bits_are_refused() {
        assert_eq!(decode("Zg").unwrap(), b"f");
        for text in ["Zg==", "Zh", "Z", "Z g", "Zg\n", "+w", "/w", "Zg.", "é"] {
            assert_eq!(decode(text), Err(NotBase64), "{text}");
        }
        assert_eq!(decode_standard("Zg==").unwrap(), b"f");
        for text in ["Zg", "Zh==", "Zg==\n", "-w==", "Zg= ="] {
            assert_eq!(decode_standard(text), Err(NotBase64), "{text}");
        }
    }

    #[test]
    fn debug_tells_the_length_only() {
        assert_eq!(format!("{:?}", Base64UrlBytes::new(*b"secret")), "Base64UrlBytes(6 bytes)");
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(decode_standard(&encode_standard(&bytes)).unwrap(), bytes.clone());
            let json = serde_json::to_string(&Base64UrlBytes::new(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Base64UrlBytes>(&json).unwrap().into_bytes(), bytes);
        }

        #[test]
        fn what_decodes_is_the_only_text_for_its_bytes(text in "[A-Za-z0-9_-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
