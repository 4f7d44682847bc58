//! Encryption of credential requests and responses above TLS.
//!
//! Clauses: OpenID4VCI 1.0 section 10; HAIP 1.0 section 7; CI-24. ECDH-ES on P-256 with A256GCM or A128GCM, never compressed. Used wherever the issuer
//! offers what this wallet can, and demanded where it is required: a response that was asked for encrypted is refused in plain text, and asking for one
//! encrypts the request too. Every request has a response key of its own, a deferred one as well (section 9.1).

use std::sync::Arc;

use crypto::jwe::{self, ContentEncryption, Jwe, PartyInfo};
use crypto::{PrivateKey, PublicJwk, SecretVec, Signer};
use primitives::{Entropy, EntropyUnavailable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::metadata::{IssuerMetadata, RequestEncryption, ResponseEncryption};

/// What an issuer says of encryption, as far as it is needed again when a deferred paper is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct EncryptionOffer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestEncryption>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<ResponseEncryption>,
}

impl EncryptionOffer {
    pub(crate) fn of(issuer: &IssuerMetadata) -> Self {
        Self { request: issuer.request_encryption.clone(), response: issuer.response_encryption.clone() }
    }
}

/// What one request and its response are encrypted with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Encryption {
    request: Option<(PublicJwk, ContentEncryption)>,
    response: Option<(Arc<PrivateKey>, ContentEncryption)>,
}

/// Why there is no encryption that both sides can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoEncryption {
    /// The issuer requires what this wallet cannot, or a response without offering an encrypted request.
    Unsupported,
    /// No randomness.
    Entropy,
}

impl From<EntropyUnavailable> for NoEncryption {
    fn from(_: EntropyUnavailable) -> Self {
        Self::Entropy
    }
}

/// The strongest of the named `enc` values (HA-6 prefers A256GCM).
fn strongest(names: &[String]) -> Option<ContentEncryption> {
    let known: Vec<ContentEncryption> =
        names.iter().filter_map(|it| ContentEncryption::from_name(it)).collect();
    let strong = known.iter().find(|it| **it == ContentEncryption::A256Gcm);
    strong.or(known.first()).copied()
}

/// The issuer's key and the `enc` that requests are encrypted with, if there is one that this wallet can.
fn recipient(offered: &RequestEncryption) -> Option<(PublicJwk, ContentEncryption)> {
    let usable = |jwk: &PublicJwk| jwk.alg() == Some("ECDH-ES") && jwk.usage().is_none_or(|it| it == "enc");
    let key = offered.keys.iter().filter_map(|it| PublicJwk::from_value(it).ok()).find(usable)?;
    Some((key, strongest(&offered.encryptions)?))
}

impl Encryption {
    /// What both sides can of what this issuer offers, with a fresh key for the response.
    ///
    /// What is merely offered and that this wallet cannot is left alone; what is required and that it cannot is an error.
    pub(crate) fn agreed(offer: &EncryptionOffer, entropy: &dyn Entropy) -> Result<Self, NoEncryption> {
        let request = offer.request.as_ref().and_then(recipient);
        if request.is_none() && offer.request.as_ref().is_some_and(|it| it.required) {
            return Err(NoEncryption::Unsupported);
        }
        let enc = offer.response.as_ref().and_then(|offered| {
            let agrees = offered.algorithms.iter().any(|it| it == "ECDH-ES");
            strongest(&offered.encryptions).filter(|_| agrees)
        });
        // a plain request could have its response key exchanged on the way (section 8.2)
        let response = match enc.filter(|_| request.is_some()) {
            Some(enc) => Some((Arc::new(PrivateKey::generate(entropy)?), enc)),
            None if offer.response.as_ref().is_some_and(|it| it.required) => {
                return Err(NoEncryption::Unsupported);
            }
            None => None,
        };
        Ok(Self { request, response })
    }

    /// The `credential_response_encryption` member of the request, if the response is to be encrypted.
    pub(crate) fn response_parameters(&self) -> Option<Value> {
        let (key, enc) = self.response.as_ref()?;
        let jwk = key.public_key().to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("1");
        Some(json!({ "jwk": jwk, "enc": enc.name() }))
    }

    /// The body and its media type.
    pub(crate) fn seal(
        &self,
        body: Vec<u8>,
        entropy: &dyn Entropy,
    ) -> Result<(Vec<u8>, &'static str), NoEncryption> {
        let Some((key, enc)) = &self.request else { return Ok((body, "application/json")) };
        let sealed = jwe::encrypt(key, *enc, &PartyInfo::default(), &body, entropy);
        let sealed = sealed.map_err(|error| match error {
            jwe::EncryptError::Entropy(_) => NoEncryption::Entropy,
            _ => NoEncryption::Unsupported,
        })?;
        Ok((sealed.into_bytes(), "application/jwt"))
    }

    /// Whether the response must be encrypted.
    pub(crate) fn expects_encrypted(&self) -> bool {
        self.response.is_some()
    }

    /// The decrypted response, under the `enc` that was asked for.
    pub(crate) fn open(&self, body: &[u8]) -> Option<SecretVec> {
        let (key, enc) = self.response.as_ref()?;
        let jwe = Jwe::parse(std::str::from_utf8(body).ok()?).ok()?;
        if jwe.enc() != *enc {
            return None;
        }
        jwe.decrypt(key).ok()
    }
}
