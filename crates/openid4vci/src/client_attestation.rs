//! The wallet attestation and the proof of its key, made and checked.
//!
//! Clauses: draft-ietf-oauth-attestation-based-client-auth-07 sections 5, 6 and 8; OpenID4VCI 1.0 appendix E; HAIP 1.0 section 4.4.1; CI-12, HA-3.

use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use crypto::{PublicKey, Signer};
use primitives::Instant;
use serde_json::{Value, json};
use trust::{AnchorStore, CertificateChain, ChainError, ChainPolicy, WalletProvider, verify_chain};

use crate::claims::{self, PROOF_TEXT_MAX_BYTES, SigningFailed};
use crate::holder::Context;
use crate::http;
use crate::replay::{NonceBook, ReplayMemory};

/// The header field of the attestation.
pub const HEADER: &str = "oauth-client-attestation";
/// The header field of the proof.
pub const PROOF_HEADER: &str = "oauth-client-attestation-pop";
/// The header field in which a server gives a challenge.
pub const CHALLENGE_HEADER: &str = "oauth-client-attestation-challenge";
/// `typ` of the attestation.
pub const ATTESTATION_TYP: &str = "oauth-client-attestation+jwt";
/// `typ` of the proof.
pub const PROOF_TYP: &str = "oauth-client-attestation-pop+jwt";
/// How far the proof's `iat` may be from the server's clock, to both sides, in seconds.
pub const IAT_WINDOW_SECONDS: i64 = 300;

/// What a wallet provider attests.
#[derive(Debug, Clone)]
pub struct AttestationContent<'a> {
    /// The provider (`iss`).
    pub provider: &'a str,
    /// The `client_id`, the same for all instances of the wallet (`sub`, HA-3).
    pub client_id: &'a str,
    /// The wallet's name.
    pub wallet_name: Option<&'a str>,
    /// The key of this wallet for this one issuer.
    pub key: &'a PublicKey,
    /// When it is made (`iat`).
    pub issued_at: Instant,
    /// When it ends (`exp`).
    pub expires_at: Instant,
}

/// Makes an attestation, as a wallet provider does; `chain` has no anchor in it (HA-3).
///
/// # Errors
/// The key did not sign.
pub fn issue(
    content: &AttestationContent<'_>,
    chain: &CertificateChain,
    signer: &dyn Signer,
) -> Result<String, SigningFailed> {
    let mut payload = claims::object([
        ("iss", Value::from(content.provider)),
        ("sub", Value::from(content.client_id)),
        ("iat", Value::from(content.issued_at.unix_seconds())),
        ("exp", Value::from(content.expires_at.unix_seconds())),
        ("cnf", json!({ "jwk": content.key.to_jwk() })),
    ]);
    if let Some(name) = content.wallet_name {
        payload.insert("wallet_name".to_owned(), Value::from(name));
    }
    Ok(HeaderBuilder::new(ATTESTATION_TYP).x5c(&chain.to_der()).sign_claims(&payload, signer)?)
}

/// The `sub` of an attestation whose `cnf` key is this one; for the holder, who cannot judge the signature and need not.
pub(crate) fn subject_for_key(jwt: &str, key: &PublicKey) -> Option<String> {
    let attestation = UnverifiedJws::parse(jwt).ok()?;
    let payload = attestation.dangerous_claims().ok()?;
    let confirmed = crypto::PublicJwk::from_value(payload.get("cnf")?.get("jwk")?).ok()?;
    let typed = attestation.header().typ() == Some(ATTESTATION_TYP);
    (typed && confirmed.key() == key).then(|| claims::text(&payload, "sub").map(str::to_owned)).flatten()
}

/// Makes the proof of the attested key for one server.
pub(crate) fn proof(
    signer: &dyn Signer,
    client_id: &str,
    server: &str,
    challenge: Option<&str>,
    context: &Context<'_>,
) -> Result<String, SigningFailed> {
    let mut payload = claims::object([
        ("iss", Value::from(client_id)),
        ("aud", Value::from(server)),
        ("jti", claims::jti(context.entropy)?),
        ("iat", Value::from(context.now.unix_seconds())),
        // Drafts before -07 demand an end, and servers written to them are about; -07 allows one.
        ("exp", Value::from((context.now + IAT_WINDOW_SECONDS).unix_seconds())),
    ]);
    if let Some(challenge) = challenge {
        payload.insert("challenge".to_owned(), Value::from(challenge));
    }
    Ok(HeaderBuilder::new(PROOF_TYP).sign_claims(&payload, signer)?)
}

/// What an authorization server expects of a client's attestation.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The server's identifier: the proof's `aud`.
    pub server: &'a str,
    /// Whose attestations are believed.
    pub providers: &'a AnchorStore<WalletProvider>,
    /// The proof must carry a challenge that this server gave; it is consumed.
    pub challenge: bool,
    /// The server's clock.
    pub now: Instant,
}

/// A client that proved who it is. Made by [`verify`] and, for a registered client, by [`crate::client_assertion::verify`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedClient {
    client_id: String,
    key: PublicKey,
}

impl VerifiedClient {
    /// For the two verifications alone.
    pub(crate) fn proven(client_id: &str, key: PublicKey) -> Self {
        Self { client_id: client_id.to_owned(), key }
    }

    /// The `client_id`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The attested or registered key: a code is redeemed by the key that asked for it.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
}

/// Why a client is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientAttestationError {
    /// No attestation or no proof, or more than one of either.
    #[error("the request does not have exactly one attestation and one proof")]
    Missing,
    /// The attestation is not a JWT of its type, or its signature does not hold.
    #[error("the attestation is refused: {0}")]
    Attestation(JwsError),
    /// The attestation's chain does not lead to a wallet provider.
    #[error("the attestation is by no known wallet provider: {0}")]
    Chain(ChainError),
    /// The attestation has no usable certificate, `sub`, `exp` or `cnf`.
    #[error("the attestation lacks a member")]
    Incomplete,
    /// The attestation has expired, or is not valid yet.
    #[error("the attestation is not valid now")]
    Expired,
    /// The proof is not a JWT of its type by the attested key.
    #[error("the attestation's proof is refused: {0}")]
    Proof(JwsError),
    /// The proof is for another server.
    #[error("the attestation's proof is for another server")]
    Audience,
    /// The proof's `iss` is another client.
    #[error("the attestation's proof is by another client")]
    Issuer,
    /// The proof is not fresh.
    #[error("the attestation's proof is not fresh")]
    Time,
    /// The proof has no challenge of this server: answered with `use_attestation_challenge`.
    #[error("the attestation's proof has no challenge of this server")]
    Challenge,
    /// The proof was seen before.
    #[error("the attestation's proof was used before")]
    Replayed,
}

/// Checks a client's attestation and proof.
///
/// # Errors
/// [`ClientAttestationError`].
pub fn verify(
    headers: &[(String, String)],
    expectation: &Expectation<'_>,
    challenges: &mut NonceBook,
    replay: &mut ReplayMemory,
) -> Result<VerifiedClient, ClientAttestationError> {
    use ClientAttestationError as Error;
    let attestation = http::single_header(headers, HEADER).ok_or(Error::Missing)?;
    let proof = http::single_header(headers, PROOF_HEADER).ok_or(Error::Missing)?;
    let now = expectation.now;

    let attestation = claims::parse(attestation).map_err(Error::Attestation)?;
    let chain = CertificateChain::from_der(attestation.header().x5c()).map_err(|_| Error::Incomplete)?;
    let chain =
        verify_chain(&chain, expectation.providers, now, &ChainPolicy::role_only()).map_err(Error::Chain)?;
    let attestation = attestation.verify(chain.leaf_key(), ATTESTATION_TYP).map_err(Error::Attestation)?;
    let content = attestation.claims().map_err(Error::Attestation)?;
    let client_id = claims::text(&content, "sub").filter(|it| !it.is_empty()).ok_or(Error::Incomplete)?;
    let expires_at = claims::seconds(&content, "exp").ok_or(Error::Incomplete)?;
    let not_before = claims::seconds(&content, "nbf").unwrap_or(i64::MIN);
    let seconds = now.unix_seconds();
    if expires_at <= seconds || not_before > seconds.saturating_add(IAT_WINDOW_SECONDS) {
        return Err(Error::Expired);
    }
    let jwk = content.get("cnf").and_then(|cnf| cnf.get("jwk")).ok_or(Error::Incomplete)?;
    let key = *crypto::PublicJwk::from_value(jwk).map_err(|_| Error::Incomplete)?.key();

    let proof = claims::parse(proof).map_err(Error::Proof)?.verify(&key, PROOF_TYP).map_err(Error::Proof)?;
    let payload = proof.claims().map_err(Error::Proof)?;
    if !claims::is_audience(&payload, expectation.server) {
        return Err(Error::Audience);
    }
    if payload.contains_key("iss") && claims::text(&payload, "iss") != Some(client_id) {
        return Err(Error::Issuer);
    }
    let issued_at = claims::seconds(&payload, "iat").ok_or(Error::Time)?;
    if seconds.abs_diff(issued_at) > IAT_WINDOW_SECONDS.unsigned_abs() {
        return Err(Error::Time);
    }
    // RFC 7519 section 4.1.4: it need not be there, and counts if it is
    if payload.contains_key("exp") && claims::seconds(&payload, "exp").is_none_or(|exp| exp <= seconds) {
        return Err(Error::Time);
    }
    if expectation.challenge {
        let challenge = claims::text(&payload, "challenge").ok_or(Error::Challenge)?;
        if !challenges.consume(challenge, now) {
            return Err(Error::Challenge);
        }
    }
    let jti = claims::text(&payload, "jti").filter(|it| !it.is_empty() && it.len() <= PROOF_TEXT_MAX_BYTES);
    let jti = jti.ok_or(Error::Replayed)?;
    if !replay.first_time(&format!("attestation {client_id} {jti}"), now, now + 2 * IAT_WINDOW_SECONDS) {
        return Err(Error::Replayed);
    }
    Ok(VerifiedClient::proven(client_id, key))
}

#[cfg(test)]
mod tests {
    use crypto::PrivateKey;
    use primitives::Instant;
    use primitives::test_support::SequenceEntropy;
    use trust::AnchorStore;

    use super::*;

    // rule: CI-12
    #[test]
    fn the_proof_ends_soon_for_servers_that_ask_when_it_ends() {
        let entropy = SequenceEntropy::new(1);
        let key = PrivateKey::generate(&entropy).unwrap();
        let now = Instant::from_unix_seconds(1_795_262_400);
        let context = Context { now, entropy: &entropy, issuers: &AnchorStore::new() };
        let proof = proof(&key, "client", "https://server.example", None, &context).unwrap();
        let claims = UnverifiedJws::parse(&proof).unwrap().dangerous_claims().unwrap();
        assert_eq!(claims::seconds(&claims, "iat"), Some(now.unix_seconds()));
        assert_eq!(claims::seconds(&claims, "exp"), Some(now.unix_seconds() + IAT_WINDOW_SECONDS));
    }
}
