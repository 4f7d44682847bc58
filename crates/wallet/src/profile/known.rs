//! The verifiers that a profile knows by name, as they are written in the file (OpenID4VP 1.0 section 5.9; VP-C1, VP-C5, VP-C6).

use crypto::Jwks;
use openid4vp::holder::{Attester, AttesterKeys, KnownClient, KnownDid, KnownVerifiers};
use primitives::LocalizedText;
use serde::Deserialize;
use serde_json::Value;

use super::wire::plain;
use super::{MAX_ANCHORS, ProfileError};

const CLIENTS: &str = "knownVerifiers.clients";
const DIDS: &str = "knownVerifiers.dids";
const ATTESTERS: &str = "knownVerifiers.attesters";

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Lists {
    #[serde(default)]
    clients: Vec<Client>,
    #[serde(default)]
    dids: Vec<Did>,
    #[serde(default)]
    attesters: Vec<AttesterEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Client {
    client_id: String,
    name: LocalizedText,
    response_uris: Vec<String>,
    /// Absent: it does not sign.
    #[serde(default)]
    jwks: Option<Value>,
    /// Absent: its requests say it in `client_metadata`.
    #[serde(default)]
    metadata: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Did {
    did: String,
    name: LocalizedText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttesterEntry {
    issuer: String,
    /// Its keys, or else
    #[serde(default)]
    jwks: Option<Value>,
    /// the roots above the certificates that it signs with.
    #[serde(default)]
    certificates: Vec<String>,
}

impl Lists {
    pub(super) fn into_known(self) -> Result<KnownVerifiers, ProfileError> {
        let clients = self.clients.into_iter().map(Client::into_known).collect::<Result<Vec<_>, _>>()?;
        let dids: Vec<KnownDid> =
            self.dids.into_iter().map(|Did { did, name }| KnownDid { did, name }).collect();
        let attesters =
            self.attesters.into_iter().map(AttesterEntry::into_known).collect::<Result<Vec<_>, _>>()?;
        once(CLIENTS, clients.iter().map(KnownClient::id))?;
        once(DIDS, dids.iter().map(|known| known.did.as_str()))?;
        once(ATTESTERS, attesters.iter().map(|attester| attester.issuer.as_str()))?;
        if dids.iter().any(|known| !known.did.starts_with("did:")) {
            return Err(ProfileError::KnownVerifier(DIDS));
        }
        Ok(KnownVerifiers { clients, dids, attesters })
    }
}

impl Client {
    fn into_known(self) -> Result<KnownClient, ProfileError> {
        let keys = self.jwks.map_or(Ok(Jwks::default()), |jwks| keys(CLIENTS, &jwks))?;
        KnownClient::new(&self.client_id, self.name, self.response_uris, keys, self.metadata.as_ref())
            .map_err(|_| ProfileError::KnownVerifier(CLIENTS))
    }
}

impl AttesterEntry {
    fn into_known(self) -> Result<Attester, ProfileError> {
        let keys = match (self.jwks, self.certificates.is_empty()) {
            (Some(jwks), true) => AttesterKeys::Keys(keys(ATTESTERS, &jwks)?),
            (None, false) => AttesterKeys::Anchors(plain(ATTESTERS, &self.certificates)?),
            _ => return Err(ProfileError::KnownVerifier(ATTESTERS)),
        };
        Ok(Attester { issuer: self.issuer, keys })
    }
}

/// Keys that are named to verify signatures: each must be one that can.
fn keys(place: &'static str, jwks: &Value) -> Result<Jwks, ProfileError> {
    let listed = jwks.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
    let keys = Jwks::from_value(jwks).map_err(|_| ProfileError::KnownVerifier(place))?;
    let usable = keys.keys().iter().filter(|key| key.verification_key().is_ok()).count();
    if listed == 0 || usable != listed { Err(ProfileError::KnownVerifier(place)) } else { Ok(keys) }
}

/// Nobody stands twice, and there are not too many.
fn once<'n>(place: &'static str, names: impl Iterator<Item = &'n str>) -> Result<(), ProfileError> {
    let mut names: Vec<&str> = names.collect();
    if names.len() > MAX_ANCHORS {
        return Err(ProfileError::TooMany(place));
    }
    let before = names.len();
    names.sort_unstable();
    names.dedup();
    if names.len() == before { Ok(()) } else { Err(ProfileError::KnownVerifier(place)) }
}
