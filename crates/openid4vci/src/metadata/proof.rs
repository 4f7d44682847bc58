//! What an issuer takes as proof of the holder's keys, and which of it this wallet gives.
//!
//! Clauses: OpenID4VCI 1.0 sections 8.2 and 12.2.4, appendices D and F; HAIP 1.0 section 4.5.1; CI-15 to CI-19, HA-4.
//!
//! | the issuer takes | this wallet gives |
//! |---|---|
//! | `jwt` without a key attestation | that: it asks nobody for anything |
//! | else `jwt` with a key attestation that this wallet can have | one proof a key, each with the one attestation of all of them |
//! | else `attestation` that this wallet can have | the one attestation of all keys |
//! | nothing (`proof_types_supported` is absent) | no `proofs`; the credential is bound to no key |
//!
//! The order is fixed. What an issuer demands beyond what this wallet's keys are makes the configuration unusable, with the reason; `di_vp` (CI-19) is
//! not known here.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::configuration::Unusable;
use super::issuer::KeyAttestationRequirement;

/// What the issuer asks as proof of the keys that copies will be bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofSupport {
    /// Copies are bound to keys that are proven in one of these ways: at least one is there.
    Bound {
        /// The `jwt` proof type, with ES256.
        jwt: Option<ProofType>,
        /// The `attestation` proof type, with ES256.
        attestation: Option<ProofType>,
    },
    /// The credential is bound to no key, and no proof is sent.
    Unbound,
}

/// One proof type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProofType {
    /// A key attestation that says so much must come with it (CI-18).
    pub key_attestation: Option<KeyAttestationRequirement>,
}

impl Default for ProofSupport {
    /// The `jwt` proof type without a key attestation.
    fn default() -> Self {
        Self::Bound { jwt: Some(ProofType::default()), attestation: None }
    }
}

/// What a wallet can have attested of its keys. The default is a wallet without anybody who attests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyAttestationPower {
    /// There is somebody who attests keys.
    pub available: bool,
    /// What every attestation says of the key storage. Software keys never claim hardware.
    pub key_storage: &'static [&'static str],
    /// What every attestation says of the authentication of the user.
    pub user_authentication: &'static [&'static str],
}

impl KeyAttestationPower {
    fn meets(&self, required: &KeyAttestationRequirement) -> Result<(), Unusable> {
        let has = |list: &[String], own: &[&str]| {
            list.is_empty() || list.iter().any(|it| own.contains(&it.as_str()))
        };
        if !self.available {
            return Err(Unusable::KeyAttestation);
        }
        if !has(&required.key_storage, self.key_storage) {
            return Err(Unusable::KeyStorage);
        }
        if !has(&required.user_authentication, self.user_authentication) {
            return Err(Unusable::UserAuthentication);
        }
        Ok(())
    }
}

/// The proof that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofChoice {
    /// A `jwt` a key.
    Jwt,
    /// A `jwt` a key, each with the key attestation of all of them.
    JwtWithKeyAttestation,
    /// The key attestation of all keys.
    Attestation,
    /// None.
    Unbound,
}

impl ProofChoice {
    /// Whether the keys are attested.
    #[must_use]
    pub fn needs_key_attestation(self) -> bool {
        matches!(self, Self::JwtWithKeyAttestation | Self::Attestation)
    }
}

#[derive(Deserialize)]
struct ProofTypeWire {
    proof_signing_alg_values_supported: Vec<Value>,
    key_attestations_required: Option<KeyAttestationRequirement>,
}

impl ProofType {
    /// `None` if it is not with ES256.
    fn parse(value: Option<Value>) -> Result<Option<Self>, Unusable> {
        let Some(value) = value else { return Ok(None) };
        let wire: ProofTypeWire = serde_json::from_value(value).map_err(|_| Unusable::Malformed)?;
        let es256 = wire.proof_signing_alg_values_supported.iter().any(|it| it == "ES256");
        Ok(es256.then_some(Self { key_attestation: wire.key_attestations_required }))
    }

    fn to_json(&self) -> Value {
        let mut proof = json!({ "proof_signing_alg_values_supported": ["ES256"] });
        if let (Some(required), Some(object)) = (&self.key_attestation, proof.as_object_mut()) {
            object.insert("key_attestations_required".to_owned(), json!(required));
        }
        proof
    }
}

impl ProofSupport {
    /// Reads `proof_types_supported` and `cryptographic_binding_methods_supported`; a key has JWK or COSE form (CI-15, CI-16).
    pub(super) fn parse(
        types: Option<Map<String, Value>>,
        binding: Option<&[String]>,
    ) -> Result<Self, Unusable> {
        let mut types = match (types, binding) {
            (None, None) => return Ok(Self::Unbound),
            // bound, and no way to prove it
            (None, Some(_)) => return Err(Unusable::NotKeyBound),
            (Some(types), _) => types,
        };
        if binding.is_some_and(|methods| !methods.iter().any(|it| matches!(it.as_str(), "jwk" | "cose_key")))
        {
            return Err(Unusable::ProofType);
        }
        let jwt = ProofType::parse(types.remove("jwt"))?;
        let attestation = ProofType::parse(types.remove("attestation"))?;
        if jwt.is_none() && attestation.is_none() {
            return Err(Unusable::ProofType);
        }
        Ok(Self::Bound { jwt, attestation })
    }

    /// `proof_types_supported`, unless the credential is bound to no key.
    pub(super) fn to_json(&self) -> Option<Value> {
        let Self::Bound { jwt, attestation } = self else { return None };
        let types = [("jwt", jwt), ("attestation", attestation)];
        let named =
            types.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it.as_ref()?.to_json())));
        Some(Value::Object(named.collect()))
    }

    /// Which proof a wallet of this power gives: see the table above.
    ///
    /// # Errors
    /// The issuer demands more than the wallet can have attested; the reason is that of the first proof type.
    pub fn choose(&self, power: &KeyAttestationPower) -> Result<ProofChoice, Unusable> {
        let Self::Bound { jwt, attestation } = self else { return Ok(ProofChoice::Unbound) };
        let by_jwt = jwt.as_ref().map(|it| match &it.key_attestation {
            None => Ok(ProofChoice::Jwt),
            Some(required) => power.meets(required).map(|()| ProofChoice::JwtWithKeyAttestation),
        });
        let by_attestation = attestation.as_ref().map(|it| {
            let required = it.key_attestation.clone().unwrap_or_default();
            power.meets(&required).map(|()| ProofChoice::Attestation)
        });
        match (by_jwt, by_attestation) {
            (Some(Ok(choice)), _) | (_, Some(Ok(choice))) => Ok(choice),
            (Some(Err(why)), _) | (None, Some(Err(why))) => Err(why),
            (None, None) => Err(Unusable::ProofType),
        }
    }
}
