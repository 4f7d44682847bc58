//! The key attestation: what a wallet provider says of a batch of holder keys; made, checked by an issuer, and looked at by the wallet before it is sent.
//!
//! Clauses: OpenID4VCI 1.0 appendices D and F; HAIP 1.0 section 4.5.1; CI-17, CI-18, HA-4.

use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use crypto::{PublicJwk, PublicKey, Signer};
use primitives::Instant;
use serde_json::{Map, Value};
use trust::{AnchorStore, CertificateChain, ChainError, ChainPolicy, WalletProvider, verify_chain};

use crate::claims::{self, SigningFailed};
use crate::metadata::{KeyAttestationPower, KeyAttestationRequirement};

/// `typ` of a key attestation (CI-18).
pub const TYP: &str = "key-attestation+jwt";
/// Most keys in one key attestation.
pub const ATTESTED_KEYS_MAX: usize = 100;
/// Longest key attestation, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// How far `iat` may lie in the future, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 300;
/// Resistance of key storage that withstands an attack potential of "Basic" (appendix D.2).
pub const ISO_18045_BASIC: &str = "iso_18045_basic";

/// What a wallet provider attests of keys.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// The keys.
    pub keys: &'a [PublicKey],
    /// The issuer's `c_nonce`.
    pub nonce: Option<&'a str>,
    /// The resistance of the key storage, if it is claimed at all.
    pub key_storage: &'a [&'a str],
    /// The resistance of the user's authentication, if it is claimed at all.
    pub user_authentication: &'a [&'a str],
    /// When it is made.
    pub issued_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

/// Makes a key attestation, as a wallet provider does; `chain` has no anchor in it (HA-4).
///
/// # Errors
/// The key did not sign.
pub fn issue(
    content: &Content<'_>,
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
    let levels = [("key_storage", content.key_storage), ("user_authentication", content.user_authentication)];
    for (name, values) in levels.into_iter().filter(|(_, values)| !values.is_empty()) {
        payload.insert(name.to_owned(), Value::from(values.to_vec()));
    }
    Ok(HeaderBuilder::new(TYP).x5c(&chain.to_der()).sign_claims(&payload, signer)?)
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
    /// `x5c`, `attested_keys`, `iat` or, with a `jwt` proof, `exp` are missing or malformed.
    #[error("the key attestation lacks a member")]
    Incomplete,
    /// Expired, or made in the future.
    #[error("the key attestation is not valid now")]
    Expired,
    /// Another nonce than the proofs have, or none.
    #[error("the key attestation has another nonce")]
    Nonce,
    /// A key stands in it twice.
    #[error("the key attestation names a key twice")]
    KeyTwice,
    /// A key that is proven is not among the attested ones.
    #[error("the key attestation does not cover the proven key")]
    OtherKey,
    /// The key storage is not said to be as resistant as the issuer demands.
    #[error("the key storage is not as resistant as is demanded")]
    KeyStorage,
    /// The user's authentication is not said to be as resistant as the issuer demands.
    #[error("the user's authentication is not as resistant as is demanded")]
    UserAuthentication,
}

/// What an issuer expects of a key attestation.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// Whose attestations are believed.
    pub providers: &'a AnchorStore<WalletProvider>,
    /// What it must say.
    pub requirement: &'a KeyAttestationRequirement,
    /// `exp` must be there: it came with a `jwt` proof.
    pub expires: bool,
    /// The issuer's clock.
    pub now: Instant,
}

/// A key attestation that was checked, but for its nonce. Made by [`verify`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKeyAttestation {
    keys: Vec<PublicKey>,
    nonce: Option<String>,
}

impl VerifiedKeyAttestation {
    /// The attested keys, distinct and at least one.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The nonce, to be compared with the proof's or consumed.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

/// Checks a key attestation, but for its nonce.
///
/// # Errors
/// [`KeyAttestationError`].
pub fn verify(
    compact: &str,
    expectation: &Expectation<'_>,
) -> Result<VerifiedKeyAttestation, KeyAttestationError> {
    use KeyAttestationError as Error;
    let now = expectation.now;
    let attestation = UnverifiedJws::parse_bounded(compact, MAX_BYTES).map_err(Error::Jwt)?;
    let chain = CertificateChain::from_der(attestation.header().x5c()).map_err(|_| Error::Incomplete)?;
    let chain =
        verify_chain(&chain, expectation.providers, now, &ChainPolicy::role_only()).map_err(Error::Chain)?;
    let attestation = attestation.verify(chain.leaf_key(), TYP).map_err(Error::Jwt)?;
    let content = attestation.claims().map_err(Error::Jwt)?;
    let seconds = now.unix_seconds();
    let issued_at = claims::seconds(&content, "iat").ok_or(Error::Incomplete)?;
    if issued_at > seconds.saturating_add(CLOCK_SKEW_SECONDS) {
        return Err(Error::Expired);
    }
    if content.contains_key("exp") || expectation.expires {
        let expires_at = claims::seconds(&content, "exp").ok_or(Error::Incomplete)?;
        if expires_at <= seconds {
            return Err(Error::Expired);
        }
    }
    let keys = attested_keys(&content).ok_or(Error::Incomplete)?;
    if has_repetition(&keys) {
        return Err(Error::KeyTwice);
    }
    let requirement = expectation.requirement;
    if !meets(&content, "key_storage", &requirement.key_storage) {
        return Err(Error::KeyStorage);
    }
    if !meets(&content, "user_authentication", &requirement.user_authentication) {
        return Err(Error::UserAuthentication);
    }
    Ok(VerifiedKeyAttestation { keys, nonce: claims::text(&content, "nonce").map(str::to_owned) })
}

/// Whether an attestation that the wallet was given is one of exactly these keys and this nonce, and says no more of them than is true. The wallet cannot
/// judge the signature and need not; what is not so is not sent.
pub(crate) fn is_of(
    compact: &str,
    keys: &[PublicKey],
    nonce: Option<&str>,
    power: &KeyAttestationPower,
) -> bool {
    let Ok(attestation) = UnverifiedJws::parse_bounded(compact, MAX_BYTES) else { return false };
    let Ok(content) = attestation.dangerous_claims() else { return false };
    let Some(attested) = attested_keys(&content) else { return false };
    let honest = |name: &str, own: &[&str]| match content.get(name) {
        None => true,
        Some(Value::Array(said)) => said.iter().all(|it| it.as_str().is_some_and(|it| own.contains(&it))),
        Some(_) => false,
    };
    attestation.header().typ() == Some(TYP)
        && attested.len() == keys.len()
        && keys.iter().all(|key| attested.contains(key))
        && claims::text(&content, "nonce") == nonce
        && honest("key_storage", power.key_storage)
        && honest("user_authentication", power.user_authentication)
}

/// `None` if there is no key, too many, or one that cannot be read.
fn attested_keys(content: &Map<String, Value>) -> Option<Vec<PublicKey>> {
    let keys = content.get("attested_keys")?.as_array()?;
    if keys.is_empty() || keys.len() > ATTESTED_KEYS_MAX {
        return None;
    }
    keys.iter().map(|jwk| PublicJwk::from_value(jwk).ok().map(|jwk| *jwk.key())).collect()
}

/// Whether a key stands twice in the list.
pub(crate) fn has_repetition(keys: &[PublicKey]) -> bool {
    keys.iter().enumerate().any(|(at, key)| keys.iter().skip(at + 1).any(|other| other == key))
}

fn meets(content: &Map<String, Value>, name: &str, accepted: &[String]) -> bool {
    let said = content.get(name).and_then(Value::as_array);
    let fits = |it: &Value| it.as_str().is_some_and(|it| accepted.iter().any(|one| one == it));
    accepted.is_empty() || said.is_some_and(|said| said.iter().any(fits))
}
