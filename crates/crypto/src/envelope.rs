//! What we encrypt for ourselves: AES-256-GCM (SP 800-38D) with a random 96-bit nonce, in a versioned envelope.

use aes_gcm::aead::{Aead as _, Nonce, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal};

use crate::random;
use crate::secret::{SecretBytes, SecretVec};

/// Bytes an envelope adds to its plaintext: version, nonce, tag.
pub const OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;
const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"citizen-wallet/envelope";

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
    /// This computer has not the memory that the password envelope's parameters ask for.
    #[error("not enough memory to open the envelope")]
    Memory,
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

impl Refusal for OpenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Version => "envelope_version_unknown",
            Self::Malformed => "envelope_malformed",
            Self::Authentication => "envelope_not_opened",
            Self::Memory => "memory_unavailable",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            // An older program, or a disk that changed what was written. A wrong passphrase is told apart by the vault, which knows it asked for one.
            Self::Version | Self::Malformed | Self::Authentication | Self::Memory => Blame::Computer,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Refusal for SealError {
    fn code(&self) -> &'static str {
        match self {
            Self::Entropy(error) => error.code(),
            Self::Failed => "sealing_failed",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Seals `plaintext` under `key`. `purpose` separates kinds of envelopes under one key; `associated_data` binds where the envelope is kept (a row's
/// id, a slot's number). Both must be given again to open it. A key seals at most 2^32 envelopes (SP 800-38D section 8.3).
///
/// The envelope is version (1 byte), nonce (12), ciphertext, tag (16).
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
    seal_after_header(key, &[VERSION], purpose, associated_data, plaintext, entropy)
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
    let (header, sealed) = envelope.split_first_chunk::<1>().ok_or(OpenError::Malformed)?;
    if header != &[VERSION] {
        return Err(OpenError::Version);
    }
    open_after_header(key, header, purpose, associated_data, sealed)
}

/// Header, nonce, ciphertext and tag; the header is authenticated.
pub(crate) fn seal_after_header(
    key: &SecretBytes<32>,
    header: &[u8],
    purpose: &str,
    associated_data: &[u8],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let nonce = random::bytes::<NONCE_BYTES>(entropy)?;
    let aad = authenticated(header, purpose, associated_data);
    let sealed = Aes256Gcm::new(key.expose().into())
        .encrypt(&Nonce::<Aes256Gcm>::from(nonce), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| SealError::Failed)?;
    Ok([header, &nonce, &sealed].concat())
}

/// Opens nonce, ciphertext and tag that follow `header`.
pub(crate) fn open_after_header(
    key: &SecretBytes<32>,
    header: &[u8],
    purpose: &str,
    associated_data: &[u8],
    sealed: &[u8],
) -> Result<SecretVec, OpenError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Malformed)?;
    if sealed.len() < TAG_BYTES {
        return Err(OpenError::Malformed);
    }
    let aad = authenticated(header, purpose, associated_data);
    Aes256Gcm::new(key.expose().into())
        .decrypt(&Nonce::<Aes256Gcm>::from(*nonce), Payload { msg: sealed, aad: &aad })
        .map(SecretVec::new)
        .map_err(|_| OpenError::Authentication)
}

/// What is authenticated besides the plaintext. Every part but the last has a length before it, so no two inputs give the same bytes.
fn authenticated(header: &[u8], purpose: &str, associated_data: &[u8]) -> Vec<u8> {
    let mut aad = DOMAIN.to_vec();
    for part in [header, purpose.as_bytes()] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad.extend_from_slice(associated_data);
    aad
}

#[cfg(test)]
mod tests;
