//! The `jwt` key proof, made and checked.
//!
//! Clauses: OpenID4VCI 1.0 section 8.2.1, appendices D and F.1; CI-14 to CI-18.

use crypto::jws::{HeaderBuilder, JwsError};
use crypto::{PublicKey, Signer};
use primitives::Instant;
use serde_json::Value;
use trust::{AnchorStore, CertificateChain, ChainError, ChainPolicy, WalletProvider, verify_chain};

use crate::claims::{self, SigningFailed};

/// `typ` of a key proof (CI-16).
pub const PROOF_TYP: &str = "openid4vci-proof+jwt";
/// `typ` of a key attestation (CI-18).
pub const KEY_ATTESTATION_TYP: &str = "key-attestation+jwt";
/// How far `iat` may be from the issuer's clock, to both sides, in seconds.
pub const IAT_WINDOW_SECONDS: i64 = 300;
/// Most keys in one key attestation.
pub const ATTESTED_KEYS_MAX: usize = 100;

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
    let proof = crypto::jws::UnverifiedJws::parse_bounded(compact, 8 * claims::PROOF_MAX_BYTES)
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

/// What a wallet provider attests of keys.
#[derive(Debug, Clone)]
pub struct KeyAttestationContent<'a> {
    /// The keys.
    pub keys: &'a [PublicKey],
    /// The issuer's `c_nonce`.
    pub nonce: Option<&'a str>,
    /// The resistance of the key storage, if it is claimed at all: software keys claim none.
    pub key_storage: &'a [String],
    /// When it is made.
    pub issued_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

/// Makes a key attestation, as a wallet provider does (CI-18, HA-4).
///
/// # Errors
/// The key did not sign.
pub fn attest_keys(
    content: &KeyAttestationContent<'_>,
    chain: &CertificateChain,
    signer: &dyn Signer,
) -> Result<String, SigningFailed> {
    let keys: Vec<Value> = content.keys.iter().map(|key| key.to_jwk().to_value()).collect();
    let mut payload = claims::object([
        ("iat", Value::from(content.issued_at.unix_seconds())),
        ("exp", Value::from(content.expires_at.unix_seconds())),
        ("attested_keys", Value::from(keys)),
    ]);
    if let Some(nonce) = content.nonce {
        payload.insert("nonce".to_owned(), Value::from(nonce));
    }
    if !content.key_storage.is_empty() {
        payload.insert("key_storage".to_owned(), Value::from(content.key_storage.to_vec()));
    }
    Ok(HeaderBuilder::new(KEY_ATTESTATION_TYP).x5c(&chain.to_der()).sign_claims(&payload, signer)?)
}

/// Why a key attestation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyAttestationError {
    /// Not a JWT of its type, or a false signature.
    #[error("the key attestation is refused: {0}")]
    Jwt(JwsError),
    /// By no known wallet provider.
    #[error("the key attestation is by no known wallet provider: {0}")]
    Chain(ChainError),
    /// `attested_keys`, `iat` or `exp` are missing or malformed.
    #[error("the key attestation lacks a member")]
    Incomplete,
    /// Expired.
    #[error("the key attestation is not valid now")]
    Expired,
    /// Another nonce than the proofs have.
    #[error("the key attestation has another nonce")]
    Nonce,
}

/// Checks a key attestation and gives its keys.
///
/// # Errors
/// [`KeyAttestationError`].
pub fn verify_key_attestation(
    compact: &str,
    nonce: Option<&str>,
    providers: &AnchorStore<WalletProvider>,
    now: Instant,
) -> Result<Vec<PublicKey>, KeyAttestationError> {
    use KeyAttestationError as Error;
    let attestation = crypto::jws::UnverifiedJws::parse(compact).map_err(Error::Jwt)?;
    let chain = CertificateChain::from_der(attestation.header().x5c()).map_err(|_| Error::Incomplete)?;
    let chain = verify_chain(&chain, providers, now, &ChainPolicy::role_only()).map_err(Error::Chain)?;
    let attestation = attestation.verify(chain.leaf_key(), KEY_ATTESTATION_TYP).map_err(Error::Jwt)?;
    let content = attestation.claims().map_err(Error::Jwt)?;
    claims::seconds(&content, "iat").ok_or(Error::Incomplete)?;
    if claims::seconds(&content, "exp").ok_or(Error::Incomplete)? <= now.unix_seconds() {
        return Err(Error::Expired);
    }
    if claims::text(&content, "nonce") != nonce {
        return Err(Error::Nonce);
    }
    let keys = content.get("attested_keys").and_then(Value::as_array).ok_or(Error::Incomplete)?;
    if keys.is_empty() || keys.len() > ATTESTED_KEYS_MAX {
        return Err(Error::Incomplete);
    }
    let key = |jwk| crypto::PublicJwk::from_value(jwk).map(|jwk| *jwk.key()).map_err(|_| Error::Incomplete);
    keys.iter().map(key).collect()
}
