//! `decentralized_identifier:` (OpenID4VP 1.0 section 5.9.3; VP-C5): the key that a request is signed with, out of the DID document and
//! chosen by `kid`. Three methods: `did:jwk` and `did:key` hold their own key, the document of `did:web` is fetched.

use crypto::{PublicJwk, PublicKey};
use primitives::http::{Request, Response};
use primitives::json;
use serde_json::Value;
use url::{Host, Url};

use super::error::RequestError;
use crate::limits;
use crate::uri;

/// The multicodec of a P-256 public key (`p256-pub`, 0x1200) as a variable-length integer.
const P256_MULTICODEC: [u8; 2] = [0x80, 0x24];

/// A DID of a method that this wallet resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Did {
    /// `did:jwk` or `did:key`: the document follows from the identifier.
    Own(DidDocument),
    /// `did:web`: the document is at this address.
    Web(Url),
}

impl Did {
    /// Reads a DID without path, query or fragment.
    pub(crate) fn parse(did: &str) -> Result<Self, RequestError> {
        let rest = did.strip_prefix("did:").ok_or(RequestError::DidMalformed)?;
        let (method, identifier) = rest.split_once(':').ok_or(RequestError::DidMalformed)?;
        let character = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte);
        if identifier.is_empty() || !identifier.bytes().all(character) {
            return Err(RequestError::DidMalformed);
        }
        match method {
            "jwk" => {
                let bytes =
                    primitives::base64url::decode(identifier).map_err(|_| RequestError::DidMalformed)?;
                let jwk = json::parse_strict(&bytes, limits::MAX_CLIENT_ID_BYTES)
                    .map_err(|_| RequestError::DidMalformed)?;
                let key = verification_key(&jwk).ok_or(RequestError::DidKey)?;
                Ok(Self::Own(DidDocument { did: did.to_owned(), methods: vec![(format!("{did}#0"), key)] }))
            }
            "key" => {
                let key = multibase_key(identifier).ok_or(RequestError::DidMalformed)?;
                let id = format!("{did}#{identifier}");
                Ok(Self::Own(DidDocument { did: did.to_owned(), methods: vec![(id, key)] }))
            }
            "web" => Ok(Self::Web(web_address(identifier).ok_or(RequestError::DidMalformed)?)),
            _ => Err(RequestError::DidMethod),
        }
    }
}

/// What a DID document says of keys: the verification methods with a P-256 key, by their whole identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DidDocument {
    did: String,
    methods: Vec<(String, PublicKey)>,
}

impl DidDocument {
    /// Reads the document of this DID. Other members than `id` and `verificationMethod`, and methods with other keys, are not looked at.
    fn parse(bytes: &[u8], did: &str) -> Result<Self, RequestError> {
        let document = json::parse_strict_object(bytes, limits::MAX_DID_DOCUMENT_BYTES)
            .map_err(|_| RequestError::DidDocument)?;
        if document.get("id").and_then(Value::as_str) != Some(did) {
            return Err(RequestError::DidDocument);
        }
        let entries = match document.get("verificationMethod") {
            None => &[][..],
            Some(Value::Array(entries)) if entries.len() <= limits::MAX_VERIFICATION_METHODS => entries,
            Some(_) => return Err(RequestError::DidDocument),
        };
        let method = |entry: &Value| {
            let id = absolute(entry.get("id")?.as_str()?, did)?;
            // A method that somebody else controls is not a key of this DID.
            let own = entry.get("controller").is_none_or(|controller| controller == did);
            let key = match (entry.get("publicKeyJwk"), entry.get("publicKeyMultibase")) {
                (Some(jwk), None) => verification_key(jwk)?,
                (None, Some(text)) => multibase_key(text.as_str()?)?,
                _ => return None,
            };
            own.then_some((id, key))
        };
        Ok(Self { did: did.to_owned(), methods: entries.iter().filter_map(method).collect() })
    }

    /// The document, if it is that of this DID.
    pub(crate) fn of(&self, did: &str) -> Option<&Self> {
        (self.did == did).then_some(self)
    }

    /// The key that `kid` names, whole or as a fragment. A name that two methods share names none.
    pub(crate) fn key(&self, kid: &str) -> Option<&PublicKey> {
        let wanted = absolute(kid, &self.did)?;
        let mut fitting = self.methods.iter().filter(|(id, _)| *id == wanted).map(|(_, key)| key);
        let key = fitting.next()?;
        fitting.next().is_none().then_some(key)
    }
}

/// A `did:web` document that has to be fetched before the signature can be checked.
#[derive(Debug)]
pub(crate) struct DidFetch {
    did: String,
    url: Url,
}

impl DidFetch {
    pub(crate) fn new(did: &str, url: Url) -> Self {
        Self { did: did.to_owned(), url }
    }

    pub(crate) fn did(&self) -> &str {
        &self.did
    }

    pub(crate) fn request(&self) -> Request {
        Request::get(self.url.clone())
            .with_header("accept", "application/did+json, application/json")
            .with_max_response_bytes(limits::MAX_DID_DOCUMENT_BYTES)
    }

    pub(crate) fn receive(&self, response: &Response) -> Result<DidDocument, RequestError> {
        if response.status != 200 {
            return Err(RequestError::DidDocument);
        }
        DidDocument::parse(&response.body, &self.did)
    }
}

/// A DID URL of this DID: as it is, or completed where it is a fragment alone.
fn absolute(id: &str, did: &str) -> Option<String> {
    let (before, fragment) = id.split_once('#')?;
    let fits = !fragment.is_empty() && !fragment.contains('#') && (before.is_empty() || before == did);
    fits.then(|| format!("{did}#{fragment}"))
}

fn verification_key(jwk: &Value) -> Option<PublicKey> {
    PublicJwk::from_value(jwk).ok()?.verification_key().ok().copied()
}

/// A P-256 key as base58btc multibase (`z`) with its multicodec in front.
fn multibase_key(text: &str) -> Option<PublicKey> {
    let encoded = text.strip_prefix('z')?;
    // 35 bytes that begin like these are 48 characters; decoding costs the square of the length.
    if encoded.len() != 48 {
        return None;
    }
    let bytes = bs58::decode(encoded).into_vec().ok()?;
    PublicKey::from_sec1_compressed(bytes.strip_prefix(&P256_MULTICODEC)?).ok()
}

/// The address of a `did:web` document: the first part is a host name with an optional port after `%3A`, the others are a path.
fn web_address(identifier: &str) -> Option<Url> {
    let mut parts = identifier.split(':');
    let host = parts.next()?.replacen("%3A", ":", 1).replacen("%3a", ":", 1);
    let mut path: Vec<&str> = parts.collect();
    // No percent-encoding beyond the port's colon, and no step upwards.
    let plain = |part: &str| !part.is_empty() && !part.contains('%') && part != "." && part != "..";
    if !plain(&host) || !path.iter().all(|part| plain(part)) {
        return None;
    }
    if path.is_empty() {
        path.push(".well-known");
    }
    let url = uri::endpoint(&format!("https://{host}/{}/did.json", path.join("/")), false)?;
    matches!(url.host(), Some(Host::Domain(_))).then_some(url)
}

#[cfg(test)]
mod tests;
