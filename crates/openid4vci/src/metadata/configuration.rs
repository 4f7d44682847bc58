//! One entry of `credential_configurations_supported`.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2.4, appendices A.2.2, A.3.2 and B.2; CI-15, CI-16, CI-25.

use primitives::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trust::CredentialType;

use super::issuer::KeyAttestationRequirement;
use crate::wire::{self, Display, WireError};

/// Most claim descriptions in one configuration.
pub const CLAIMS_MAX: usize = 2048;

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
    /// The credential would not be bound to a key.
    NotKeyBound,
    /// No `jwt` proof with ES256 and a key in JWK form.
    ProofType,
    /// Issued with other algorithms than ES256.
    Algorithm,
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

/// What the issuer asks of a `jwt` key proof.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProofSupport {
    /// A key attestation must come with the proof (CI-18).
    pub key_attestation: Option<KeyAttestationRequirement>,
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

/// How an issuer names one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimDescription {
    /// Which claim.
    pub path: ClaimPath,
    /// The issuer always includes it.
    #[serde(default)]
    pub mandatory: bool,
    /// Its names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<Display>,
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

#[derive(Deserialize)]
struct ProofTypeWire {
    proof_signing_alg_values_supported: Vec<Value>,
    key_attestations_required: Option<KeyAttestationRequirement>,
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
        let proof = proof_support(wire.proof_types_supported, wire.cryptographic_binding_methods_supported)?;
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
        let mut proof = json!({ "proof_signing_alg_values_supported": ["ES256"] });
        if let (Some(required), Some(object)) = (&self.proof.key_attestation, proof.as_object_mut()) {
            object.insert("key_attestations_required".to_owned(), json!(required));
        }
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
        entry.insert("cryptographic_binding_methods_supported".to_owned(), json!([binding]));
        entry.insert("credential_signing_alg_values_supported".to_owned(), json!([algorithm]));
        entry.insert("proof_types_supported".to_owned(), json!({ "jwt": proof }));
        if !metadata.is_empty() {
            entry.insert("credential_metadata".to_owned(), Value::Object(metadata));
        }
        Value::Object(entry)
    }
}

/// The `jwt` proof type with ES256, for a key in JWK or COSE form (CI-15, CI-16).
fn proof_support(
    types: Option<Map<String, Value>>,
    binding: Option<Vec<String>>,
) -> Result<ProofSupport, Unusable> {
    let Some(mut types) = types else { return Err(Unusable::NotKeyBound) };
    if binding.is_some_and(|methods| !methods.iter().any(|it| matches!(it.as_str(), "jwk" | "cose_key"))) {
        return Err(Unusable::ProofType);
    }
    let Some(jwt) = types.remove("jwt") else { return Err(Unusable::ProofType) };
    let jwt: ProofTypeWire = serde_json::from_value(jwt).map_err(|_| Unusable::Malformed)?;
    if !jwt.proof_signing_alg_values_supported.iter().any(|it| it == "ES256") {
        return Err(Unusable::ProofType);
    }
    Ok(ProofSupport { key_attestation: jwt.key_attestations_required })
}

/// Appendix B.2: a claim described twice, or described both as array and as object, ends the processing.
fn claims(list: Vec<ClaimDescription>) -> Result<Vec<ClaimDescription>, WireError> {
    const MEMBER: WireError = WireError::Member("claims");
    if list.len() > CLAIMS_MAX {
        return Err(MEMBER);
    }
    let mut seen = std::collections::HashSet::new();
    for claim in &list {
        let path = serde_json::to_string(&claim.path).map_err(|_| MEMBER)?;
        if !seen.insert(path) {
            return Err(MEMBER);
        }
        wire::displays(claim.display.clone())?;
    }
    Ok(list)
}
