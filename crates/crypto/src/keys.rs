//! P-256 keys and ES256 signatures (FIPS 186-5, SEC 1, RFC 7518 section 3.4).

use std::fmt;

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding,
};
use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::jwk::PublicJwk;
use crate::secret::{SecretBytes, SecretVec};

/// Bytes that are not a P-256 key in the form expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a point of P-256 in SEC 1 uncompressed form, or the point at infinity.
    #[error("not a public key on P-256")]
    Public,
    /// Not a scalar of P-256 in PKCS#8.
    #[error("not a private key on P-256")]
    Private,
}

/// The signature does not fit key and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is invalid")]
pub struct SignatureInvalid;

/// Why a signer did not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key is locked, gone, or its hardware does not answer.
    #[error("the key cannot be used now")]
    KeyUnavailable,
    /// The signing itself failed.
    #[error("signing failed")]
    Failed,
}

impl Refusal for SignError {
    fn code(&self) -> &'static str {
        match self {
            Self::KeyUnavailable => "key_unavailable",
            Self::Failed => "signing_failed",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        match self {
            Self::KeyUnavailable => Blame::Computer,
            Self::Failed => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// An ES256 signature: r and s, 32 bytes each, big endian (RFC 7518 section 3.4, RFC 9053 section 2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// From r and s; whether they are in range is found when verifying.
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// From a slice; `None` unless it has 64 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From the DER form that X.509 uses.
    ///
    /// # Errors
    /// [`SignatureInvalid`] if it is not strict DER with r and s in range.
    pub fn from_der(der: &[u8]) -> Result<Self, SignatureInvalid> {
        let signature = p256::ecdsa::Signature::from_der(der).map_err(|_| SignatureInvalid)?;
        Ok(Self(signature.to_bytes().into()))
    }

    /// r and s.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The DER form that X.509 uses.
    ///
    /// # Errors
    /// [`SignatureInvalid`] if r or s is out of range.
    pub fn to_der(&self) -> Result<Vec<u8>, SignatureInvalid> {
        Ok(self.in_range()?.to_der().as_bytes().to_vec())
    }

    fn in_range(&self) -> Result<p256::ecdsa::Signature, SignatureInvalid> {
        p256::ecdsa::Signature::from_slice(&self.0).map_err(|_| SignatureInvalid)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(64 bytes)")
    }
}

/// A public key on P-256: a valid point that is not the point at infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(p256::PublicKey);

impl PublicKey {
    /// From the SEC 1 compressed form: `02` or `03` and x, 33 bytes (`did:key`).
    ///
    /// # Errors
    /// [`KeyError::Public`]; uncompressed points are refused too.
    pub fn from_sec1_compressed(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() != 33 || !matches!(bytes.first(), Some(0x02 | 0x03)) {
            return Err(KeyError::Public);
        }
        p256::PublicKey::from_sec1_bytes(bytes).map(Self).map_err(|_| KeyError::Public)
    }

    /// From the SEC 1 uncompressed form: `04`, x, y, 65 bytes.
    ///
    /// # Errors
    /// [`KeyError::Public`]; compressed points are refused too.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() != 65 || bytes.first() != Some(&0x04) {
            return Err(KeyError::Public);
        }
        p256::PublicKey::from_sec1_bytes(bytes).map(Self).map_err(|_| KeyError::Public)
    }

    /// From the affine coordinates, big endian.
    ///
    /// # Errors
    /// [`KeyError::Public`] if the point is not on the curve.
    pub fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, KeyError> {
        let sec1: Vec<u8> = std::iter::once(0x04).chain(x.iter().copied()).chain(y.iter().copied()).collect();
        Self::from_sec1(&sec1)
    }

    /// From a DER `SubjectPublicKeyInfo` (RFC 5480): id-ecPublicKey with the named curve P-256.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        p256::PublicKey::from_public_key_der(der).map(Self).map_err(|_| KeyError::Public)
    }

    /// The DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`KeyError::Public`]; does not happen for a valid point.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        self.0.to_public_key_der().map(|document| document.as_bytes().to_vec()).map_err(|_| KeyError::Public)
    }

    /// The SEC 1 uncompressed form, 65 bytes.
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut sec1 = [0; 65];
        for (to, from) in sec1.iter_mut().zip(self.0.to_sec1_point(false).as_bytes()) {
            *to = *from;
        }
        sec1
    }

    /// The affine coordinates x and y, big endian.
    pub fn coordinates(&self) -> ([u8; 32], [u8; 32]) {
        let (mut x, mut y) = ([0; 32], [0; 32]);
        let sec1 = self.to_sec1();
        for (to, from) in x.iter_mut().chain(y.iter_mut()).zip(sec1.iter().skip(1)) {
            *to = *from;
        }
        (x, y)
    }

    /// The key as a JWK without further members.
    pub fn to_jwk(&self) -> PublicJwk {
        PublicJwk::new(*self)
    }

    /// The RFC 7638 thumbprint with SHA-256.
    pub fn thumbprint(&self) -> [u8; 32] {
        self.to_jwk().thumbprint()
    }

    /// Checks an ES256 signature over `message`. High s is accepted: neither JOSE nor COSE forbids it; r and s out
    /// of range are not. `ring` verifies (docs/decisions/0005-ring-verifies.md).
    ///
    /// # Errors
    /// [`SignatureInvalid`].
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureInvalid> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.to_sec1())
            .verify(message, &signature.0)
            .map_err(|_| SignatureInvalid)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", primitives::base64url::encode(&self.thumbprint()))
    }
}

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.to_sec1().hash(state);
    }
}

/// Whoever can sign with ES256: a key in memory, a key behind a keyring or in hardware.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// Signs `message` (hashed inside with SHA-256).
    ///
    /// # Errors
    /// See [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// A private key on P-256 in memory: wiped when dropped, never printed, never serialised but as PKCS#8 on demand.
#[derive(Clone)]
pub struct PrivateKey(
    /// With the public half, so that it is computed once and not with each signature.
    SigningKey,
);

impl PrivateKey {
    /// A fresh key, its scalar by FIPS 186-5 A.2.1 from 320 random bits.
    ///
    /// # Errors
    /// [`EntropyUnavailable`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        let seed = SecretBytes::<40>::random(entropy)?;
        Ok(crate::derive::private_key_from_extra_bits(&seed))
    }

    /// From a scalar, big endian.
    ///
    /// # Errors
    /// [`KeyError::Private`] if it is zero or not below the order.
    pub fn from_scalar(scalar: &SecretBytes<32>) -> Result<Self, KeyError> {
        SigningKey::from_slice(scalar.expose()).map(Self).map_err(|_| KeyError::Private)
    }

    /// From PKCS#8 in PEM (`PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyError::Private`].
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_pem(pem).map(Self).map_err(|_| KeyError::Private)
    }

    /// From PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError::Private`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_der(der).map(Self).map_err(|_| KeyError::Private)
    }

    /// As PKCS#8 in PEM, for the key files of issuers and verifiers. Holder keys are never written.
    ///
    /// # Errors
    /// [`KeyError::Private`]; does not happen for a valid key.
    pub fn to_pkcs8_pem(&self) -> Result<SecretVec, KeyError> {
        let pem: Zeroizing<String> = self.0.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Private)?;
        Ok(SecretVec::new(pem.as_bytes().to_vec()))
    }

    /// The ECDH shared secret Z, the x coordinate (SP 800-56A section 5.7.1.2). Never a key itself: derive one from it.
    pub fn agree(&self, other: &PublicKey) -> SecretBytes<32> {
        let shared = p256::ecdh::diffie_hellman(self.0.as_nonzero_scalar(), other.0.as_affine());
        let mut z = SecretBytes::zero();
        z.expose_mut().copy_from_slice(shared.raw_secret_bytes());
        z
    }

    pub(crate) fn from_secret_key(key: p256::SecretKey) -> Self {
        Self(SigningKey::from(key))
    }
}

impl Signer for PrivateKey {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().into())
    }

    /// Deterministic by RFC 6979.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let signature: p256::ecdsa::Signature = self.0.try_sign(message).map_err(|_| SignError::Failed)?;
        Ok(Signature(signature.to_bytes().into()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for std::sync::Arc<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        (**self).sign(message)
    }
}
