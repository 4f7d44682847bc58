//! COSE_Sign1 (RFC 9052 section 4.2) with ES256 (RFC 9053 section 2.1), COSE_Key (RFC 9052 section 7) and `x5chain` (RFC 9360).

use crate::cbor::Value;
use crate::keys::{PublicKey, SignError, Signer};

/// The most bytes of one encoded COSE_Sign1: 1 MiB.
pub const MAX_SIGN1_BYTES: usize = 1024 * 1024;
/// The most certificates of an `x5chain`.
pub const MAX_CERTIFICATES: usize = 10;
/// The most bytes of one DER certificate: 32 KiB.
pub const MAX_CERTIFICATE_BYTES: usize = 32 * 1024;

/// Header label `alg`.
pub const ALG: i64 = 1;
/// Header label `crit`.
pub const CRIT: i64 = 2;
/// Header label `content type`.
pub const CONTENT_TYPE: i64 = 3;
/// Header label `kid`.
pub const KID: i64 = 4;
/// Header label `typ` (RFC 9596).
pub const TYP: i64 = 16;
/// Header label `x5chain` (RFC 9360).
pub const X5CHAIN: i64 = 33;

/// Why a COSE_Sign1 or COSE_Key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// Not CBOR of this shape, or too large.
    #[error("the COSE structure is malformed")]
    Malformed,
    /// `alg` is absent, unprotected, or neither ES256 (-7) nor ESP256 (-9).
    #[error("the COSE algorithm is not ES256")]
    Algorithm,
    /// `crit` names headers; none are understood (RFC 9052 section 3.1).
    #[error("the COSE header marks something critical")]
    Critical,
    /// A label stands in both header maps, or twice in one (RFC 9052 section 3).
    #[error("a COSE header label is repeated")]
    DuplicateLabel,
    /// The payload is attached where a detached one is expected, or the other way round.
    #[error("the COSE payload is not where it is expected")]
    Payload,
    /// The `x5chain` is empty, too long, or not certificates.
    #[error("the COSE certificate chain is malformed")]
    Chain,
    /// The signature does not fit.
    #[error("the COSE signature is invalid")]
    Signature,
    /// Not a P-256 public key.
    #[error("the COSE key is not a public key on P-256")]
    Key,
}

/// A parsed COSE_Sign1 whose signature has not been checked. The bytes of the protected header are kept as they came.
#[derive(Clone, PartialEq)]
pub struct UnverifiedSign1 {
    protected_bytes: Vec<u8>,
    protected: Vec<(Value, Value)>,
    unprotected: Vec<(Value, Value)>,
    payload: Option<Vec<u8>>,
    signature: Vec<u8>,
}

impl UnverifiedSign1 {
    /// Parses the untagged form (ISO/IEC 18013-5 section 9.1.2.4).
    ///
    /// # Errors
    /// See [`CoseError`]; the algorithm is already pinned here.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        todo!()
    }

    /// Parses the form a CWT has (RFC 8392): untagged, tagged 18, or tagged 61 around tagged 18.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn parse_cwt(bytes: &[u8]) -> Result<Self, CoseError> {
        todo!()
    }

    /// From an item inside another structure.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn from_value(value: Value) -> Result<Self, CoseError> {
        todo!()
    }

    /// The item as it goes into another structure.
    pub fn to_value(&self) -> Value {
        todo!()
    }

    /// The untagged encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::cbor::encode(&self.to_value())
    }

    /// A value of the protected header.
    pub fn protected(&self, label: i64) -> Option<&Value> {
        todo!()
    }

    /// A value of the unprotected header. Not signed.
    pub fn unprotected(&self, label: i64) -> Option<&Value> {
        todo!()
    }

    /// `x5chain` (label 33) of either header, leaf first, DER: the caller trusts nothing but the chain's own signatures.
    ///
    /// # Errors
    /// [`CoseError::Chain`]; `Ok` of an empty list if there is none.
    pub fn x5chain(&self) -> Result<Vec<Vec<u8>>, CoseError> {
        todo!()
    }

    /// The payload before any check of the signature, `None` if detached: to find out which key to verify with, and for nothing else.
    pub fn dangerous_payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }

    /// Checks the signature over the attached payload. `external_aad` is empty but where a specification says otherwise.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn verify(&self, key: &PublicKey, external_aad: &[u8]) -> Result<VerifiedSign1, CoseError> {
        todo!()
    }

    /// Checks the signature over a detached payload; an attached one is refused.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn verify_detached(
        &self,
        key: &PublicKey,
        payload: &[u8],
        external_aad: &[u8],
    ) -> Result<(), CoseError> {
        todo!()
    }
}

/// A COSE_Sign1 whose signature was checked. Made by [`UnverifiedSign1::verify`] only.
#[derive(Clone, PartialEq)]
pub struct VerifiedSign1 {
    protected: Vec<(Value, Value)>,
    payload: Vec<u8>,
}

impl VerifiedSign1 {
    /// The signed payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// A value of the protected header.
    pub fn protected(&self, label: i64) -> Option<&Value> {
        todo!()
    }
}

/// What to sign: headers without `alg`, which is set to ES256.
#[derive(Debug, Clone, Default)]
pub struct Sign1Builder {
    protected: Vec<(Value, Value)>,
    unprotected: Vec<(Value, Value)>,
}

impl Sign1Builder {
    /// No headers but `alg`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a protected header.
    #[must_use]
    pub fn protected(mut self, label: i64, value: Value) -> Self {
        self.protected.push((Value::from(label), value));
        self
    }

    /// Adds an unprotected header.
    #[must_use]
    pub fn unprotected(mut self, label: i64, value: Value) -> Self {
        self.unprotected.push((Value::from(label), value));
        self
    }

    /// Adds an unprotected `x5chain`, leaf first, as ISO/IEC 18013-5 wants it.
    #[must_use]
    pub fn x5chain(self, certificates: &[Vec<u8>]) -> Self {
        todo!()
    }

    /// Signs with the payload attached.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign(
        self,
        signer: &dyn Signer,
        payload: &[u8],
        external_aad: &[u8],
    ) -> Result<UnverifiedSign1, SignError> {
        todo!()
    }

    /// Signs with the payload left out.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign_detached(
        self,
        signer: &dyn Signer,
        payload: &[u8],
        external_aad: &[u8],
    ) -> Result<UnverifiedSign1, SignError> {
        todo!()
    }
}

/// The key as a COSE_Key: kty EC2, crv P-256, x, y.
pub fn key_to_value(key: &PublicKey) -> Value {
    todo!()
}

/// Reads a COSE_Key: kty EC2, crv P-256, x and y of 32 bytes, no private part.
///
/// # Errors
/// [`CoseError::Key`], [`CoseError::DuplicateLabel`].
pub fn key_from_value(value: &Value) -> Result<PublicKey, CoseError> {
    todo!()
}
