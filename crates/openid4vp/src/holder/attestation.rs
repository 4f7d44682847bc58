//! `verifier_attestation:` (OpenID4VP 1.0 sections 5.9.3 and 12; VP-C6): a party that the profile trusts says in a JWT who the client is and
//! with which key it signs.

use crypto::PublicKey;
use crypto::jws::{JwsError, UnverifiedJws};
use primitives::Instant;
use serde_json::{Map, Value};
use trust::{CertificateChain, ChainPolicy, verify_chain};

use super::error::{AttestationFault, RequestError};
use super::known::{AttesterKeys, KnownVerifiers};
use crate::limits;

/// `typ` of a Verifier Attestation JWT.
const ATTESTATION_TYPE: &str = "verifier-attestation+jwt";

/// What an attestation says, verified.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VerifiedAttestation {
    /// The key that the request is signed with.
    pub(crate) key: PublicKey,
    /// The addresses that the client may use, if the attestation limits them.
    pub(crate) redirect_uris: Option<Vec<String>>,
}

/// Verifies the attestation in the `jwt` header of a request object whose client is `subject`.
pub(crate) fn verify(
    request: &UnverifiedJws,
    subject: &str,
    known: &KnownVerifiers,
    now: Instant,
) -> Result<VerifiedAttestation, RequestError> {
    verified(request, subject, known, now).map_err(RequestError::Attestation)
}

fn verified(
    request: &UnverifiedJws,
    subject: &str,
    known: &KnownVerifiers,
    now: Instant,
) -> Result<VerifiedAttestation, AttestationFault> {
    use AttestationFault as Fault;
    let text = request.header().member("jwt").and_then(Value::as_str).ok_or(Fault::Missing)?;
    let jws =
        UnverifiedJws::parse_bounded(text, limits::MAX_ATTESTATION_BYTES).map_err(|_| Fault::Malformed)?;
    // Only to find the keys that it has to be signed with.
    let claimed = jws.dangerous_claims().map_err(|_| Fault::Malformed)?;
    let issuer = claimed.get("iss").and_then(Value::as_str).ok_or(Fault::Malformed)?;
    let attester = known.attester(issuer).ok_or(Fault::Issuer)?;
    let key = match &attester.keys {
        AttesterKeys::Keys(keys) => *super::known::chosen(keys, jws.header().kid()).ok_or(Fault::Issuer)?,
        AttesterKeys::Anchors(anchors) => {
            let chain = CertificateChain::from_der(jws.header().x5c()).map_err(|_| Fault::Issuer)?;
            let chain = verify_chain(&chain, anchors, now, &ChainPolicy::role_only());
            *chain.map_err(|_| Fault::Issuer)?.leaf_key()
        }
    };
    let attestation = jws.verify(&key, ATTESTATION_TYPE).map_err(|error| match error {
        JwsError::Type => Fault::Type,
        _ => Fault::Signature,
    })?;
    let claims = attestation.claims().map_err(|_| Fault::Malformed)?;
    if claims.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(Fault::Subject);
    }
    check_time(&claims, now)?;
    let key = claims.get("cnf").and_then(|cnf| cnf.get("jwk")).ok_or(Fault::Malformed)?;
    let key = crypto::PublicJwk::from_value(key).map_err(|_| Fault::Malformed)?;
    let key = *key.verification_key().map_err(|_| Fault::Malformed)?;
    let redirect_uris = match claims.get("redirect_uris") {
        None => None,
        Some(Value::Array(list)) if list.len() <= limits::MAX_RESPONSE_URIS => {
            let texts = list.iter().map(|entry| entry.as_str().map(str::to_owned));
            Some(texts.collect::<Option<Vec<_>>>().ok_or(Fault::Malformed)?)
        }
        Some(_) => return Err(Fault::Malformed),
    };
    Ok(VerifiedAttestation { key, redirect_uris })
}

/// Section 12: `exp` is required; `nbf` and `iat` count if they are there.
fn check_time(claims: &Map<String, Value>, now: Instant) -> Result<(), AttestationFault> {
    let time = |name: &str| -> Result<Option<Instant>, AttestationFault> {
        let value = claims.get(name).map(|value| serde_json::from_value(value.clone()));
        value.transpose().map_err(|_| AttestationFault::Malformed)
    };
    let skew = limits::CLOCK_SKEW_SECONDS;
    let expires = time("exp")?.ok_or(AttestationFault::Malformed)?;
    let too_early = time("nbf")?.is_some_and(|nbf| now + skew < nbf);
    let from_the_future = time("iat")?.is_some_and(|iat| now + skew < iat);
    if now >= expires + skew || too_early || from_the_future { Err(AttestationFault::Time) } else { Ok(()) }
}
