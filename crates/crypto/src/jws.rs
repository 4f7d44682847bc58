//! JWS with ES256 (RFC 7515, RFC 7518 section 3.4, RFC 8725).

use primitives::json::JsonError;
use serde_json::{Map, Value};

use crate::jwk::PublicJwk;
use crate::keys::{PublicKey, SignError, Signature, Signer};

/// The most bytes of a compact JWS unless the caller says otherwise: 1 MiB.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most bytes of the decoded header: 64 KiB.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;
/// The most certificates of an `x5c`.
pub const MAX_CERTIFICATES: usize = 10;
/// The most bytes of one DER certificate: 32 KiB.
pub const MAX_CERTIFICATE_BYTES: usize = 32 * 1024;

/// Why a JWS is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// More bytes than allowed.
    #[error("the JWS is too large")]
    TooLarge,
    /// Not three parts of strict base64url, or the header is not a JSON object.
    #[error("the JWS is malformed")]
    Malformed,
    /// The header, or the payload where a JSON object is expected, repeats a member.
    #[error("the JWS repeats a member")]
    DuplicateMember,
    /// `alg` is anything but `ES256`, `none` included.
    #[error("the JWS is not signed with ES256")]
    Algorithm,
    /// `crit` is present; no extension is understood (RFC 7515 section 4.1.11).
    #[error("the JWS marks an extension critical")]
    Critical,
    /// `b64` is present (RFC 7797).
    #[error("the JWS has an unencoded payload")]
    Unencoded,
    /// `typ` is absent or not the one expected (RFC 8725 section 3.11).
    #[error("the JWS is of another type")]
    Type,
    /// `jwk` is private, not on P-256 or malformed.
    #[error("the key in the JWS header cannot be used")]
    HeaderKey,
    /// `x5c` is empty, too long, or not strict base64.
    #[error("the certificate chain in the JWS header is malformed")]
    Chain,
    /// The signature does not fit.
    #[error("the JWS signature is invalid")]
    Signature,
    /// The payload is not a JSON object.
    #[error("the JWS payload is not a JSON object")]
    Payload,
}

/// The protected header: read strictly, its algorithm pinned, not yet trusted unless it comes from a [`VerifiedJws`].
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    members: Map<String, Value>,
    x5c: Vec<Vec<u8>>,
    jwk: Option<PublicJwk>,
}

impl Header {
    /// `typ`.
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// `x5c`, leaf first, DER; empty if absent.
    pub fn x5c(&self) -> &[Vec<u8>] {
        &self.x5c
    }

    /// `jwk`.
    pub fn jwk(&self) -> Option<&PublicJwk> {
        self.jwk.as_ref()
    }

    /// Any member.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

/// A parsed JWS whose signature has not been checked.
#[derive(Clone, PartialEq)]
pub struct UnverifiedJws {
    header: Header,
    payload: Vec<u8>,
    signing_input: String,
    signature: Signature,
}

impl UnverifiedJws {
    /// Parses the compact serialisation, at most [`MAX_BYTES`] bytes.
    ///
    /// # Errors
    /// See [`JwsError`].
    pub fn parse(compact: &str) -> Result<Self, JwsError> {
        Self::parse_bounded(compact, MAX_BYTES)
    }

    /// Parses the compact serialisation, at most `max_bytes` bytes.
    ///
    /// # Errors
    /// See [`JwsError`].
    pub fn parse_bounded(compact: &str, max_bytes: usize) -> Result<Self, JwsError> {
        todo!()
    }

    /// The header, to find out which key to verify with.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload before any check of the signature: to find out which key to verify with, and for nothing else.
    pub fn dangerous_payload(&self) -> &[u8] {
        &self.payload
    }

    /// As [`dangerous_payload`](Self::dangerous_payload), as a strict JSON object.
    ///
    /// # Errors
    /// [`JwsError::Payload`], [`JwsError::DuplicateMember`].
    pub fn dangerous_claims(&self) -> Result<Map<String, Value>, JwsError> {
        todo!()
    }

    /// Checks type and signature. `application/` before either type is ignored (RFC 7515 section 4.1.9); otherwise they are equal.
    ///
    /// # Errors
    /// [`JwsError::Type`], [`JwsError::Signature`].
    pub fn verify(&self, key: &PublicKey, typ: &str) -> Result<VerifiedJws, JwsError> {
        self.verify_one_of(key, &[typ])
    }

    /// As [`verify`](Self::verify), for several types.
    ///
    /// # Errors
    /// [`JwsError::Type`], [`JwsError::Signature`].
    pub fn verify_one_of(&self, key: &PublicKey, types: &[&str]) -> Result<VerifiedJws, JwsError> {
        todo!()
    }

    /// Checks the signature but not the type: only where a specification gives the object no type.
    ///
    /// # Errors
    /// [`JwsError::Signature`].
    pub fn dangerous_verify_any_type(&self, key: &PublicKey) -> Result<VerifiedJws, JwsError> {
        todo!()
    }
}

/// A JWS whose signature and type were checked. Made by [`UnverifiedJws::verify`] and its siblings only.
#[derive(Clone, PartialEq)]
pub struct VerifiedJws {
    header: Header,
    payload: Vec<u8>,
}

impl VerifiedJws {
    /// The signed header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The signed payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signed payload as a strict JSON object.
    ///
    /// # Errors
    /// [`JwsError::Payload`], [`JwsError::DuplicateMember`].
    pub fn claims(&self) -> Result<Map<String, Value>, JwsError> {
        todo!()
    }
}

/// The header to sign, without `alg`, which is set to `ES256`.
#[derive(Debug, Clone, Default)]
pub struct HeaderBuilder {
    members: Map<String, Value>,
}

impl HeaderBuilder {
    /// A header of this `typ`.
    pub fn new(typ: &str) -> Self {
        Self::default().member("typ", Value::from(typ))
    }

    /// Without `typ`: only where a specification gives the object no type.
    pub fn without_type() -> Self {
        Self::default()
    }

    /// Sets `kid`.
    #[must_use]
    pub fn kid(self, kid: &str) -> Self {
        self.member("kid", Value::from(kid))
    }

    /// Sets `jwk`.
    #[must_use]
    pub fn jwk(self, jwk: &PublicJwk) -> Self {
        self.member("jwk", jwk.to_value())
    }

    /// Sets `x5c` from DER certificates, leaf first.
    #[must_use]
    pub fn x5c(self, certificates: &[Vec<u8>]) -> Self {
        let encoded = certificates.iter().map(|der| Value::from(primitives::base64url::encode_standard(der)));
        self.member("x5c", encoded.collect())
    }

    /// Sets any other member.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Signs a payload; the result is the compact serialisation.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign(self, payload: &[u8], signer: &dyn Signer) -> Result<String, SignError> {
        todo!()
    }

    /// Signs claims.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign_claims(self, claims: &Map<String, Value>, signer: &dyn Signer) -> Result<String, SignError> {
        todo!()
    }
}

/// The JWSs of a general or flattened JSON serialisation (RFC 7515 section 7.2), each with the shared payload: one entry a signature, in order;
/// an entry that is not acceptable on its own (another algorithm, say) is an error in its place, so that the caller can choose among the others.
///
/// # Errors
/// See [`JwsError`], for the whole.
pub fn parse_json_serialization(value: &Value) -> Result<Vec<Result<UnverifiedJws, JwsError>>, JwsError> {
    todo!()
}
