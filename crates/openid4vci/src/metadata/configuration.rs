//! One entry of `credential_configurations_supported`.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2.4, appendices A.2.2 and A.3.2; CI-15, CI-16.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use trust::CredentialType;

use super::claims::{ClaimDescription, claims};
use super::proof::ProofSupport;
use crate::wire::{self, Display};

/// A configuration, or why this wallet cannot use it. One unusable entry does not spoil the document.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigurationEntry {
    /// Can be requested.
    Usable(Box<Configuration>),
    /// Cannot.
    Unusable(Unusable),
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// Neither `dc+sd-jwt` nor `mso_mdoc`.
    Format,
    /// Malformed: a required member is missing or has another type.
    Malformed,
    /// Bound to a key without a way to prove it, or of a format that always is and without a key.
    NotKeyBound,
    /// Neither a `jwt` nor an `attestation` proof with ES256 and a key in JWK or COSE form (CI-16, CI-17, CI-19).
    ProofType,
    /// The keys must be attested, and nobody attests them (CI-18).
    KeyAttestation,
    /// The keys must be stored better than this wallet's are (CI-18).
    KeyStorage,
    /// The keys must be better protected against others than this wallet's are (CI-18).
    UserAuthentication,
    /// Issued with other algorithms than ES256.
    Algorithm,
}

impl Unusable {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ProofType => "proof_type_unsupported",
            Self::KeyAttestation => "key_attestation_required",
            Self::KeyStorage => "key_storage_too_weak",
            Self::UserAuthentication => "user_authentication_too_weak",
            Self::Format | Self::Malformed | Self::NotKeyBound | Self::Algorithm => "offer_nothing_usable",
        }
    }

    /// The rule.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::KeyAttestation | Self::KeyStorage | Self::UserAuthentication => "CI-18",
            _ => "CI-15",
        }
    }
}

/// The format identifier of a type on the wire.
#[must_use]
pub fn format_identifier(credential_type: &CredentialType) -> &'static str {
    match credential_type {
        CredentialType::SdJwtVc { .. } => "dc+sd-jwt",
        CredentialType::Mdoc { .. } => "mso_mdoc",
    }
}

/// The `vct` or the doctype.
#[must_use]
pub fn type_name(credential_type: &CredentialType) -> &str {
    match credential_type {
        CredentialType::SdJwtVc { vct } => vct,
        CredentialType::Mdoc { doctype } => doctype,
    }
}

/// A credential configuration that this wallet can request.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// Its identifier.
    pub id: String,
    /// What its credentials are.
    pub credential_type: CredentialType,
    /// The scope that requests it, if it has one.
    pub scope: Option<String>,
    /// What its key proofs need.
    pub proof: ProofSupport,
    /// How the issuer names the paper.
    pub display: Vec<Display>,
    /// How the issuer names the claims, in the order of display.
    pub claims: Vec<ClaimDescription>,
}

#[derive(Deserialize)]
struct ConfigurationWire {
    format: String,
    scope: Option<String>,
    vct: Option<String>,
    doctype: Option<String>,
    credential_signing_alg_values_supported: Option<Vec<Value>>,
    cryptographic_binding_methods_supported: Option<Vec<String>>,
    proof_types_supported: Option<Map<String, Value>>,
    credential_metadata: Option<CredentialMetadataWire>,
}

#[derive(Deserialize, Default)]
struct CredentialMetadataWire {
    display: Option<Vec<Display>>,
    claims: Option<Vec<ClaimDescription>>,
}

impl ConfigurationEntry {
    pub(super) fn parse(id: &str, value: Value) -> Self {
        match Configuration::parse(id, value) {
            Ok(configuration) => Self::Usable(Box::new(configuration)),
            Err(why) => Self::Unusable(why),
        }
    }
}

impl Configuration {
    fn parse(id: &str, value: Value) -> Result<Self, Unusable> {
        // the format decides what else must be there: other formats may have members of other types
        match value.get("format").and_then(Value::as_str) {
            Some("dc+sd-jwt" | "mso_mdoc") => {}
            Some(_) => return Err(Unusable::Format),
            None => return Err(Unusable::Malformed),
        }
        let wire: ConfigurationWire = serde_json::from_value(value).map_err(|_| Unusable::Malformed)?;
        let credential_type = match (wire.format.as_str(), wire.vct, wire.doctype) {
            ("dc+sd-jwt", Some(vct), _) => CredentialType::SdJwtVc { vct },
            ("mso_mdoc", _, Some(doctype)) => CredentialType::Mdoc { doctype },
            _ => return Err(Unusable::Malformed),
        };
        let name = type_name(&credential_type);
        if name.is_empty() || name.len() > wire::OPAQUE_MAX_BYTES {
            return Err(Unusable::Malformed);
        }
        if let Some(algorithms) = &wire.credential_signing_alg_values_supported {
            // COSE -7 (ES256) and -9 (ESP256) for mdoc; some issuers write the JOSE name there too
            let known = |it: &Value| it == "ES256" || it == &json!(-7) || it == &json!(-9);
            if !algorithms.iter().any(known) {
                return Err(Unusable::Algorithm);
            }
        }
        let binding = wire.cryptographic_binding_methods_supported.as_deref();
        let proof = ProofSupport::parse(wire.proof_types_supported, binding)?;
        // an mdoc always has a device key (ISO 18013-5)
        if proof == ProofSupport::Unbound && matches!(credential_type, CredentialType::Mdoc { .. }) {
            return Err(Unusable::NotKeyBound);
        }
        let metadata = wire.credential_metadata.unwrap_or_default();
        let display =
            wire::displays(metadata.display.unwrap_or_default()).map_err(|_| Unusable::Malformed)?;
        let claims = claims(metadata.claims.unwrap_or_default()).map_err(|_| Unusable::Malformed)?;
        Ok(Self {
            id: id.to_owned(),
            credential_type,
            scope: wire.scope.filter(|it| !it.is_empty()),
            proof,
            display,
            claims,
        })
    }

    /// The entry as an issuer publishes it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (binding, algorithm, type_member) = match &self.credential_type {
            CredentialType::SdJwtVc { .. } => ("jwk", json!("ES256"), "vct"),
            CredentialType::Mdoc { .. } => ("cose_key", json!(-7), "doctype"),
        };
        let mut metadata = Map::new();
        if !self.display.is_empty() {
            metadata.insert("display".to_owned(), json!(self.display));
        }
        if !self.claims.is_empty() {
            metadata.insert("claims".to_owned(), json!(self.claims));
        }
        let mut entry = Map::new();
        entry.insert("format".to_owned(), json!(format_identifier(&self.credential_type)));
        entry.insert(type_member.to_owned(), json!(type_name(&self.credential_type)));
        if let Some(scope) = &self.scope {
            entry.insert("scope".to_owned(), json!(scope));
        }
        entry.insert("credential_signing_alg_values_supported".to_owned(), json!([algorithm]));
        if let Some(proofs) = self.proof.to_json() {
            entry.insert("cryptographic_binding_methods_supported".to_owned(), json!([binding]));
            entry.insert("proof_types_supported".to_owned(), proofs);
        }
        if !metadata.is_empty() {
            entry.insert("credential_metadata".to_owned(), Value::Object(metadata));
        }
        Value::Object(entry)
    }
}
