//! `issuerAuth`: the issuer's COSE_Sign1 with its certificates (ISO/IEC 18013-5 9.1.2.4; RFC 9360; MD-6).

use crypto::PublicKey;
use crypto::cose::{CoseError, UnverifiedSign1, X5CHAIN};
use trust::CertificateChain;

/// Why `issuerAuth` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerAuthError {
    /// Not an untagged COSE_Sign1.
    #[error("issuerAuth is not a COSE_Sign1")]
    Malformed,
    /// `alg` is not protected or not ES256 (HA-1).
    #[error("issuerAuth is not signed with ES256")]
    Algorithm,
    /// The payload is detached.
    #[error("issuerAuth has no payload")]
    NoPayload,
    /// No `x5chain` in the unprotected header, or not certificates.
    #[error("issuerAuth has no readable certificates")]
    Certificates,
}

/// The parsed COSE_Sign1 and the bytes it came in.
#[derive(Clone)]
pub(crate) struct IssuerAuth {
    bytes: Vec<u8>,
    sign1: UnverifiedSign1,
    payload: Vec<u8>,
    chain: CertificateChain,
}

impl IssuerAuth {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, IssuerAuthError> {
        let sign1 = UnverifiedSign1::parse(bytes).map_err(|error| match error {
            CoseError::Algorithm => IssuerAuthError::Algorithm,
            _ => IssuerAuthError::Malformed,
        })?;
        // Read before the signature is checked, to know whose signature to check; only `verify` makes it count.
        let payload = sign1.dangerous_payload().ok_or(IssuerAuthError::NoPayload)?.to_vec();
        let chain = sign1.unprotected(X5CHAIN).ok_or(IssuerAuthError::Certificates)?;
        let chain = CertificateChain::from_x5chain(chain).map_err(|_| IssuerAuthError::Certificates)?;
        Ok(Self { bytes: bytes.to_vec(), sign1, payload, chain })
    }

    /// The bytes as received (MD-3).
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `MobileSecurityObjectBytes`, not verified.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The certificates, not verified.
    pub(crate) fn chain(&self) -> &CertificateChain {
        &self.chain
    }

    /// Whether the headers hold nothing but these labels.
    pub(crate) fn has_only_headers(&self, protected: &[i64], unprotected: &[i64]) -> bool {
        self.sign1.has_only(protected, unprotected)
    }

    /// Checks the signature over the payload (MD-16).
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), CoseError> {
        self.sign1.verify(key, &[]).map(drop)
    }
}
