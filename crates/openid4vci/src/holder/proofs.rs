//! The keys of a credential request, and the `proofs` that show them.
//!
//! Clauses: OpenID4VCI 1.0 section 8.2, appendices D and F; HAIP 1.0 section 4.5.1; CI-15 to CI-18, HA-4. Which type is given is [`ProofSupport::choose`]'s.
//!
//! [`ProofSupport::choose`]: crate::metadata::ProofSupport::choose

use std::sync::Arc;

use crypto::PublicKey;
use primitives::http::{Request, Response};
use serde_json::{Value, json};

use super::received::ExpectedKey;
use super::{Attesting, Context, CredentialError, HolderKey, KeyAttestor};
use crate::key_attestation;
use crate::key_proof::{self, ProofContent};
use crate::metadata::{KeyAttestationPower, ProofChoice, ProofSupport};

/// The keys of one request.
#[derive(Clone)]
pub(super) struct KeyMaterial {
    keys: Vec<HolderKey>,
    choice: ProofChoice,
    attestor: Option<Arc<dyn KeyAttestor>>,
    attestation: Option<String>,
}

impl KeyMaterial {
    /// The proof that this issuer takes and this wallet can give of these keys; no key for what is bound to none.
    pub(super) fn new(
        keys: Vec<HolderKey>,
        attestor: Option<Arc<dyn KeyAttestor>>,
        support: &ProofSupport,
        batch_size: u32,
    ) -> Result<Self, CredentialError> {
        let power = attestor.as_ref().map_or_else(KeyAttestationPower::default, |it| it.power());
        let choice = support.choose(&power).map_err(CredentialError::Unprovable)?;
        if (choice == ProofChoice::Unbound) != keys.is_empty() {
            return Err(CredentialError::KeysMisfit);
        }
        if u32::try_from(keys.len()).map_or(true, |count| count > batch_size) {
            return Err(CredentialError::TooManyKeys);
        }
        let same = |key: &HolderKey, other: &HolderKey| {
            key.reference == other.reference || key.signer.public_key() == other.signer.public_key()
        };
        let repeated =
            |(at, key): (usize, &HolderKey)| keys.iter().skip(at + 1).any(|other| same(key, other));
        if keys.iter().enumerate().any(repeated) {
            return Err(CredentialError::SameKeyTwice);
        }
        Ok(Self { keys, choice, attestor, attestation: None })
    }

    /// How their copies are recognised.
    pub(super) fn expected(&self) -> Vec<ExpectedKey> {
        let expected = |key: &HolderKey| ExpectedKey {
            reference: key.reference.clone(),
            jwk: key.signer.public_key().to_jwk(),
        };
        self.keys.iter().map(expected).collect()
    }

    /// Has the keys attested for this nonce, where that is to be: the request to the wallet provider, if one is to be sent.
    pub(super) fn attest(
        &mut self,
        nonce: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Option<Request>, CredentialError> {
        self.attestation = None;
        let Some(attestor) = self.attestor.clone().filter(|_| self.choice.needs_key_attestation()) else {
            return Ok(None);
        };
        match attestor.ask(&self.keys, nonce, context)? {
            Attesting::Ask(request) => Ok(Some(*request)),
            Attesting::Done(attestation) => self.take(attestation, nonce).map(|()| None),
        }
    }

    /// Takes the wallet provider's answer.
    pub(super) fn attested(
        &mut self,
        response: &Response,
        nonce: Option<&str>,
    ) -> Result<(), CredentialError> {
        let attestation = self.attestor.as_ref().and_then(|it| it.answer(response));
        self.take(attestation.ok_or(CredentialError::KeyAttestation)?, nonce)
    }

    fn take(&mut self, attestation: String, nonce: Option<&str>) -> Result<(), CredentialError> {
        let keys: Vec<PublicKey> = self.keys.iter().map(|key| key.signer.public_key()).collect();
        let power = self.attestor.as_ref().map_or_else(KeyAttestationPower::default, |it| it.power());
        if !key_attestation::is_of(&attestation, &keys, nonce, &power) {
            return Err(CredentialError::KeyAttestation);
        }
        self.attestation = Some(attestation);
        Ok(())
    }

    /// The `proofs` member; `None` for what is bound to no key.
    pub(super) fn proofs(&self, content: &ProofContent<'_>) -> Result<Option<Value>, CredentialError> {
        let attestation = || self.attestation.as_deref().ok_or(CredentialError::KeyAttestation);
        let content = match self.choice {
            ProofChoice::Unbound => return Ok(None),
            ProofChoice::Attestation => return Ok(Some(json!({ "attestation": [attestation()?] }))),
            ProofChoice::JwtWithKeyAttestation => {
                ProofContent { key_attestation: Some(attestation()?), ..*content }
            }
            ProofChoice::Jwt => *content,
        };
        let proof = |key: &HolderKey| key_proof::proof(key.signer.as_ref(), &content);
        let proofs = self.keys.iter().map(proof).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(json!({ "jwt": proofs })))
    }
}
