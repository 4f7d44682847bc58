//! What `client_metadata` may say (OpenID4VP 1.0 sections 5.1, 8.3, 11 and appendix B; VP-R8, VP-S3, VP-S4, VP-H1, VP-H6). Only `jwks`,
//! `encrypted_response_enc_values_supported` and `vp_formats_supported` are looked at; names, logos and addresses are not.

use std::collections::BTreeSet;

use crypto::PublicJwk;
use crypto::jwe::ContentEncryption;
use serde_json::{Map, Value};

use crate::limits;

/// Something in `client_metadata` has not the form that section 5.1 gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// `client_metadata`, as far as it is honoured.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ClientMetadata {
    encryption_keys: Vec<PublicJwk>,
    encryption_methods: Option<Vec<String>>,
    formats: Option<Map<String, Value>>,
}

/// The key and the content encryption that the answer is encrypted with.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseEncryption {
    key: PublicJwk,
    method: ContentEncryption,
}

impl ResponseEncryption {
    /// The verifier's key.
    pub fn key(&self) -> &PublicJwk {
        &self.key
    }

    /// The content encryption.
    pub fn method(&self) -> ContentEncryption {
        self.method
    }
}

impl ClientMetadata {
    pub(crate) fn parse(value: &Value) -> Result<Self, Malformed> {
        let members = value.as_object().ok_or(Malformed)?;
        let encryption_keys = members.get("jwks").map(encryption_keys).transpose()?.unwrap_or_default();
        let encryption_methods =
            members.get("encrypted_response_enc_values_supported").map(non_empty_texts).transpose()?;
        let formats = match members.get("vp_formats_supported") {
            None => None,
            Some(Value::Object(formats)) => Some(formats.clone()),
            Some(_) => return Err(Malformed),
        };
        Ok(Self { encryption_keys, encryption_methods, formats })
    }

    /// The first usable key, and of the content encryptions offered the one preferred here (HAIP 1.0 section 5: A256GCM).
    pub(crate) fn response_encryption(&self) -> Option<ResponseEncryption> {
        let offered = |method: ContentEncryption| match &self.encryption_methods {
            // Section 5.1: the default is the single value A128GCM.
            None => method == ContentEncryption::A128Gcm,
            Some(names) => names.iter().any(|name| name == method.name()),
        };
        let method =
            [ContentEncryption::A256Gcm, ContentEncryption::A128Gcm].into_iter().find(|m| offered(*m))?;
        Some(ResponseEncryption { key: self.encryption_keys.first()?.clone(), method })
    }

    /// Whether presentations of this format as we sign them (ES256 throughout) are accepted. What the verifier leaves out it accepts.
    pub(crate) fn accepts(&self, format: &str) -> bool {
        let Some(formats) = &self.formats else { return true };
        let Some(parameters) = formats.get(format) else { return false };
        let names_es256 = |name: &str| match parameters.get(name) {
            None => true,
            Some(values) => {
                values.as_array().is_some_and(|values| values.iter().any(|value| value == "ES256"))
            }
        };
        let codes_es256 = |name: &str| match parameters.get(name) {
            None => true,
            Some(values) => {
                let codes = values
                    .as_array()
                    .map(|values| values.iter().filter_map(Value::as_i64).collect::<Vec<_>>());
                codes.is_some_and(|codes| mdoc::algorithm_values_allow_es256(&codes))
            }
        };
        match format {
            "dc+sd-jwt" => names_es256("sd-jwt_alg_values") && names_es256("kb-jwt_alg_values"),
            "mso_mdoc" => codes_es256("issuerauth_alg_values") && codes_es256("deviceauth_alg_values"),
            _ => false,
        }
    }
}

/// The keys to encrypt to: every JWK has its own `kid`; those of another use, type or algorithm are skipped (VP-S4).
fn encryption_keys(jwks: &Value) -> Result<Vec<PublicJwk>, Malformed> {
    let entries = jwks.get("keys").and_then(Value::as_array).ok_or(Malformed)?;
    if entries.len() > limits::MAX_ENCRYPTION_KEYS {
        return Err(Malformed);
    }
    let mut kids = BTreeSet::new();
    let mut usable = Vec::new();
    for entry in entries {
        let kid = entry.get("kid").and_then(Value::as_str).ok_or(Malformed)?;
        if !kids.insert(kid) {
            return Err(Malformed);
        }
        let Ok(key) = PublicJwk::from_value(entry) else { continue };
        // Section 8.3: `alg` is there. A key whose `use` or `key_ops` are another purpose's would fail after the yes.
        if key.alg() == Some("ECDH-ES") && key.encryption_key().is_ok() {
            usable.push(key);
        }
    }
    Ok(usable)
}

fn non_empty_texts(value: &Value) -> Result<Vec<String>, Malformed> {
    let entries = value.as_array().filter(|entries| !entries.is_empty()).ok_or(Malformed)?;
    entries.iter().map(|entry| entry.as_str().map(str::to_owned).ok_or(Malformed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // rule: VP-S4
    #[test]
    fn a_key_that_cannot_encrypt_is_skipped() {
        let key = |kid: &str, more: Value| {
            // RFC 7517 appendix A.1.
            let mut key = json!({
                "kty": "EC", "crv": "P-256", "kid": kid,
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            });
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            key
        };
        let chosen = |keys: &[&Value]| {
            let metadata = ClientMetadata::parse(&json!({ "jwks": { "keys": keys } })).unwrap();
            metadata.response_encryption().map(|encryption| encryption.key().kid().unwrap().to_owned())
        };
        let good = key("good", json!({ "alg": "ECDH-ES", "key_ops": ["deriveKey"] }));
        for unusable in [
            json!({ "alg": "ECDH-ES", "key_ops": ["wrapKey"] }),
            json!({ "alg": "ECDH-ES", "use": "sig" }),
            json!({ "alg": "ECDH-ES+A256KW" }),
            json!({ "use": "enc" }),
        ] {
            let unusable = key("unusable", unusable);
            assert_eq!(chosen(&[&unusable, &good]).as_deref(), Some("good"), "{unusable}");
            assert_eq!(chosen(&[&unusable]), None, "{unusable}");
        }
    }

    // rule: VP-S4
    #[test]
    fn the_keys_to_encrypt_to_are_bounded_and_the_bound_is_inside() {
        let keys = |count: usize| {
            let keys: Vec<Value> =
                (0..count).map(|n| json!({ "kty": "OKP", "kid": n.to_string() })).collect();
            encryption_keys(&json!({ "keys": keys }))
        };
        assert_eq!(keys(limits::MAX_ENCRYPTION_KEYS), Ok(Vec::new()));
        assert_eq!(keys(limits::MAX_ENCRYPTION_KEYS + 1), Err(Malformed));
    }
}
