//! DPoP proofs, made and checked.
//!
//! Clauses: RFC 9449 sections 4, 7, 8 and 11.1; DP-1 to DP-22 of `docs/rules/DP.md`; CI-11.

use crypto::jws::JwsError;
use crypto::{PublicKey, Signer, constant_time_eq, sha256};
use primitives::base64url;
use primitives::http::{Method, Response};
use primitives::{Entropy, Instant};
use serde_json::Value;
use url::Url;

use crate::claims::{self, PROOF_TEXT_MAX_BYTES, SigningFailed};
use crate::http;
use crate::replay::ReplayMemory;

/// `typ` of a proof (DP-4).
pub const PROOF_TYP: &str = "dpop+jwt";
/// The header field of a proof.
pub const HEADER: &str = "dpop";
/// The header field of a server's nonce.
pub const NONCE_HEADER: &str = "dpop-nonce";
/// How far `iat` may be from the server's clock, to both sides, in seconds (DP-11).
pub const IAT_WINDOW_SECONDS: i64 = 300;

/// Makes a proof for one request (DP-15, DP-16).
///
/// # Errors
/// The key did not sign, or there was no randomness.
pub fn proof(
    signer: &dyn Signer,
    request: &Target<'_>,
    nonce: Option<&str>,
    access_token: Option<&str>,
    now: Instant,
    entropy: &dyn Entropy,
) -> Result<String, SigningFailed> {
    let mut payload = claims::object([
        ("jti", claims::jti(entropy)?),
        ("htm", Value::from(request.method.as_str())),
        ("htu", Value::from(target_uri(request.url))),
        ("iat", Value::from(now.unix_seconds())),
    ]);
    if let Some(nonce) = nonce {
        payload.insert("nonce".to_owned(), Value::from(nonce));
    }
    if let Some(token) = access_token {
        payload.insert("ath".to_owned(), Value::from(access_token_hash(token)));
    }
    Ok(claims::header_with_key(PROOF_TYP, signer).sign_claims(&payload, signer)?)
}

/// The method and address that a proof is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The method.
    pub method: Method,
    /// The address as the client sees it; query and fragment do not count.
    pub url: &'a Url,
}

/// `ath`: base64url of the SHA-256 of the token's ASCII bytes (DP-12).
#[must_use]
pub fn access_token_hash(token: &str) -> String {
    base64url::encode(&sha256(token.as_bytes()))
}

/// `htu`: the address without query and fragment; `Url` has already normalised scheme, host, port and path (DP-9).
fn target_uri(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// The nonce that an answer carries: one field of NQCHAR, else none (DP-18).
pub(crate) fn nonce_of(response: &Response) -> Option<String> {
    let value = http::single_header(&response.headers, NONCE_HEADER)?;
    // NQCHAR of RFC 6749 appendix A
    let fits = value.bytes().all(|it| matches!(it, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    (fits && !value.is_empty() && value.len() <= PROOF_TEXT_MAX_BYTES).then(|| value.to_owned())
}

/// What a server expects of the proof in one request.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The request.
    pub target: Target<'a>,
    /// The access token that came with it and the thumbprint it is bound to, at a resource (DP-12, DP-13).
    pub access: Option<BoundToken<'a>>,
    /// Nonces are demanded, and these are the ones that the server gave and still takes (DP-10).
    pub nonces: Option<&'a [String]>,
    /// The server's clock.
    pub now: Instant,
}

/// An access token and the key that it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct BoundToken<'a> {
    /// The token.
    pub token: &'a str,
    /// `jkt`, base64url.
    pub thumbprint: &'a str,
}

/// A proof that was checked. Made by [`verify`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedProof {
    key: PublicKey,
}

impl VerifiedProof {
    /// The key that the client holds.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// `jkt` for the token that is to be bound (section 6.1), base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(&self.key.thumbprint())
    }
}

/// Why a proof is refused (DP-22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// No proof, or more than one (DP-1).
    #[error("the request does not have exactly one DPoP proof")]
    Count,
    /// Not a JWT of the right type, algorithm and key (DP-2 to DP-5, DP-7).
    #[error("the DPoP proof is malformed: {0}")]
    Malformed(JwsError),
    /// The signature is not that of the key in the header (DP-6).
    #[error("the DPoP proof's signature is invalid")]
    Signature,
    /// A claim is missing or of the wrong type (DP-3).
    #[error("the DPoP proof lacks a claim")]
    Claims,
    /// For another method (DP-8).
    #[error("the DPoP proof is for another method")]
    Method,
    /// For another address (DP-9).
    #[error("the DPoP proof is for another address")]
    Address,
    /// Made too long ago, or in the future (DP-11).
    #[error("the DPoP proof is not fresh")]
    Time,
    /// Without a nonce that the server gave (DP-10): answered with `use_dpop_nonce`.
    #[error("the DPoP proof has no nonce of this server")]
    Nonce,
    /// For another access token (DP-12).
    #[error("the DPoP proof is for another access token")]
    TokenHash,
    /// By another key than the token's (DP-13).
    #[error("the DPoP proof is by another key than the access token's")]
    TokenKey,
    /// Seen before (DP-14).
    #[error("the DPoP proof was used before")]
    Replayed,
}

/// Checks the proof of a request (section 4.3). `headers` are all header fields of the request.
///
/// # Errors
/// [`DpopError`].
pub fn verify(
    headers: &[(String, String)],
    expectation: &Expectation<'_>,
    replay: &mut ReplayMemory,
) -> Result<VerifiedProof, DpopError> {
    let compact = http::single_header(headers, HEADER).ok_or(DpopError::Count)?;
    let proof = claims::parse(compact).map_err(DpopError::Malformed)?;
    let key = *proof.header().jwk().ok_or(DpopError::Claims)?.key();
    let proof = proof.verify(&key, PROOF_TYP).map_err(|error| match error {
        JwsError::Signature => DpopError::Signature,
        other => DpopError::Malformed(other),
    })?;
    let payload = proof.claims().map_err(DpopError::Malformed)?;
    let member = |name| claims::text(&payload, name).ok_or(DpopError::Claims);
    let (jti, method, address) = (member("jti")?, member("htm")?, member("htu")?);
    let issued_at = claims::seconds(&payload, "iat").ok_or(DpopError::Claims)?;
    if jti.is_empty() || jti.len() > PROOF_TEXT_MAX_BYTES {
        return Err(DpopError::Claims);
    }
    if method != expectation.target.method.as_str() {
        return Err(DpopError::Method);
    }
    // normalised by parsing on both sides; query and fragment ignored (DP-9)
    let address = Url::parse(address).map_err(|_| DpopError::Address)?;
    if target_uri(&address) != target_uri(expectation.target.url) {
        return Err(DpopError::Address);
    }
    let now = expectation.now;
    if now.unix_seconds().abs_diff(issued_at) > IAT_WINDOW_SECONDS.unsigned_abs() {
        return Err(DpopError::Time);
    }
    if let Some(nonces) = expectation.nonces {
        let nonce = claims::text(&payload, "nonce").ok_or(DpopError::Nonce)?;
        if !nonces.iter().any(|it| constant_time_eq(it.as_bytes(), nonce.as_bytes())) {
            return Err(DpopError::Nonce);
        }
    }
    if let Some(access) = &expectation.access {
        let hash = claims::text(&payload, "ath").ok_or(DpopError::TokenHash)?;
        if !constant_time_eq(hash.as_bytes(), access_token_hash(access.token).as_bytes()) {
            return Err(DpopError::TokenHash);
        }
        let thumbprint = base64url::encode(&key.thumbprint());
        if !constant_time_eq(thumbprint.as_bytes(), access.thumbprint.as_bytes()) {
            return Err(DpopError::TokenKey);
        }
    }
    // last, so that only proofs that hold are remembered; twice the window covers a clock ahead and behind
    let memory = format!("dpop {} {jti}", target_uri(&address));
    if !replay.first_time(&memory, now, now + 2 * IAT_WINDOW_SECONDS) {
        return Err(DpopError::Replayed);
    }
    Ok(VerifiedProof { key })
}
