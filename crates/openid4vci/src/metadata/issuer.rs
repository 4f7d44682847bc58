//! The credential issuer's metadata.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2.4; CI-3, CI-15, CI-24.

use primitives::http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trust::{Issuer, VerifiedChain};

use super::configuration::{Configuration, ConfigurationEntry};
use super::proof::KeyAttestationPower;
use crate::holder::SignedMetadata;
use crate::http;
use crate::wire::{self, Display, Endpoint, ISSUER_METADATA_MAX_BYTES, Identifier, WireError};

/// Most credential configurations of one issuer.
pub const CONFIGURATIONS_MAX: usize = 1024;
/// Most authorization servers of one issuer.
pub(crate) const AUTHORIZATION_SERVERS_MAX: usize = 16;
/// Most copies that are asked for in one batch, whatever the issuer offers.
const BATCH_MAX: u32 = 100;

/// What a key attestation must say (CI-18). Empty lists: nothing in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeyAttestationRequirement {
    /// Accepted resistances of the key storage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_storage: Vec<String>,
    /// Accepted resistances of the user authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_authentication: Vec<String>,
}

/// How credential requests may, or must, be encrypted (CI-24).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestEncryption {
    /// The issuer's keys as they came: the usable one is chosen when a request is encrypted.
    pub keys: Vec<Value>,
    /// The `enc` values.
    pub encryptions: Vec<String>,
    /// Every request must be encrypted.
    pub required: bool,
}

/// How credential responses may, or must, be encrypted (CI-24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseEncryption {
    /// The `alg` values.
    pub algorithms: Vec<String>,
    /// The `enc` values.
    pub encryptions: Vec<String>,
    /// Every response will be encrypted.
    pub required: bool,
}

/// A credential issuer's metadata, checked against the identifier they were fetched for.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuerMetadata {
    /// The issuer's identifier.
    pub issuer: Identifier,
    /// Its authorization servers, in its order; `None` means the issuer itself.
    pub authorization_servers: Option<Vec<Identifier>>,
    /// The credential endpoint.
    pub credential_endpoint: Endpoint,
    /// The nonce endpoint: if there is one, every proof has a `c_nonce`.
    pub nonce_endpoint: Option<Endpoint>,
    /// The deferred credential endpoint.
    pub deferred_credential_endpoint: Option<Endpoint>,
    /// The notification endpoint.
    pub notification_endpoint: Option<Endpoint>,
    /// Encryption of requests.
    pub request_encryption: Option<RequestEncryption>,
    /// Encryption of responses.
    pub response_encryption: Option<ResponseEncryption>,
    /// Most proofs in one request: 1 without `batch_credential_issuance`.
    pub batch_size: u32,
    /// How the issuer names itself.
    pub display: Vec<Display>,
    /// Every configuration, in the issuer's order.
    pub configurations: Vec<(String, ConfigurationEntry)>,
    /// Who signed the metadata, if anybody did: a chain to an anchor (CI-4). Whether that may issue what the metadata describe is to be asked of it.
    pub signer: Option<VerifiedChain<Issuer>>,
}

#[derive(Deserialize)]
struct IssuerMetadataWire {
    credential_issuer: String,
    authorization_servers: Option<Vec<String>>,
    credential_endpoint: String,
    nonce_endpoint: Option<String>,
    deferred_credential_endpoint: Option<String>,
    notification_endpoint: Option<String>,
    credential_request_encryption: Option<RequestEncryptionWire>,
    credential_response_encryption: Option<ResponseEncryptionWire>,
    batch_credential_issuance: Option<BatchWire>,
    display: Option<Vec<Display>>,
    credential_configurations_supported: Map<String, Value>,
}

#[derive(Deserialize)]
struct RequestEncryptionWire {
    jwks: JwksWire,
    enc_values_supported: Vec<String>,
    encryption_required: bool,
}

#[derive(Deserialize)]
struct JwksWire {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct ResponseEncryptionWire {
    alg_values_supported: Vec<String>,
    enc_values_supported: Vec<String>,
    encryption_required: bool,
}

#[derive(Deserialize)]
struct BatchWire {
    batch_size: u32,
}

impl IssuerMetadata {
    /// The request for an issuer's metadata: the well-known address alone, nothing speculative.
    ///
    /// # Errors
    /// The identifier makes no address.
    pub fn request(issuer: &Identifier, signed: SignedMetadata) -> Result<Request, WireError> {
        // section 12.2.2: what is supported is said, and with it whether signed metadata are
        let accept = match signed {
            SignedMetadata::Ignore => "application/json",
            SignedMetadata::Prefer => "application/jwt, application/json;q=0.9",
            SignedMetadata::Require => "application/jwt",
        };
        Ok(http::get(&issuer.issuer_metadata_url()?, accept, ISSUER_METADATA_MAX_BYTES))
    }

    /// Parses metadata that were fetched for `expected`.
    ///
    /// # Errors
    /// A malformed document, or one whose `credential_issuer` is not exactly `expected` (CI-3).
    pub fn from_json(bytes: &[u8], expected: &Identifier) -> Result<Self, WireError> {
        let wire = wire::json::<IssuerMetadataWire>(bytes, ISSUER_METADATA_MAX_BYTES)?;
        Self::from_wire(wire, expected)
    }

    pub(super) fn from_value(value: Value, expected: &Identifier) -> Result<Self, WireError> {
        Self::from_wire(serde_json::from_value(value).map_err(|_| WireError::Shape)?, expected)
    }

    fn from_wire(wire: IssuerMetadataWire, expected: &Identifier) -> Result<Self, WireError> {
        if wire.credential_issuer != expected.as_str() {
            return Err(WireError::Member("credential_issuer"));
        }
        let endpoint = |text: Option<String>, member| text.map(|it| Endpoint::parse(&it, member)).transpose();
        if wire.credential_configurations_supported.len() > CONFIGURATIONS_MAX {
            return Err(WireError::Member("credential_configurations_supported"));
        }
        let configurations = wire
            .credential_configurations_supported
            .into_iter()
            .map(|(id, value)| {
                let entry = ConfigurationEntry::parse(&id, value);
                (id, entry)
            })
            .collect();
        Ok(Self {
            issuer: expected.clone(),
            authorization_servers: servers(wire.authorization_servers)?,
            credential_endpoint: Endpoint::parse(&wire.credential_endpoint, "credential_endpoint")?,
            nonce_endpoint: endpoint(wire.nonce_endpoint, "nonce_endpoint")?,
            deferred_credential_endpoint: endpoint(
                wire.deferred_credential_endpoint,
                "deferred_credential_endpoint",
            )?,
            notification_endpoint: endpoint(wire.notification_endpoint, "notification_endpoint")?,
            request_encryption: wire.credential_request_encryption.map(request_encryption).transpose()?,
            response_encryption: wire.credential_response_encryption.map(response_encryption).transpose()?,
            batch_size: batch_size(wire.batch_credential_issuance)?,
            display: wire::displays(wire.display.unwrap_or_default())?,
            configurations,
            signer: None,
        })
    }

    /// One configuration.
    #[must_use]
    pub fn configuration(&self, id: &str) -> Option<&ConfigurationEntry> {
        self.configurations.iter().find(|(key, _)| key == id).map(|(_, entry)| entry)
    }

    /// The usable configuration with this identifier.
    #[must_use]
    pub fn usable(&self, id: &str) -> Option<&Configuration> {
        match self.configuration(id) {
            Some(ConfigurationEntry::Usable(configuration)) => Some(configuration),
            _ => None,
        }
    }

    /// Makes unusable what demands more of the holder's keys than this wallet can have attested.
    pub(crate) fn leave_out_unprovable(&mut self, power: &KeyAttestationPower) {
        for (_, entry) in &mut self.configurations {
            if let ConfigurationEntry::Usable(configuration) = entry
                && let Err(why) = configuration.proof.choose(power)
            {
                *entry = ConfigurationEntry::Unusable(why);
            }
        }
    }

    /// The document as an issuer publishes it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("credential_issuer", json!(self.issuer.as_str()));
        if let Some(servers) = &self.authorization_servers {
            put("authorization_servers", json!(servers.iter().map(Identifier::as_str).collect::<Vec<_>>()));
        }
        put("credential_endpoint", json!(self.credential_endpoint.url()));
        for (name, endpoint) in [
            ("nonce_endpoint", &self.nonce_endpoint),
            ("deferred_credential_endpoint", &self.deferred_credential_endpoint),
            ("notification_endpoint", &self.notification_endpoint),
        ] {
            if let Some(endpoint) = endpoint {
                put(name, json!(endpoint.url()));
            }
        }
        if let Some(it) = &self.request_encryption {
            put(
                "credential_request_encryption",
                json!({ "jwks": { "keys": it.keys }, "enc_values_supported": it.encryptions, "encryption_required": it.required }),
            );
        }
        if let Some(it) = &self.response_encryption {
            put(
                "credential_response_encryption",
                json!({ "alg_values_supported": it.algorithms, "enc_values_supported": it.encryptions, "encryption_required": it.required }),
            );
        }
        if self.batch_size > 1 {
            put("batch_credential_issuance", json!({ "batch_size": self.batch_size }));
        }
        if !self.display.is_empty() {
            put("display", json!(self.display));
        }
        let usable = self.configurations.iter().filter_map(|(id, entry)| match entry {
            ConfigurationEntry::Usable(configuration) => Some((id.clone(), configuration.to_json())),
            ConfigurationEntry::Unusable(_) => None,
        });
        let usable = Value::Object(usable.collect());
        put("credential_configurations_supported", usable);
        Value::Object(object)
    }
}

fn servers(list: Option<Vec<String>>) -> Result<Option<Vec<Identifier>>, WireError> {
    const MEMBER: &str = "authorization_servers";
    let Some(list) = list else { return Ok(None) };
    if list.is_empty() || list.len() > AUTHORIZATION_SERVERS_MAX {
        return Err(WireError::Member(MEMBER));
    }
    list.iter().map(|text| Identifier::parse(text, MEMBER)).collect::<Result<_, _>>().map(Some)
}

fn request_encryption(wire: RequestEncryptionWire) -> Result<RequestEncryption, WireError> {
    if wire.jwks.keys.is_empty() || wire.jwks.keys.len() > 64 || wire.enc_values_supported.is_empty() {
        return Err(WireError::Member("credential_request_encryption"));
    }
    Ok(RequestEncryption {
        keys: wire.jwks.keys,
        encryptions: wire.enc_values_supported,
        required: wire.encryption_required,
    })
}

fn response_encryption(wire: ResponseEncryptionWire) -> Result<ResponseEncryption, WireError> {
    if wire.alg_values_supported.is_empty() || wire.enc_values_supported.is_empty() {
        return Err(WireError::Member("credential_response_encryption"));
    }
    Ok(ResponseEncryption {
        algorithms: wire.alg_values_supported,
        encryptions: wire.enc_values_supported,
        required: wire.encryption_required,
    })
}

/// At least 2 where it is given (section 12.2.4); no more than `BATCH_MAX` are ever asked for.
fn batch_size(wire: Option<BatchWire>) -> Result<u32, WireError> {
    match wire {
        None => Ok(1),
        Some(BatchWire { batch_size }) if batch_size >= 2 => Ok(batch_size.min(BATCH_MAX)),
        Some(_) => Err(WireError::Member("batch_size")),
    }
}
