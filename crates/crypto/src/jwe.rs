//! JWE with ECDH-ES in direct key agreement (RFC 7516, RFC 7518 section 4.6) and AES-GCM (section 5.3), compact serialisation.

use primitives::{Entropy, EntropyUnavailable};

use crate::jwk::PublicJwk;
use crate::keys::PrivateKey;
use crate::secret::SecretVec;

/// The most bytes of a compact JWE: 4 MiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes of the decoded header: 16 KiB.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// `enc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// `A128GCM`
    A128Gcm,
    /// `A256GCM`
    A256Gcm,
}

impl ContentEncryption {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// From the name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "A128GCM" => Some(Self::A128Gcm),
            "A256GCM" => Some(Self::A256Gcm),
            _ => None,
        }
    }
}

/// Why a JWE is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// More bytes than [`MAX_BYTES`].
    #[error("the JWE is too large")]
    TooLarge,
    /// Not five parts of strict base64url, or a header that is not a JSON object without repeated members, or an encrypted key that is not empty.
    #[error("the JWE is malformed")]
    Malformed,
    /// `alg` is not `ECDH-ES`, or `enc` neither `A128GCM` nor `A256GCM`.
    #[error("the JWE's algorithm is not supported")]
    Algorithm,
    /// `zip` is present.
    #[error("the JWE is compressed")]
    Compressed,
    /// `crit` is present.
    #[error("the JWE marks an extension critical")]
    Critical,
    /// `epk` is absent or not a public key on P-256.
    #[error("the JWE's ephemeral key cannot be used")]
    EphemeralKey,
    /// The ciphertext, header or key is not the one encrypted with.
    #[error("the JWE cannot be decrypted with this key")]
    Decryption,
}

/// Why something was not encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The recipient's JWK is for another algorithm or use.
    #[error("the recipient's key is not for encryption")]
    Recipient,
    /// The plaintext is too large.
    #[error("the plaintext is too large")]
    TooLarge,
}

/// What a JWE's header may have besides key agreement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyInfo {
    /// `apu`, the bytes before base64url.
    pub apu: Option<Vec<u8>>,
    /// `apv`, the bytes before base64url.
    pub apv: Option<Vec<u8>>,
}

/// Encrypts to `recipient`; the JWE's `kid` is that of the JWK.
///
/// # Errors
/// See [`EncryptError`].
pub fn encrypt(
    recipient: &PublicJwk,
    enc: ContentEncryption,
    party_info: &PartyInfo,
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<String, EncryptError> {
    todo!()
}

/// A parsed JWE, not yet decrypted.
#[derive(Clone)]
pub struct Jwe {
    kid: Option<String>,
    enc: ContentEncryption,
}

impl Jwe {
    /// Parses the compact serialisation.
    ///
    /// # Errors
    /// See [`JweError`]; everything but [`JweError::Decryption`] is found here.
    pub fn parse(compact: &str) -> Result<Self, JweError> {
        todo!()
    }

    /// `kid`, to find the key.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `enc`, for the caller to compare with what it offered.
    pub fn enc(&self) -> ContentEncryption {
        self.enc
    }

    /// The party information of the header.
    pub fn party_info(&self) -> &PartyInfo {
        todo!()
    }

    /// Decrypts.
    ///
    /// # Errors
    /// [`JweError::Decryption`].
    pub fn decrypt(&self, key: &PrivateKey) -> Result<SecretVec, JweError> {
        todo!()
    }
}
