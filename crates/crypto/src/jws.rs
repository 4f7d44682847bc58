//! JWS with ES256 (RFC 7515, RFC 7518 section 3.4, RFC 8725).

use std::fmt;
use std::sync::Arc;

use primitives::base64url;
use primitives::json::{self, JsonError};
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
/// The most signatures of a general JSON serialisation.
pub const MAX_SIGNATURES: usize = 16;
const ES256: &str = "ES256";

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
    fn parse(bytes: &[u8]) -> Result<Self, JwsError> {
        let members = json::parse_strict_object(bytes, MAX_HEADER_BYTES).map_err(|error| match error {
            JsonError::TooLarge => JwsError::TooLarge,
            JsonError::DuplicateMember => JwsError::DuplicateMember,
            JsonError::TooDeep | JsonError::Syntax | JsonError::NotAnObject => JwsError::Malformed,
        })?;
        if members.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        if members.contains_key("b64") {
            return Err(JwsError::Unencoded);
        }
        if members.get("alg").and_then(Value::as_str) != Some(ES256) {
            return Err(JwsError::Algorithm);
        }
        if ["typ", "kid"].iter().any(|name| members.get(*name).is_some_and(|value| !value.is_string())) {
            return Err(JwsError::Malformed);
        }
        let x5c = members.get("x5c").map(certificates).transpose()?.unwrap_or_default();
        let jwk =
            members.get("jwk").map(PublicJwk::from_value).transpose().map_err(|_| JwsError::HeaderKey)?;
        Ok(Self { members, x5c, jwk })
    }

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

/// What is signed: one copy, before the signature was checked and after.
#[derive(PartialEq)]
struct Content {
    header: Header,
    payload: Vec<u8>,
}

/// A parsed JWS whose signature has not been checked.
#[derive(Clone, PartialEq)]
pub struct UnverifiedJws {
    content: Arc<Content>,
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
        if compact.len() > max_bytes {
            return Err(JwsError::TooLarge);
        }
        let mut parts = compact.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(header), Some(payload), Some(signature), None) => {
                Self::from_parts(header, payload, signature)
            }
            _ => Err(JwsError::Malformed),
        }
    }

    fn from_parts(header: &str, payload: &str, signature: &str) -> Result<Self, JwsError> {
        // Checked on the text, so that no more than this is decoded.
        if header.len() > (MAX_HEADER_BYTES * 4).div_ceil(3) {
            return Err(JwsError::TooLarge);
        }
        let bytes = |part: &str| base64url::decode(part).map_err(|_| JwsError::Malformed);
        let header_bytes = bytes(header)?;
        Ok(Self {
            content: Arc::new(Content { header: Header::parse(&header_bytes)?, payload: bytes(payload)? }),
            signing_input: format!("{header}.{payload}"),
            signature: Signature::from_slice(&bytes(signature)?).ok_or(JwsError::Signature)?,
        })
    }

    /// The header, to find out which key to verify with.
    pub fn header(&self) -> &Header {
        &self.content.header
    }

    /// The payload before any check of the signature: to find out which key to verify with, and for nothing else.
    pub fn dangerous_payload(&self) -> &[u8] {
        &self.content.payload
    }

    /// As [`dangerous_payload`](Self::dangerous_payload), as a strict JSON object.
    ///
    /// # Errors
    /// [`JwsError::Payload`], [`JwsError::DuplicateMember`].
    pub fn dangerous_claims(&self) -> Result<Map<String, Value>, JwsError> {
        claims_of(self.dangerous_payload())
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
        let typ = short_type(self.header().typ().ok_or(JwsError::Type)?);
        if !types.iter().any(|expected| short_type(expected) == typ) {
            return Err(JwsError::Type);
        }
        self.dangerous_verify_any_type(key)
    }

    /// Checks the signature but not the type: only where a specification gives the object no type.
    ///
    /// # Errors
    /// [`JwsError::Signature`].
    pub fn dangerous_verify_any_type(&self, key: &PublicKey) -> Result<VerifiedJws, JwsError> {
        key.verify(self.signing_input.as_bytes(), &self.signature).map_err(|_| JwsError::Signature)?;
        Ok(VerifiedJws { content: Arc::clone(&self.content) })
    }
}

impl fmt::Debug for UnverifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJws").field("typ", &self.header().typ()).finish_non_exhaustive()
    }
}

/// A JWS whose signature and type were checked. Made by [`UnverifiedJws::verify`] and its siblings only.
#[derive(Clone, PartialEq)]
pub struct VerifiedJws {
    content: Arc<Content>,
}

impl VerifiedJws {
    /// The signed header.
    pub fn header(&self) -> &Header {
        &self.content.header
    }

    /// The signed payload.
    pub fn payload(&self) -> &[u8] {
        &self.content.payload
    }

    /// The signed payload as a strict JSON object.
    ///
    /// # Errors
    /// [`JwsError::Payload`], [`JwsError::DuplicateMember`].
    pub fn claims(&self) -> Result<Map<String, Value>, JwsError> {
        claims_of(self.payload())
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws").field("typ", &self.header().typ()).finish_non_exhaustive()
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
        let encoded = certificates.iter().map(|der| Value::from(base64url::encode_standard(der)));
        self.member("x5c", encoded.collect())
    }

    /// Sets any other member; `alg` stays `ES256` whatever is set.
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
        let mut header = Map::new();
        header.insert("alg".to_owned(), Value::from(ES256));
        header.extend(self.members.into_iter().filter(|(name, _)| name != "alg"));
        let header = Value::Object(header).to_string();
        let signing_input =
            format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload));
        let signature = signer.sign(signing_input.as_bytes())?;
        Ok(format!("{signing_input}.{}", base64url::encode(signature.as_bytes())))
    }

    /// Signs claims.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign_claims(self, claims: &Map<String, Value>, signer: &dyn Signer) -> Result<String, SignError> {
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Failed)?;
        self.sign(&payload, signer)
    }
}

/// The JWSs of a general or flattened JSON serialisation (RFC 7515 section 7.2), each with the shared payload: one entry a signature, in order;
/// an entry that is not acceptable on its own (another algorithm, say) is an error in its place, so that the caller can choose among the others.
/// Unprotected headers are not used; one that repeats a protected member is an error.
///
/// # Errors
/// See [`JwsError`], for the whole.
pub fn parse_json_serialization(value: &Value) -> Result<Vec<Result<UnverifiedJws, JwsError>>, JwsError> {
    let whole = value.as_object().ok_or(JwsError::Malformed)?;
    let payload = whole.get("payload").and_then(Value::as_str).ok_or(JwsError::Malformed)?;
    if payload.len() > MAX_BYTES {
        return Err(JwsError::TooLarge);
    }
    let flattened = whole.contains_key("signature") || whole.contains_key("protected");
    let signatures = match whole.get("signatures") {
        None => std::slice::from_ref(value),
        // Section 7.2.2: the two forms do not mix.
        Some(Value::Array(signatures)) if !flattened => signatures.as_slice(),
        Some(_) => return Err(JwsError::Malformed),
    };
    if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
        return Err(JwsError::Malformed);
    }
    Ok(signatures.iter().map(|signature| parse_one_signature(signature, payload)).collect())
}

fn parse_one_signature(entry: &Value, payload: &str) -> Result<UnverifiedJws, JwsError> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).ok_or(JwsError::Malformed);
    let jws = UnverifiedJws::from_parts(text("protected")?, payload, text("signature")?)?;
    let empty = Map::new();
    let unprotected = match entry.get("header") {
        None => &empty,
        Some(Value::Object(unprotected)) => unprotected,
        Some(_) => return Err(JwsError::Malformed),
    };
    if unprotected.contains_key("crit") {
        return Err(JwsError::Critical);
    }
    if unprotected.keys().any(|name| jws.header().members.contains_key(name)) {
        return Err(JwsError::DuplicateMember);
    }
    Ok(jws)
}

fn certificates(x5c: &Value) -> Result<Vec<Vec<u8>>, JwsError> {
    let entries = x5c.as_array().ok_or(JwsError::Chain)?;
    if entries.is_empty() || entries.len() > MAX_CERTIFICATES {
        return Err(JwsError::Chain);
    }
    entries
        .iter()
        .map(|entry| {
            let text = entry.as_str().ok_or(JwsError::Chain)?;
            // Four characters for three bytes: bounded before decoding.
            if text.is_empty() || text.len() > MAX_CERTIFICATE_BYTES.div_ceil(3) * 4 {
                return Err(JwsError::Chain);
            }
            base64url::decode_standard(text).map_err(|_| JwsError::Chain)
        })
        .collect()
}

fn claims_of(payload: &[u8]) -> Result<Map<String, Value>, JwsError> {
    json::parse_strict_object(payload, payload.len()).map_err(|error| match error {
        JsonError::DuplicateMember => JwsError::DuplicateMember,
        JsonError::TooLarge | JsonError::TooDeep | JsonError::Syntax | JsonError::NotAnObject => {
            JwsError::Payload
        }
    })
}

/// RFC 7515 section 4.1.9: `application/` may be left out.
fn short_type(typ: &str) -> &str {
    typ.strip_prefix("application/").unwrap_or(typ)
}
