//! The `jwt` key proof, made and checked.
//!
//! Clauses: OpenID4VCI 1.0 section 8.2, appendix F.1; CI-14 to CI-16.

use crypto::jws::JwsError;
use crypto::{PublicKey, Signer};
use primitives::Instant;
use serde_json::Value;

use crate::claims::{self, SigningFailed};

/// `typ` of a key proof (CI-16).
pub const PROOF_TYP: &str = "openid4vci-proof+jwt";
/// How far `iat` may be from the issuer's clock, to both sides, in seconds.
pub const IAT_WINDOW_SECONDS: i64 = 300;

/// What a proof says.
#[derive(Debug, Clone, Copy)]
pub struct ProofContent<'a> {
    /// The credential issuer's identifier (`aud`).
    pub issuer: &'a str,
    /// The issuer's `c_nonce`, if it has a nonce endpoint.
    pub nonce: Option<&'a str>,
    /// The `client_id` (`iss`); absent for anonymous pre-authorized codes.
    pub client_id: Option<&'a str>,
    /// A key attestation for the header, if one is asked for.
    pub key_attestation: Option<&'a str>,
    /// Now.
    pub now: Instant,
}

/// Makes a proof of one holder key.
///
/// # Errors
/// The key did not sign.
pub fn proof(signer: &dyn Signer, content: &ProofContent<'_>) -> Result<String, SigningFailed> {
    let mut payload = claims::object([
        ("aud", Value::from(content.issuer)),
        ("iat", Value::from(content.now.unix_seconds())),
    ]);
    if let Some(nonce) = content.nonce {
        payload.insert("nonce".to_owned(), Value::from(nonce));
    }
    if let Some(client_id) = content.client_id {
        payload.insert("iss".to_owned(), Value::from(client_id));
    }
    let mut header = claims::header_with_key(PROOF_TYP, signer);
    if let Some(attestation) = content.key_attestation {
        header = header.member("key_attestation", Value::from(attestation));
    }
    Ok(header.sign_claims(&payload, signer)?)
}

/// What an issuer expects of each proof.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The issuer's identifier.
    pub issuer: &'a str,
    /// The client that the access token was issued to; `None` if anonymously.
    pub client_id: Option<&'a str>,
    /// Whether a nonce must be there (the issuer has a nonce endpoint).
    pub nonce_required: bool,
    /// The issuer's clock.
    pub now: Instant,
}

/// A proof that was checked, but for its nonce. Made by [`verify`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKeyProof {
    key: PublicKey,
    nonce: Option<String>,
    key_attestation: Option<String>,
}

impl VerifiedKeyProof {
    /// The holder's key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The nonce, to be consumed once for the whole request.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// The key attestation, not yet checked.
    #[must_use]
    pub fn key_attestation(&self) -> Option<&str> {
        self.key_attestation.as_deref()
    }
}

/// Why a key proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProofError {
    /// Not a JWT of the type and algorithm, with a private key in it, or with a false signature.
    #[error("the key proof is refused: {0}")]
    Jwt(JwsError),
    /// Not exactly a `jwk`: none, or `kid` or `x5c` beside it.
    #[error("the key proof does not name its key by `jwk` alone")]
    Key,
    /// For another issuer.
    #[error("the key proof is for another issuer")]
    Audience,
    /// By another client, or by a named one where there must be no name.
    #[error("the key proof is by another client")]
    Issuer,
    /// `iat` is missing or not fresh.
    #[error("the key proof is not fresh")]
    Time,
    /// There is no nonce.
    #[error("the key proof has no nonce")]
    NonceMissing,
}

/// Checks one proof, but for its nonce.
///
/// # Errors
/// [`KeyProofError`].
pub fn verify(compact: &str, expectation: &Expectation<'_>) -> Result<VerifiedKeyProof, KeyProofError> {
    use KeyProofError as Error;
    // the key attestation in the header makes these longer than other proofs
    let proof = crypto::jws::UnverifiedJws::parse_bounded(compact, 2 * crate::key_attestation::MAX_BYTES)
        .map_err(Error::Jwt)?;
    let header = proof.header();
    if header.member("kid").is_some() || header.member("x5c").is_some() {
        return Err(Error::Key);
    }
    let key = *header.jwk().ok_or(Error::Key)?.key();
    let proof = proof.verify(&key, PROOF_TYP).map_err(Error::Jwt)?;
    let payload = proof.claims().map_err(Error::Jwt)?;
    if !claims::is_audience(&payload, expectation.issuer) {
        return Err(Error::Audience);
    }
    if let Some(issuer) = payload.get("iss")
        && issuer.as_str() != expectation.client_id
    {
        return Err(Error::Issuer);
    }
    let issued_at = claims::seconds(&payload, "iat").ok_or(Error::Time)?;
    if expectation.now.unix_seconds().abs_diff(issued_at) > IAT_WINDOW_SECONDS.unsigned_abs() {
        return Err(Error::Time);
    }
    let nonce = claims::text(&payload, "nonce").map(str::to_owned);
    if expectation.nonce_required && nonce.is_none() {
        return Err(Error::NonceMissing);
    }
    let key_attestation = proof.header().member("key_attestation").and_then(Value::as_str).map(str::to_owned);
    Ok(VerifiedKeyProof { key, nonce, key_attestation })
}
