//! The `proofs` of a credential request.
//!
//! Clauses: OpenID4VCI 1.0 section 8.2, appendices D and F; HAIP 1.0 section 4.5.1; CI-14 to CI-18, HA-4.

use crypto::PublicKey;
use primitives::Instant;
use serde_json::{Map, Value};
use trust::{AnchorStore, WalletProvider};

use super::inbound::{RefusalCause, ServerRefusal};
use crate::key_attestation::{self, KeyAttestationError, VerifiedKeyAttestation, has_repetition};
use crate::key_proof::{self, Expectation};
use crate::metadata::{IssuerMetadata, KeyAttestationRequirement, ProofSupport, ProofType};
use crate::oauth::OAuthErrorCode;
use crate::replay::NonceBook;

/// The proofs of a request, of one type, not yet checked.
#[derive(Debug, Clone)]
pub(super) enum Proofs {
    /// None were sent.
    Absent,
    /// One for each key, or one with a key attestation of all keys.
    Jwt(Vec<String>),
    /// The key attestation of all keys.
    Attestation(String),
}

/// Against what proofs are checked.
pub(super) struct Check<'a> {
    pub(super) issuer: &'a IssuerMetadata,
    pub(super) client_id: Option<&'a str>,
    pub(super) providers: &'a AnchorStore<WalletProvider>,
    pub(super) now: Instant,
}

fn refuse(code: OAuthErrorCode, cause: RefusalCause) -> ServerRefusal {
    ServerRefusal::new(400, code, cause)
}

fn miscounted() -> ServerRefusal {
    refuse(OAuthErrorCode::InvalidProof, RefusalCause::ProofCount)
}

fn unattested(error: Option<KeyAttestationError>) -> ServerRefusal {
    refuse(OAuthErrorCode::InvalidProof, RefusalCause::KeyAttestation(error))
}

impl Proofs {
    /// Exactly one proof type; `jwt` with at least one text, `attestation` with exactly one.
    pub(super) fn parse(wire: Option<Map<String, Value>>) -> Result<Self, ServerRefusal> {
        let Some(wire) = wire else { return Ok(Self::Absent) };
        let list = |name: &str| {
            let list = wire.get(name)?.as_array().filter(|list| !list.is_empty() && wire.len() == 1)?;
            list.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        if let Some(proofs) = list("jwt") {
            return Ok(Self::Jwt(proofs));
        }
        match list("attestation").as_deref() {
            Some([attestation]) => Ok(Self::Attestation(attestation.clone())),
            _ => Err(miscounted()),
        }
    }

    /// The keys that are proven: distinct, no more than the batch, for a nonce that is consumed. None for a credential that is bound to none.
    pub(super) fn verify(
        &self,
        support: &ProofSupport,
        check: &Check<'_>,
        nonces: &mut NonceBook,
    ) -> Result<Vec<PublicKey>, ServerRefusal> {
        let keys = match (self, support) {
            (Self::Absent, ProofSupport::Unbound) => return Ok(Vec::new()),
            (Self::Jwt(proofs), ProofSupport::Bound { jwt: Some(accepted), .. }) => {
                check.jwt(proofs, accepted, nonces)?
            }
            (Self::Attestation(attestation), ProofSupport::Bound { attestation: Some(accepted), .. }) => {
                check.attestation(attestation, accepted, nonces)?
            }
            _ => return Err(miscounted()),
        };
        if has_repetition(&keys) || !check.fits_the_batch(keys.len()) {
            return Err(miscounted());
        }
        Ok(keys)
    }
}

impl Check<'_> {
    fn fits_the_batch(&self, count: usize) -> bool {
        u32::try_from(count).is_ok_and(|count| count <= self.issuer.batch_size)
    }

    /// One nonce for the whole request, consumed once.
    fn consume(&self, nonce: Option<&str>, nonces: &mut NonceBook) -> Result<(), ServerRefusal> {
        let known =
            self.issuer.nonce_endpoint.is_none() || nonce.is_some_and(|it| nonces.consume(it, self.now));
        if known { Ok(()) } else { Err(refuse(OAuthErrorCode::InvalidNonce, RefusalCause::Nonce)) }
    }

    fn jwt(
        &self,
        proofs: &[String],
        accepted: &ProofType,
        nonces: &mut NonceBook,
    ) -> Result<Vec<PublicKey>, ServerRefusal> {
        if !self.fits_the_batch(proofs.len()) {
            return Err(miscounted());
        }
        let expectation = Expectation {
            issuer: self.issuer.issuer.as_str(),
            client_id: self.client_id,
            nonce_required: self.issuer.nonce_endpoint.is_some(),
            now: self.now,
        };
        let proofs = proofs.iter().map(|proof| key_proof::verify(proof, &expectation));
        let proofs = proofs
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| refuse(OAuthErrorCode::InvalidProof, RefusalCause::Proof(error)))?;
        let mut keys: Vec<PublicKey> = proofs.iter().map(|proof| *proof.key()).collect();
        if has_repetition(&keys) {
            return Err(miscounted());
        }
        let nonce = proofs.first().and_then(|proof| proof.nonce());
        if proofs.iter().any(|proof| proof.nonce() != nonce) {
            return Err(refuse(OAuthErrorCode::InvalidNonce, RefusalCause::Nonce));
        }
        self.consume(nonce, nonces)?;
        let Some(requirement) = &accepted.key_attestation else { return Ok(keys) };
        for proof in &proofs {
            let attestation = proof.key_attestation().ok_or_else(|| unattested(None))?;
            let attestation = self.attested(attestation, requirement, true)?;
            if attestation.nonce() != nonce {
                return Err(unattested(Some(KeyAttestationError::Nonce)));
            }
            if !attestation.keys().contains(proof.key()) {
                return Err(unattested(Some(KeyAttestationError::OtherKey)));
            }
            // a credential for each attested key, whether or not it has a proof of its own (appendix F.1)
            let more: Vec<PublicKey> =
                attestation.keys().iter().filter(|key| !keys.contains(key)).copied().collect();
            keys.extend(more);
        }
        Ok(keys)
    }

    fn attestation(
        &self,
        compact: &str,
        accepted: &ProofType,
        nonces: &mut NonceBook,
    ) -> Result<Vec<PublicKey>, ServerRefusal> {
        let requirement = accepted.key_attestation.clone().unwrap_or_default();
        let attestation = self.attested(compact, &requirement, false)?;
        self.consume(attestation.nonce(), nonces)?;
        Ok(attestation.keys().to_vec())
    }

    fn attested(
        &self,
        compact: &str,
        requirement: &KeyAttestationRequirement,
        expires: bool,
    ) -> Result<VerifiedKeyAttestation, ServerRefusal> {
        let expectation =
            key_attestation::Expectation { providers: self.providers, requirement, expires, now: self.now };
        key_attestation::verify(compact, &expectation).map_err(|error| unattested(Some(error)))
    }
}
