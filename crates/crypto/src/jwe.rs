//! JWE with ECDH-ES in direct key agreement (RFC 7516, RFC 7518 section 4.6) and AES-GCM (section 5.3), compact serialisation.

use std::fmt;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit as _};
use primitives::json;
use primitives::{Entropy, EntropyUnavailable, base64url};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::jwk::PublicJwk;
use crate::keys::{PrivateKey, PublicKey, Signer as _};
use crate::random;
use crate::secret::{SecretBytes, SecretVec};

/// The most bytes of a compact JWE: 4 MiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes of the decoded header: 16 KiB.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
const ECDH_ES: &str = "ECDH-ES";
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

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
    let recipient_key = recipient.encryption_key().map_err(|_| EncryptError::Recipient)?;
    // Base64url makes four characters of three bytes; the header and the fixed parts fit in what is left.
    if plaintext.len() > MAX_BYTES / 4 * 3 - 2 * MAX_HEADER_BYTES {
        return Err(EncryptError::TooLarge);
    }
    let ephemeral = PrivateKey::generate(entropy)?;
    let mut header = Map::new();
    header.insert("alg".to_owned(), Value::from(ECDH_ES));
    header.insert("enc".to_owned(), Value::from(enc.name()));
    if let Some(kid) = recipient.kid() {
        header.insert("kid".to_owned(), Value::from(kid));
    }
    header.insert("epk".to_owned(), ephemeral.public_key().to_jwk().to_value());
    for (name, info) in [("apu", &party_info.apu), ("apv", &party_info.apv)] {
        if let Some(info) = info {
            header.insert(name.to_owned(), Value::from(base64url::encode(info)));
        }
    }
    let header = Value::Object(header).to_string();
    if header.len() > MAX_HEADER_BYTES {
        return Err(EncryptError::TooLarge);
    }
    let header = base64url::encode(header.as_bytes());
    let key = concat_kdf(&ephemeral.agree(recipient_key), enc, party_info);
    let iv = random::bytes::<IV_BYTES>(entropy)?;
    let message = Payload { msg: plaintext, aad: header.as_bytes() };
    let sealed = match &key {
        ContentKey::A128Gcm(key) => Aes128Gcm::new(key.expose().into()).encrypt(&iv.into(), message),
        ContentKey::A256Gcm(key) => Aes256Gcm::new(key.expose().into()).encrypt(&iv.into(), message),
    };
    let sealed = sealed.map_err(|_| EncryptError::TooLarge)?;
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(EncryptError::TooLarge)?;
    let [iv, ciphertext, tag] = [&iv[..], ciphertext, &tag[..]].map(base64url::encode);
    Ok(format!("{header}..{iv}.{ciphertext}.{tag}"))
}

/// A parsed JWE, not yet decrypted.
#[derive(Clone, PartialEq)]
pub struct Jwe {
    /// The header as it came, which is what is authenticated (RFC 7516 section 5.2, step 15).
    header: String,
    kid: Option<String>,
    enc: ContentEncryption,
    ephemeral: PublicKey,
    party_info: PartyInfo,
    iv: [u8; IV_BYTES],
    /// The ciphertext and the tag after it.
    sealed: Vec<u8>,
}

impl Jwe {
    /// Parses the compact serialisation.
    ///
    /// # Errors
    /// See [`JweError`]; everything but [`JweError::Decryption`] is found here.
    pub fn parse(compact: &str) -> Result<Self, JweError> {
        if compact.len() > MAX_BYTES {
            return Err(JweError::TooLarge);
        }
        let mut parts = compact.split('.');
        let mut next = || parts.next().ok_or(JweError::Malformed);
        let (header, encrypted_key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        // RFC 7518 section 4.6: in direct key agreement the encrypted key is empty.
        if parts.next().is_some() || !encrypted_key.is_empty() {
            return Err(JweError::Malformed);
        }
        let bytes = |part: &str| base64url::decode(part).map_err(|_| JweError::Malformed);
        let members =
            json::parse_strict_object(&bytes(header)?, MAX_HEADER_BYTES).map_err(|_| JweError::Malformed)?;
        if members.contains_key("zip") {
            return Err(JweError::Compressed);
        }
        if members.contains_key("crit") {
            return Err(JweError::Critical);
        }
        if members.get("alg").and_then(Value::as_str) != Some(ECDH_ES) {
            return Err(JweError::Algorithm);
        }
        let enc = members.get("enc").and_then(Value::as_str).and_then(ContentEncryption::from_name);
        let enc = enc.ok_or(JweError::Algorithm)?;
        let ephemeral = members.get("epk").map(PublicJwk::from_value).ok_or(JweError::EphemeralKey)?;
        let ephemeral = *ephemeral.map_err(|_| JweError::EphemeralKey)?.key();
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(JweError::Malformed),
        };
        let info = |name: &str| text(name)?.map(bytes).transpose();
        let party_info = PartyInfo { apu: info("apu")?, apv: info("apv")? };
        let kid = text("kid")?.map(str::to_owned);
        let iv = <[u8; IV_BYTES]>::try_from(bytes(iv)?).map_err(|_| JweError::Malformed)?;
        let tag = <[u8; TAG_BYTES]>::try_from(bytes(tag)?).map_err(|_| JweError::Malformed)?;
        let mut sealed = bytes(ciphertext)?;
        sealed.extend_from_slice(&tag);
        Ok(Self { header: header.to_owned(), kid, enc, ephemeral, party_info, iv, sealed })
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
        &self.party_info
    }

    /// Decrypts.
    ///
    /// # Errors
    /// [`JweError::Decryption`].
    pub fn decrypt(&self, key: &PrivateKey) -> Result<SecretVec, JweError> {
        let message = Payload { msg: &self.sealed, aad: self.header.as_bytes() };
        match concat_kdf(&key.agree(&self.ephemeral), self.enc, &self.party_info) {
            ContentKey::A128Gcm(key) => Aes128Gcm::new(key.expose().into()).decrypt(&self.iv.into(), message),
            ContentKey::A256Gcm(key) => Aes256Gcm::new(key.expose().into()).decrypt(&self.iv.into(), message),
        }
        .map(SecretVec::new)
        .map_err(|_| JweError::Decryption)
    }
}

impl fmt::Debug for Jwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwe").field("enc", &self.enc).finish_non_exhaustive()
    }
}

/// The content encryption key, which direct key agreement yields.
enum ContentKey {
    A128Gcm(SecretBytes<16>),
    A256Gcm(SecretBytes<32>),
}

/// The Concat KDF of RFC 7518 section 4.6.2 (SP 800-56A section 5.8.1) in its one round, which SHA-256 suffices for.
fn concat_kdf(z: &SecretBytes<32>, enc: ContentEncryption, party_info: &PartyInfo) -> ContentKey {
    let bits: u32 = match enc {
        ContentEncryption::A128Gcm => 128,
        ContentEncryption::A256Gcm => 256,
    };
    let mut hash = Sha256::new();
    hash.update(1u32.to_be_bytes());
    hash.update(z.expose());
    let (apu, apv) = (party_info.apu.as_deref(), party_info.apv.as_deref());
    for part in [enc.name().as_bytes(), apu.unwrap_or_default(), apv.unwrap_or_default()] {
        // Both parts of the header are bounded by `MAX_HEADER_BYTES`, so the length fits.
        hash.update((part.len() as u32).to_be_bytes());
        hash.update(part);
    }
    hash.update(bits.to_be_bytes());
    let mut derived = SecretBytes::<32>::zero();
    hash.finalize_into(derived.expose_mut().into());
    match enc {
        ContentEncryption::A256Gcm => ContentKey::A256Gcm(derived),
        ContentEncryption::A128Gcm => {
            let mut key = SecretBytes::<16>::zero();
            for (to, from) in key.expose_mut().iter_mut().zip(derived.expose()) {
                *to = *from;
            }
            ContentKey::A128Gcm(key)
        }
    }
}

#[cfg(test)]
mod tests;
