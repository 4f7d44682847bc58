//! Public keys as JWK (RFC 7517, RFC 7518 section 6.2) and their thumbprints (RFC 7638).

use primitives::base64url;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::hash::sha256;
use crate::keys::PublicKey;

/// The most keys of a set that are looked at.
pub const MAX_KEYS: usize = 64;
/// The most bytes of `kid`, `alg` and `use`.
const MAX_TEXT_BYTES: usize = 512;
/// The most entries of `key_ops`; RFC 7517 section 4.3 knows eight.
const MAX_OPERATIONS: usize = 16;
/// The members that only private and symmetric keys have (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a JWK is not a public key we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON object, or a member has the wrong type.
    #[error("the JWK is malformed")]
    Malformed,
    /// Private or symmetric key material where a public key belongs.
    #[error("the JWK contains a private key")]
    Private,
    /// Another `kty`, `crv`, or an `alg` that does not go with P-256.
    #[error("the JWK's key type is not supported")]
    Unsupported,
    /// The coordinates are not a point of P-256 in 32 bytes each.
    #[error("the JWK is not a point of its curve")]
    NotOnCurve,
    /// `use`, `key_ops` or `alg` say that the key is for something else (RFC 7517 sections 4.2 to 4.4).
    #[error("the JWK is not for this use")]
    Use,
}

/// A P-256 public key with the members of its JWK that matter. Equality includes these members; compare keys by [`key`](Self::key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicJwk {
    key: PublicKey,
    kid: Option<String>,
    alg: Option<String>,
    usage: Option<String>,
    /// `key_ops`.
    operations: Option<Vec<String>>,
}

impl PublicJwk {
    /// A JWK of `kty`, `crv`, `x`, `y` only.
    pub fn new(key: PublicKey) -> Self {
        Self { key, kid: None, alg: None, usage: None, operations: None }
    }

    /// The JWK with a `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The JWK with an `alg`, such as `ECDH-ES`.
    #[must_use]
    pub fn with_alg(mut self, alg: impl Into<String>) -> Self {
        self.alg = Some(alg.into());
        self
    }

    /// The JWK with a `use`, `sig` or `enc`.
    #[must_use]
    pub fn with_use(mut self, usage: impl Into<String>) -> Self {
        self.usage = Some(usage.into());
        self
    }

    /// Reads a JWK. The caller has refused repeated members (`primitives::json`).
    ///
    /// # Errors
    /// See [`JwkError`].
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        Self::from_members(value.as_object().ok_or(JwkError::Malformed)?)
    }

    /// As [`from_value`](Self::from_value), of an object's members.
    ///
    /// # Errors
    /// See [`JwkError`].
    pub fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        if PRIVATE_MEMBERS.iter().any(|private| members.contains_key(*private)) {
            return Err(JwkError::Private);
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= MAX_TEXT_BYTES => Ok(Some(text.clone())),
            Some(_) => Err(JwkError::Malformed),
        };
        if text("kty")?.ok_or(JwkError::Malformed)? != "EC"
            || text("crv")?.ok_or(JwkError::Malformed)? != "P-256"
        {
            return Err(JwkError::Unsupported);
        }
        let alg = text("alg")?;
        if alg.as_deref().is_some_and(|alg| !matches!(alg, "ES256" | "ECDH-ES")) {
            return Err(JwkError::Unsupported);
        }
        let operations = match members.get("key_ops") {
            None => None,
            Some(Value::Array(list)) if list.len() <= MAX_OPERATIONS => {
                let names = list.iter().map(|name| name.as_str().map(str::to_owned));
                Some(names.collect::<Option<Vec<_>>>().ok_or(JwkError::Malformed)?)
            }
            Some(_) => return Err(JwkError::Malformed),
        };
        let coordinate = |name: &str| -> Result<[u8; 32], JwkError> {
            let text = text(name)?.ok_or(JwkError::Malformed)?;
            let bytes = base64url::decode(&text).map_err(|_| JwkError::Malformed)?;
            // RFC 7518 section 6.2.1.2: the full size of a coordinate, leading zeros included.
            bytes.try_into().map_err(|_| JwkError::NotOnCurve)
        };
        let key = PublicKey::from_coordinates(&coordinate("x")?, &coordinate("y")?)
            .map_err(|_| JwkError::NotOnCurve)?;
        Ok(Self { key, kid: text("kid")?, alg, usage: text("use")?, operations })
    }

    /// The JSON form.
    pub fn to_value(&self) -> Value {
        let (x, y) = self.key.coordinates();
        let mut members = Map::new();
        let mut put =
            |name: &str, text: &str| members.insert(name.to_owned(), Value::String(text.to_owned()));
        put("kty", "EC");
        put("crv", "P-256");
        put("x", &base64url::encode(&x));
        put("y", &base64url::encode(&y));
        for (name, text) in [("kid", &self.kid), ("alg", &self.alg), ("use", &self.usage)] {
            if let Some(text) = text {
                put(name, text);
            }
        }
        if let Some(operations) = &self.operations {
            members.insert("key_ops".to_owned(), Value::from(operations.clone()));
        }
        Value::Object(members)
    }

    /// The key, for verifying ES256 signatures.
    ///
    /// # Errors
    /// [`JwkError::Use`] unless `use` is `sig` or absent, `key_ops` has `verify` or is absent, and `alg` is `ES256` or absent.
    pub fn verification_key(&self) -> Result<&PublicKey, JwkError> {
        self.is_for("sig", &["verify"], "ES256").then_some(&self.key).ok_or(JwkError::Use)
    }

    /// The key, for encrypting to with ECDH-ES.
    ///
    /// # Errors
    /// [`JwkError::Use`] unless `use` is `enc` or absent, `key_ops` has `deriveKey` or `deriveBits`, is empty (a public half has no operation of its own,
    /// Web Cryptography section 24.4) or absent, and `alg` is `ECDH-ES` or absent.
    pub fn encryption_key(&self) -> Result<&PublicKey, JwkError> {
        let for_use = self.operations.as_deref() == Some(&[]) && self.is_for_use("enc", "ECDH-ES")
            || self.is_for("enc", &["deriveKey", "deriveBits"], "ECDH-ES");
        for_use.then_some(&self.key).ok_or(JwkError::Use)
    }

    fn is_for(&self, usage: &str, operations: &[&str], alg: &str) -> bool {
        let permitted = self
            .operations
            .as_ref()
            .is_none_or(|present| present.iter().any(|operation| operations.contains(&operation.as_str())));
        permitted && self.is_for_use(usage, alg)
    }

    fn is_for_use(&self, usage: &str, alg: &str) -> bool {
        self.usage().is_none_or(|present| present == usage) && self.alg().is_none_or(|present| present == alg)
    }

    /// The key, whatever it is for; see [`verification_key`](Self::verification_key) and [`encryption_key`](Self::encryption_key).
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `alg`: `ES256`, `ECDH-ES` or absent.
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// `use`.
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// The RFC 7638 thumbprint with SHA-256: of `crv`, `kty`, `x`, `y` only.
    pub fn thumbprint(&self) -> [u8; 32] {
        let (x, y) = self.key.coordinates();
        let canonical = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            base64url::encode(&x),
            base64url::encode(&y)
        );
        sha256(canonical.as_bytes())
    }

    /// The thumbprint as base64url, as `jkt` has it.
    pub fn thumbprint_base64url(&self) -> String {
        base64url::encode(&self.thumbprint())
    }
}

impl Serialize for PublicJwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicJwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The usable keys of a JWK set. Keys that are not usable (another `kty`, `crv` or `alg`, malformed, private) are left out
/// (RFC 7517 section 5, VP-S4), so the list may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Jwks {
    keys: Vec<PublicJwk>,
}

impl Jwks {
    /// A set of these keys.
    pub fn new(keys: Vec<PublicJwk>) -> Self {
        Self { keys }
    }

    /// Reads `{"keys": [...]}` with at most [`MAX_KEYS`] entries.
    ///
    /// # Errors
    /// [`JwkError::Malformed`] if it is no such object or has more entries.
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let entries = value.get("keys").and_then(Value::as_array).ok_or(JwkError::Malformed)?;
        if entries.len() > MAX_KEYS {
            return Err(JwkError::Malformed);
        }
        Ok(Self { keys: entries.iter().filter_map(|entry| PublicJwk::from_value(entry).ok()).collect() })
    }

    /// The usable keys in the order of the set.
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The usable key with that `kid`; `None` if there is none or more than one.
    pub fn by_kid(&self, kid: &str) -> Option<&PublicJwk> {
        let mut matching = self.keys.iter().filter(|key| key.kid() == Some(kid));
        let first = matching.next();
        if matching.next().is_some() { None } else { first }
    }
}

impl<'de> Deserialize<'de> for Jwks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
