//! COSE_Sign1 (RFC 9052 section 4.2) with ES256 (RFC 9053 section 2.1), COSE_Key (RFC 9052 section 7) and `x5chain` (RFC 9360).

use std::collections::HashSet;
use std::fmt;

use crate::cbor::{self, CborError, Value};
use crate::keys::{PublicKey, SignError, Signature, Signer};

/// The most bytes of one encoded COSE_Sign1 that are read where the caller says nothing else: 1 MiB.
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
    signature: Signature,
}

impl UnverifiedSign1 {
    /// Parses the untagged form (ISO/IEC 18013-5 section 9.1.2.4).
    ///
    /// # Errors
    /// See [`CoseError`]; the algorithm is already pinned here.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        Self::from_value(read(bytes, MAX_SIGN1_BYTES)?)
    }

    /// Parses the form a CWT has (RFC 8392): untagged, tagged 18, or tagged 61 around tagged 18.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn parse_cwt(bytes: &[u8]) -> Result<Self, CoseError> {
        Self::parse_cwt_bounded(bytes, MAX_SIGN1_BYTES)
    }

    /// As [`Self::parse_cwt`], for a kind of token that may be larger: of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn parse_cwt_bounded(bytes: &[u8], max_bytes: usize) -> Result<Self, CoseError> {
        let mut value = read(bytes, max_bytes)?;
        for expected in [CWT_TAG, SIGN1_TAG] {
            value = match value {
                Value::Tag(tag, inner) if tag == expected => *inner,
                other => other,
            };
        }
        Self::from_value(value)
    }

    /// From an item inside another structure.
    ///
    /// # Errors
    /// See [`CoseError`].
    pub fn from_value(value: Value) -> Result<Self, CoseError> {
        let elements = value.into_array().map_err(|_| CoseError::Malformed)?;
        let [protected, unprotected, payload, signature] =
            <[Value; 4]>::try_from(elements).map_err(|_| CoseError::Malformed)?;
        let (Value::Bytes(protected_bytes), Value::Map(unprotected), Value::Bytes(signature)) =
            (protected, unprotected, signature)
        else {
            return Err(CoseError::Malformed);
        };
        let payload = match payload {
            Value::Bytes(payload) => Some(payload),
            Value::Null => None,
            _ => return Err(CoseError::Malformed),
        };
        // An empty header may be an empty byte string (RFC 9052 section 3); it has no `alg` then.
        if protected_bytes.is_empty() {
            return Err(CoseError::Algorithm);
        }
        let Value::Map(protected) = read(&protected_bytes, MAX_SIGN1_BYTES)? else {
            return Err(CoseError::Malformed);
        };
        refuse_repeated_labels(&protected, &unprotected)?;
        if cbor::by_label(&protected, CRIT).or(cbor::by_label(&unprotected, CRIT)).is_some() {
            return Err(CoseError::Critical);
        }
        match cbor::by_label(&protected, ALG).and_then(Value::as_integer).map(i128::from) {
            Some(ES256 | ESP256) => {}
            _ => return Err(CoseError::Algorithm),
        }
        let signature = Signature::from_slice(&signature).ok_or(CoseError::Malformed)?;
        Ok(Self { protected_bytes, protected, unprotected, payload, signature })
    }

    /// The item as it goes into another structure.
    pub fn to_value(&self) -> Value {
        Value::Array(vec![
            Value::Bytes(self.protected_bytes.clone()),
            Value::Map(self.unprotected.clone()),
            self.payload.clone().map_or(Value::Null, Value::Bytes),
            Value::Bytes(self.signature.as_bytes().to_vec()),
        ])
    }

    /// The untagged encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&self.to_value())
    }

    /// The encoding tagged 18, as a CWT has it.
    pub fn to_tagged_bytes(&self) -> Vec<u8> {
        cbor::encode(&Value::Tag(SIGN1_TAG, Box::new(self.to_value())))
    }

    /// A value of the protected header.
    pub fn protected(&self, label: i64) -> Option<&Value> {
        cbor::by_label(&self.protected, label)
    }

    /// A value of the unprotected header. Not signed.
    pub fn unprotected(&self, label: i64) -> Option<&Value> {
        cbor::by_label(&self.unprotected, label)
    }

    /// Whether the headers hold nothing but these labels.
    pub fn has_only(&self, protected: &[i64], unprotected: &[i64]) -> bool {
        let only = |header: &[(Value, Value)], known: &[i64]| {
            let mut labels = header.iter().map(|(label, _)| label.as_integer().map(i128::from));
            labels
                .all(|label| label.is_some_and(|label| known.iter().any(|known| i128::from(*known) == label)))
        };
        only(&self.protected, protected) && only(&self.unprotected, unprotected)
    }

    /// `x5chain` (label 33) of either header, leaf first, DER: the caller trusts nothing but the chain's own signatures.
    ///
    /// # Errors
    /// [`CoseError::Chain`]; `Ok` of an empty list if there is none.
    pub fn x5chain(&self) -> Result<Vec<Vec<u8>>, CoseError> {
        let certificates = match self.protected(X5CHAIN).or(self.unprotected(X5CHAIN)) {
            None => return Ok(Vec::new()),
            Some(Value::Array(certificates)) => certificates.as_slice(),
            Some(certificate) => std::slice::from_ref(certificate),
        };
        if certificates.is_empty() || certificates.len() > MAX_CERTIFICATES {
            return Err(CoseError::Chain);
        }
        certificates
            .iter()
            .map(|certificate| match certificate {
                Value::Bytes(der) if !der.is_empty() && der.len() <= MAX_CERTIFICATE_BYTES => Ok(der.clone()),
                _ => Err(CoseError::Chain),
            })
            .collect()
    }

    /// The payload before any check of the signature, `None` if detached: to find out which key to verify with, and for nothing else.
    pub fn dangerous_payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }

    /// Checks the signature over the attached payload. `external_aad` is empty but where a specification says otherwise.
    ///
    /// # Errors
    /// [`CoseError::Payload`], [`CoseError::Signature`].
    pub fn verify(&self, key: &PublicKey, external_aad: &[u8]) -> Result<VerifiedSign1, CoseError> {
        let payload = self.payload.as_deref().ok_or(CoseError::Payload)?;
        self.check(key, payload, external_aad)?;
        Ok(VerifiedSign1 { protected: self.protected.clone(), payload: payload.to_vec() })
    }

    /// Checks the signature over a detached payload; an attached one is refused.
    ///
    /// # Errors
    /// [`CoseError::Payload`], [`CoseError::Signature`].
    pub fn verify_detached(
        &self,
        key: &PublicKey,
        payload: &[u8],
        external_aad: &[u8],
    ) -> Result<(), CoseError> {
        if self.payload.is_some() {
            return Err(CoseError::Payload);
        }
        self.check(key, payload, external_aad)
    }

    fn check(&self, key: &PublicKey, payload: &[u8], external_aad: &[u8]) -> Result<(), CoseError> {
        let signed = sig_structure(&self.protected_bytes, external_aad, payload);
        key.verify(&signed, &self.signature).map_err(|_| CoseError::Signature)
    }
}

impl fmt::Debug for UnverifiedSign1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload_bytes = self.payload.as_ref().map(Vec::len);
        f.debug_struct("UnverifiedSign1").field("payload_bytes", &payload_bytes).finish_non_exhaustive()
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
        cbor::by_label(&self.protected, label)
    }
}

impl fmt::Debug for VerifiedSign1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedSign1").field("payload_bytes", &self.payload.len()).finish_non_exhaustive()
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

    /// Adds an unprotected `x5chain`, leaf first, as ISO/IEC 18013-5 section 9.1.2.4 wants it: one certificate as such, several as an array.
    #[must_use]
    pub fn x5chain(self, certificates: &[Vec<u8>]) -> Self {
        let value = match certificates {
            [certificate] => Value::Bytes(certificate.clone()),
            certificates => Value::Array(certificates.iter().cloned().map(Value::Bytes).collect()),
        };
        self.unprotected(X5CHAIN, value)
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
        let mut signed = self.sign_detached(signer, payload, external_aad)?;
        signed.payload = Some(payload.to_vec());
        Ok(signed)
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
        let mut protected = vec![(Value::from(ALG), Value::from(-7))];
        protected.extend(self.protected);
        // What could not be read back is not signed.
        if refuse_repeated_labels(&protected, &self.unprotected).is_err() {
            return Err(SignError::Failed);
        }
        let protected_bytes = cbor::encode(&Value::Map(protected.clone()));
        let signature = signer.sign(&sig_structure(&protected_bytes, external_aad, payload))?;
        Ok(UnverifiedSign1 {
            protected_bytes,
            protected,
            unprotected: self.unprotected,
            payload: None,
            signature,
        })
    }
}

const ES256: i128 = -7;
/// ES256 with the curve fixed (RFC 9864).
const ESP256: i128 = -9;
const SIGN1_TAG: u64 = 18;
const CWT_TAG: u64 = 61;

fn read(bytes: &[u8], max_bytes: usize) -> Result<Value, CoseError> {
    cbor::parse(bytes, max_bytes).map_err(|error| match error {
        CborError::DuplicateKey => CoseError::DuplicateLabel,
        CborError::TooLarge | CborError::Syntax => CoseError::Malformed,
    })
}

/// RFC 9052 section 3: labels are integers or text and occur once in both maps together.
fn refuse_repeated_labels(
    protected: &[(Value, Value)],
    unprotected: &[(Value, Value)],
) -> Result<(), CoseError> {
    let mut seen = HashSet::new();
    for (label, _) in protected.iter().chain(unprotected) {
        if !matches!(label, Value::Integer(_) | Value::Text(_)) {
            return Err(CoseError::Malformed);
        }
        if !seen.insert(cbor::encode(label)) {
            return Err(CoseError::DuplicateLabel);
        }
    }
    Ok(())
}

/// RFC 9052 section 4.4.
fn sig_structure(protected_bytes: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    cbor::encode(&Value::Array(vec![
        Value::from("Signature1"),
        Value::Bytes(protected_bytes.to_vec()),
        Value::Bytes(external_aad.to_vec()),
        Value::Bytes(payload.to_vec()),
    ]))
}

/// The key as a COSE_Key: kty EC2, crv P-256, x, y.
pub fn key_to_value(key: &PublicKey) -> Value {
    let (x, y) = key.coordinates();
    Value::Map(vec![
        (Value::from(1), Value::from(2)),
        (Value::from(-1), Value::from(1)),
        (Value::from(-2), Value::Bytes(x.to_vec())),
        (Value::from(-3), Value::Bytes(y.to_vec())),
    ])
}

/// Reads a COSE_Key: kty EC2, crv P-256, x and y of 32 bytes, no private part.
///
/// # Errors
/// [`CoseError::Key`], [`CoseError::DuplicateLabel`].
pub fn key_from_value(value: &Value) -> Result<PublicKey, CoseError> {
    let entries = value.as_map().ok_or(CoseError::Key)?;
    refuse_repeated_labels(entries, &[]).map_err(|error| match error {
        CoseError::DuplicateLabel => error,
        _ => CoseError::Key,
    })?;
    let number = |label| cbor::by_label(entries, label).and_then(Value::as_integer).map(i128::from);
    let coordinate = |label| -> Option<&[u8; 32]> {
        cbor::by_label(entries, label)?.as_bytes()?.as_slice().try_into().ok()
    };
    let private = cbor::by_label(entries, -4).is_some();
    match (number(1), number(-1), coordinate(-2), coordinate(-3)) {
        (Some(2), Some(1), Some(x), Some(y)) if !private => {
            PublicKey::from_coordinates(x, y).map_err(|_| CoseError::Key)
        }
        _ => Err(CoseError::Key),
    }
}
