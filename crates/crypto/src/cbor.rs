//! CBOR of other parties (RFC 8949), bounded, whole and without repeated map keys.

pub use ciborium::Value;

/// The deepest nesting of arrays, maps and tags that is read.
pub const MAX_DEPTH: usize = 32;

/// Why bytes are not CBOR that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// More bytes than the caller allows.
    #[error("the CBOR item is too large")]
    TooLarge,
    /// A map has two entries of one key (RFC 8949 section 5.6).
    #[error("a CBOR map has two entries of one key")]
    DuplicateKey,
    /// Not one well-formed item and nothing after it, or it nests deeper than [`MAX_DEPTH`].
    #[error("the bytes are not one CBOR item")]
    Syntax,
}

/// Reads one item of at most `max_bytes` bytes.
///
/// # Errors
/// See [`CborError`].
pub fn parse(bytes: &[u8], max_bytes: usize) -> Result<Value, CborError> {
    todo!()
}

/// Encodes an item in the preferred serialisation with map entries in the order given.
pub fn encode(value: &Value) -> Vec<u8> {
    todo!()
}
