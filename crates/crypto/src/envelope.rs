//! What we encrypt for ourselves: AES-256-GCM (SP 800-38D) with a random 96-bit nonce, in a versioned envelope.

use primitives::{Entropy, EntropyUnavailable};

use crate::secret::{SecretBytes, SecretVec};

/// Bytes an envelope adds to its plaintext: version, nonce, tag.
pub const OVERHEAD_BYTES: usize = 1 + 12 + 16;

/// Why an envelope was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A version this program does not know: newer data is left unharmed.
    #[error("the envelope is of another version")]
    Version,
    /// Too short to be an envelope, or parameters out of bounds.
    #[error("the envelope is malformed")]
    Malformed,
    /// Another key, purpose or associated data, or the envelope was changed.
    #[error("the envelope cannot be opened with this key")]
    Authentication,
}

/// Why an envelope was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The plaintext is longer than AES-GCM allows, or the memory for Argon2id is not there.
    #[error("sealing failed")]
    Failed,
}

/// Seals `plaintext` under `key`. `purpose` separates kinds of envelopes under one key; `associated_data` binds where the envelope is kept (a row's
/// id, a slot's number). Both must be given again to open it. A key seals at most 2^32 envelopes (SP 800-38D section 8.3).
///
/// # Errors
/// See [`SealError`].
pub fn seal(
    key: &SecretBytes<32>,
    purpose: &str,
    associated_data: &[u8],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    todo!()
}

/// Opens what [`seal`] sealed with the same key, purpose and associated data.
///
/// # Errors
/// See [`OpenError`].
pub fn open(
    key: &SecretBytes<32>,
    purpose: &str,
    associated_data: &[u8],
    envelope: &[u8],
) -> Result<SecretVec, OpenError> {
    todo!()
}
